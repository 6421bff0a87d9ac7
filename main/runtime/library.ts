/**
 * TensorFlow's C library: taken from its Python wheel, kept unpacked in the shared cache, linked into the package. The wheels
 * differ between systems in their package, their platform tag and the names of the libraries.
 */

import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import {
  copyFile,
  link,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  statfs,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { release } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { RuntimePaths } from './paths.ts';
import { lookUpProcess } from './processIdentity.mjs';
import { downloadWheel, findPip, type UnpackedFile, unpackWheel } from './wheel.ts';

export type LibraryVariant = 'cpu' | 'gpu';

export interface Library {
  /** Contains `lib/`, `include/` and, for the graphics card, `nvidia/`. */
  readonly folder: string;
  readonly version: string;
  readonly variant: LibraryVariant;
}

/** Describes the cache folder: where every file came from. */
interface Manifest {
  readonly version: string;
  readonly wheels: readonly string[];
  readonly files: readonly UnpackedFile[];
}

/** The properties of a machine that decide which wheel fits it. */
export interface WheelSystem {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  /** Version of the operating system's kernel, such as `21.6.0`. */
  readonly kernel: string;
  /** Version of glibc, such as `2.36`; null if the system has another C library. */
  readonly glibc: string | null;
}

/** Arguments for pip, and the libraries that the wheel holds in its folder `tensorflow/`. */
export interface WheelSource {
  readonly requirement: string;
  readonly tags: readonly string[];
  readonly libraries: readonly string[];
}

export const tensorflowVersion = '2.21.0';
/** The oldest glibc that the Linux wheels support, as the tag `manylinux_2_27` says. */
const oldestGlibc = [2, 27];
/** Darwin 21 is macOS 12, which the tag `macosx_12_0` names. */
const oldestDarwin = 21;
/** Free bytes required before a download: wheel and unpacked files together, with some margin. */
const neededBytes = { cpu: 1.4e9, gpu: 9e9 } as const;

/**
 * Returns the unpacked library for `variant`, from the cache or else through pip.
 * @throws Error with the next step if it is not cached and cannot be downloaded.
 */
export async function provideLibrary(cacheFolder: string, variant: LibraryVariant): Promise<Library> {
  const source = findWheelSource(variant);
  const library = describeLibrary(cacheFolder, variant);
  await removePartials(cacheFolder);
  if (await isComplete(library.folder)) return library;
  const python = await findPip();
  await mkdir(cacheFolder, { recursive: true });
  await checkSpace(cacheFolder, variant);
  const partial = join(cacheFolder, `partial-${process.pid}-${randomUUID()}`);
  try {
    await fetchInto(partial, python, { source, variant });
    await takeOver(partial, library.folder);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return library;
}

/**
 * Returns which wheel of TensorFlow holds the library for `system`. Only the wheels for Linux on x64 are split into a small one for
 * the processor and one that also computes on NVIDIA cards; the others compute on the processor alone.
 * @throws Error with the reason if no wheel does.
 */
export function findWheelSource(variant: LibraryVariant, system = describeSystem()): WheelSource {
  const place = `${system.platform} ${system.arch}`;
  if (variant === 'gpu' && place !== 'linux x64')
    throw new Error(
      `TensorFlow ${tensorflowVersion} computes on NVIDIA cards under Linux on x64 only; this is ${place}.`,
    );
  switch (place) {
    case 'linux x64':
      return findLinuxWheel(variant === 'cpu' ? 'tensorflow-cpu' : 'tensorflow', 'x86_64', system);
    case 'linux arm64':
      return findLinuxWheel('tensorflow', 'aarch64', system);
    case 'darwin arm64':
      return findMacWheel(system);
    default:
      throw new Error(
        `TensorFlow ${tensorflowVersion} has its library for Linux on x64 and ARM and for macOS on ARM only; this is ${place}.`,
      );
  }
}

function findLinuxWheel(name: string, machine: 'x86_64' | 'aarch64', { glibc }: WheelSystem): WheelSource {
  if (glibc === null || !isAtLeast(glibc, oldestGlibc)) {
    const found = glibc === null ? 'another C library' : `glibc ${glibc}`;
    throw new Error(`its library needs glibc ${oldestGlibc.join('.')} or newer; this system has ${found}.`);
  }
  return {
    requirement: `${name}==${tensorflowVersion}`,
    tags: ['manylinux_2_27', 'manylinux_2_17', 'manylinux2014'].map((tag) => `${tag}_${machine}`),
    libraries: ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'],
  };
}

function findMacWheel({ kernel }: WheelSystem): WheelSource {
  if (!isAtLeast(kernel, [oldestDarwin]))
    throw new Error(`its library needs macOS 12 or newer; this is Darwin ${kernel}.`);
  return {
    requirement: `tensorflow==${tensorflowVersion}`,
    tags: ['macosx_12_0_arm64'],
    libraries: ['libtensorflow_cc.2.dylib', 'libtensorflow_framework.2.dylib'],
  };
}

function describeSystem(): WheelSystem {
  const { platform, arch } = process;
  return { platform, arch, kernel: release(), glibc: platform === 'linux' ? findGlibc() : null };
}

function findGlibc(): string | null {
  // Without this, the report looks up the names of all network connections, which may take seconds.
  Object.assign(process.report, { excludeNetwork: true });
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return report.header?.glibcVersionRuntime ?? null;
}

/** Compares a dotted version with the first numbers of another. */
function isAtLeast(version: string, oldest: readonly number[]): boolean {
  const numbers = version.split('.').map(Number);
  const differing = oldest.findIndex((number, index) => (numbers[index] ?? 0) !== number);
  return differing === -1 || (numbers[differing] ?? 0) > oldest[differing];
}

/** Whether the library is in the cache. */
export function isLibraryCached(cacheFolder: string, variant: LibraryVariant): Promise<boolean> {
  return isComplete(describeLibrary(cacheFolder, variant).folder);
}

function describeLibrary(cacheFolder: string, variant: LibraryVariant): Library {
  const name = `tensorflow-${tensorflowVersion}-${process.platform}-${process.arch}-${variant}`;
  return { folder: join(cacheFolder, name), version: tensorflowVersion, variant };
}

/** Whether the cached folder has a manifest and all its files in full length. */
async function isComplete(folder: string): Promise<boolean> {
  try {
    const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as Manifest;
    const sizes = await Promise.all(
      manifest.files.map(async ({ path }) => (await stat(join(folder, path))).size),
    );
    return sizes.every((size, index) => size === manifest.files[index].bytes);
  } catch {
    return false;
  }
}

/** Removes leftovers of killed installations from the cache. */
async function removePartials(cacheFolder: string): Promise<void> {
  if (!existsSync(cacheFolder)) return;
  for (const name of await readdir(cacheFolder)) {
    const owner = /^partial-(\d+)-/.exec(name);
    if (owner === null || lookUpProcess(Number(owner[1])).isAlive) continue;
    await rm(join(cacheFolder, name), { recursive: true, force: true });
  }
}

async function checkSpace(cacheFolder: string, variant: LibraryVariant): Promise<void> {
  const { bavail, bsize } = await statfs(cacheFolder);
  if (bavail * bsize >= neededBytes[variant]) return;
  const free = ((bavail * bsize) / 1e9).toFixed(1);
  const needed = (neededBytes[variant] / 1e9).toFixed(1);
  throw new Error(
    `Only ${free} GB are free at ${cacheFolder}, TensorFlow needs ${needed} GB while it is unpacked; ` +
      'make room or set SPARSE_FIELD_LAB_CACHE to a folder on another disk, then run: npm run setup',
  );
}

async function fetchInto(
  folder: string,
  python: string,
  { source, variant }: { source: WheelSource; variant: LibraryVariant },
): Promise<void> {
  const main = await fetchWheel(folder, python, source);
  requireLibraries(main, source);
  const fetched = [main];
  if (variant === 'gpu') {
    const metadata = await readFile(join(folder, 'METADATA'), 'utf8');
    for (const requirement of listCudaRequirements(metadata)) {
      fetched.push(await fetchWheel(folder, python, { ...source, requirement }));
    }
  }
  const manifest: Manifest = {
    version: tensorflowVersion,
    wheels: fetched.map(({ wheel }) => wheel),
    files: fetched.flatMap(({ files }) => files),
  };
  await writeFile(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 1)}\n`);
}

interface FetchedWheel {
  readonly wheel: string;
  readonly files: readonly UnpackedFile[];
}

/** @throws Error if the wheel lacks one of the libraries, because a later version has renamed it. */
export function requireLibraries({ wheel, files }: FetchedWheel, { libraries }: WheelSource): void {
  const found = files.map(({ path }) => path).filter((path) => path.startsWith('lib/'));
  const missing = libraries.filter((name) => !found.includes(`lib/${name}`));
  if (missing.length === 0) return;
  throw new Error(
    `${wheel} does not hold ${missing.join(' and ')} (found: ${found.join(', ') || 'no library'}); report this version.`,
  );
}

async function fetchWheel(folder: string, python: string, source: WheelSource): Promise<FetchedWheel> {
  const download = join(folder, 'download');
  const archive = await downloadWheel(python, source, download);
  const files = await unpackWheel(archive, folder, placeWheelFile);
  await rm(download, { recursive: true, force: true });
  if (files.length === 0)
    throw new Error(`${basename(archive)} holds none of the expected files; report this version.`);
  return { wheel: basename(archive), files };
}

/**
 * Returns the path of a wheel's file in the cache; null if it is not needed. Needed are the two libraries, the C headers for
 * compiling the addon, and everything except headers of NVIDIA's packages.
 */
export function placeWheelFile(name: string): string | null {
  const library = /^tensorflow\/(libtensorflow_(?:cc|framework)\.(?:so\.2|2\.dylib))$/.exec(name);
  if (library) return `lib/${library[1]}`;
  const header =
    /^tensorflow\/(include\/(?:tensorflow\/c|tensorflow\/core\/platform|tsl\/platform|xla\/tsl\/c)\/.*\.h)$/.exec(
      name,
    );
  if (header) return header[1];
  if (/^tensorflow-[^/]*\.dist-info\/METADATA$/.test(name)) return 'METADATA';
  return name.startsWith('nvidia/') && !name.includes('/include/') ? name : null;
}

/** Reads the requirements of TensorFlow's `and-cuda` extra, as arguments for pip, from the METADATA of a wheel. */
export function listCudaRequirements(metadata: string): string[] {
  return metadata
    .split('\n')
    .filter((line) => line.startsWith('Requires-Dist: nvidia-') && /extra\s*==\s*["']and-cuda["']/.test(line))
    .map((line) =>
      line
        .slice('Requires-Dist: '.length)
        .split(';')[0]
        .replaceAll(/[\s()]/g, ''),
    );
}

/** Moves the finished folder into place, unless another set-up was faster. */
async function takeOver(partial: string, folder: string): Promise<void> {
  if (await isComplete(folder)) return;
  await rm(folder, { recursive: true, force: true });
  await rename(partial, folder).catch(async (error: unknown) => {
    if (!(await isComplete(folder))) throw error;
  });
}

/**
 * Links `library` and `addon` into the package where tfjs-node-gpu looks for them; returns the files that must stay there. The
 * addon comes last, because the package counts as not installed as long as it is missing.
 */
export async function placeRuntime(paths: RuntimePaths, library: Library, addon: string): Promise<string[]> {
  await rm(join(paths.packageFolder, 'lib'), { recursive: true, force: true });
  await rm(join(paths.packageFolder, 'deps'), { recursive: true, force: true });
  await mkdir(paths.libraryFolder, { recursive: true });
  const source = join(library.folder, 'lib');
  const placed: string[] = [];
  for (const name of await readdir(source)) {
    await placeFile(join(source, name), join(paths.libraryFolder, name));
    placed.push(join(paths.libraryFolder, name));
  }
  const nvidia = join(library.folder, 'nvidia');
  // TensorFlow's libraries look for CUDA in ../nvidia, as in a Python installation.
  if (existsSync(nvidia)) await symlink(nvidia, join(paths.packageFolder, 'deps', 'nvidia'), 'dir');
  await mkdir(dirname(paths.addonFile), { recursive: true });
  await placeFile(addon, paths.addonFile);
  return [...placed, paths.addonFile];
}

/** Creates a hard link if the file system allows it, else a symbolic link, else a copy. */
async function placeFile(from: string, to: string): Promise<void> {
  for (const attempt of [link, symlink, copyWhole]) {
    if (
      await attempt(from, to).then(
        () => true,
        () => false,
      )
    )
      return;
  }
  throw new Error(
    `Could not place ${from} at ${to}: check that the folder can be written and the disk is not full.`,
  );
}

async function copyWhole(from: string, to: string): Promise<void> {
  await copyFile(from, `${to}.partial`);
  await rename(`${to}.partial`, to);
}
