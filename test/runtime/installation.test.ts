import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type InstallResult,
  listSatisfiedRequests,
  readInstallResult,
  readRequest,
  writeInstallResult,
} from '../../main/runtime/installResult.ts';
import { adviseCompiler, listCompilerFlags } from '../../main/runtime/addon.ts';
import {
  findWheelSource,
  type Library,
  listCudaRequirements,
  placeRuntime,
  placeWheelFile,
  provideLibrary,
  requireLibraries,
  tensorflowVersion,
  type WheelSystem,
} from '../../main/runtime/library.ts';
import { findRuntimePaths } from '../../main/runtime/paths.ts';
import { downloadWheel, unpackWheel } from '../../main/runtime/wheel.ts';
import { createZip } from '../support/zipArchive.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'installation-'))));
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const cachedName = `tensorflow-${tensorflowVersion}-${process.platform}-${process.arch}-cpu`;

/** Writes a cached library of one file of four bytes, whose manifest states another size on request. */
function writeCachedLibrary(bytesInManifest: number): string {
  const cached = join(folder, cachedName);
  mkdirSync(join(cached, 'lib'), { recursive: true });
  writeFileSync(join(cached, 'lib', 'libtensorflow_cc.so.2'), 'four');
  const files = [{ path: 'lib/libtensorflow_cc.so.2', bytes: bytesInManifest, sha256: '' }];
  writeFileSync(
    join(cached, 'manifest.json'),
    JSON.stringify({ version: tensorflowVersion, wheels: [], files }),
  );
  return cached;
}

describe('the cached library', () => {
  it('is used if all of its files are complete', async () => {
    const cached = writeCachedLibrary(4);
    const library = await provideLibrary(folder, 'cpu');
    expect(library).toEqual({ folder: cached, version: tensorflowVersion, variant: 'cpu' });
  });

  it('is downloaded again if a file was cut off, which fails with the next step without pip', async () => {
    writeCachedLibrary(5);
    vi.stubEnv('PATH', folder);
    await expect(provideLibrary(folder, 'cpu')).rejects.toThrow(
      /Python 3 with pip was not found; install .*npm run setup/,
    );
  });

  it('is cleared of partial files of dead installations but not of running ones', async () => {
    writeCachedLibrary(4);
    const dead = join(folder, 'partial-999999999-a');
    const alive = join(folder, `partial-${process.pid}-b`);
    mkdirSync(dead);
    mkdirSync(alive);
    await provideLibrary(folder, 'cpu');
    expect([existsSync(dead), existsSync(alive)]).toEqual([false, true]);
  });
});

describe('placeRuntime', () => {
  it('puts libraries, CUDA folder and addon where the addon looks for them, and removes older libraries', async () => {
    const cached = writeCachedLibrary(4);
    mkdirSync(join(cached, 'nvidia', 'cublas'), { recursive: true });
    const addon = join(folder, 'built.node');
    writeFileSync(addon, 'addon');
    const paths = findRuntimePaths(join(folder, 'project'), {});
    mkdirSync(paths.libraryFolder, { recursive: true });
    writeFileSync(join(paths.libraryFolder, 'libtensorflow.so.2.9.1'), 'old');
    const library: Library = { folder: cached, version: tensorflowVersion, variant: 'gpu' };
    const files = await placeRuntime(paths, library, addon);
    expect(files).toEqual([join(paths.libraryFolder, 'libtensorflow_cc.so.2'), paths.addonFile]);
    expect(files.every((file) => existsSync(file))).toBe(true);
    expect(existsSync(join(paths.libraryFolder, '..', 'nvidia', 'cublas'))).toBe(true);
    expect(existsSync(join(paths.libraryFolder, 'libtensorflow.so.2.9.1'))).toBe(false);
  });
});

describe('the result of an installation', () => {
  const createResult = (files: string[]): InstallResult => ({
    kind: 'tensorflow',
    device: 'CPU',
    version: '2.21.0',
    answers: ['wasm', 'auto'],
    why: [],
    files,
  });

  it('is read as it was written as long as its files exist', () => {
    const library = join(folder, 'library.so');
    const record = join(folder, 'deep', 'runtime.json');
    writeFileSync(library, '');
    writeInstallResult(record, createResult([library]));
    expect(readInstallResult(record)).toEqual(createResult([library]));
    rmSync(library);
    expect(readInstallResult(record)).toBeNull();
  });

  it('is null if the record is missing, cut off or in another format', () => {
    const record = join(folder, 'runtime.json');
    expect(readInstallResult(record)).toBeNull();
    writeFileSync(record, '{"kind": "tensor');
    expect(readInstallResult(record)).toBeNull();
    writeFileSync(record, '{"kind": "wasm", "files": []}');
    expect(readInstallResult(record)).toBeNull();
  });

  it('satisfies weaker requests but never stronger ones', () => {
    expect(listSatisfiedRequests('wasm')).toEqual(['wasm']);
    expect(listSatisfiedRequests('auto')).toEqual(['wasm', 'auto']);
    expect(listSatisfiedRequests('gpu')).toEqual(['wasm', 'auto', 'gpu']);
  });

  it('depends on the request in the environment variables', () => {
    expect(readRequest({})).toBe('auto');
    expect(readRequest({ SPARSE_FIELD_LAB_GPU: '1' })).toBe('gpu');
    expect(readRequest({ SPARSE_FIELD_LAB_BACKEND: 'wasm', SPARSE_FIELD_LAB_GPU: '1' })).toBe('wasm');
  });
});

describe('the cache folder of the runtime', () => {
  it('follows SPARSE_FIELD_LAB_CACHE', () => {
    expect(findRuntimePaths('/project', { SPARSE_FIELD_LAB_CACHE: '/cache' }).cacheFolder).toBe('/cache');
  });

  it.runIf(process.platform === 'linux')('follows XDG_CACHE_HOME on Linux', () => {
    expect(findRuntimePaths('/project', { XDG_CACHE_HOME: '/x' }).cacheFolder).toBe('/x/sparse-field-lab');
  });
});

describe('unpackWheel', () => {
  const library = Buffer.alloc(300_000, 'library');

  it('writes the chosen files and returns their sizes and SHA-256', async () => {
    const archive = join(folder, 'one.whl');
    writeFileSync(
      archive,
      createZip([
        { name: 'tensorflow/libtensorflow_cc.so.2', bytes: library },
        { name: 'tensorflow/python/big.py', bytes: Buffer.from('not wanted') },
        { name: 'nvidia/cuda_nvcc/bin/ptxas', bytes: Buffer.from('program'), isProgram: true },
      ]),
    );
    const files = await unpackWheel(archive, join(folder, 'out'), placeWheelFile);
    expect(files.map(({ path, bytes }) => [path, bytes])).toEqual([
      ['lib/libtensorflow_cc.so.2', 300_000],
      ['nvidia/cuda_nvcc/bin/ptxas', 7],
    ]);
    expect(files[0].sha256).toBe(createHash('sha256').update(library).digest('hex'));
    expect(readFileSync(join(folder, 'out', files[0].path)).equals(library)).toBe(true);
    expect(statSync(join(folder, 'out', files[1].path)).mode & 0o100).not.toBe(0);
    expect(existsSync(join(folder, 'out', 'tensorflow'))).toBe(false);
  });

  it('rejects an archive that was cut off', async () => {
    const archive = join(folder, 'half.whl');
    const bytes = createZip([{ name: 'tensorflow/libtensorflow_cc.so.2', bytes: library }]);
    writeFileSync(archive, bytes.subarray(0, bytes.length / 2));
    await expect(unpackWheel(archive, join(folder, 'out'), placeWheelFile)).rejects.toThrow();
  });

  it('rejects an archive with changed bytes', async () => {
    const archive = join(folder, 'changed.whl');
    const bytes = createZip([{ name: 'tensorflow/libtensorflow_cc.so.2', bytes: library }]);
    for (const offset of [80, 200]) {
      const changed = Buffer.from(bytes);
      changed[offset] ^= 0x10;
      writeFileSync(archive, changed);
      await expect(unpackWheel(archive, join(folder, 'out'), placeWheelFile)).rejects.toThrow();
    }
  });

  it('rejects a file with a wrong checksum', async () => {
    const archive = join(folder, 'checksum.whl');
    const bytes = createZip([{ name: 'tensorflow/libtensorflow_cc.so.2', bytes: library }]);
    // The CRC-32 is at byte 16 of an entry of the central directory.
    bytes[bytes.indexOf('PK\u0001\u0002') + 16] ^= 1;
    writeFileSync(archive, bytes);
    await expect(unpackWheel(archive, join(folder, 'out'), placeWheelFile)).rejects.toThrow(/is damaged/);
  });
});

describe('the chosen files of the wheels', () => {
  it('are the two libraries, the C headers and NVIDIA’s files without their headers', () => {
    const paths = {
      'tensorflow/libtensorflow_framework.so.2': 'lib/libtensorflow_framework.so.2',
      'tensorflow/libtensorflow_cc.2.dylib': 'lib/libtensorflow_cc.2.dylib',
      'tensorflow/libtensorflow_framework.2.dylib': 'lib/libtensorflow_framework.2.dylib',
      'tensorflow/python/lib_pywrap_tensorflow_common.dylib': null,
      'tensorflow/include/tensorflow/c/eager/c_api.h': 'include/tensorflow/c/eager/c_api.h',
      'tensorflow/include/xla/tsl/c/tsl_status.h': 'include/xla/tsl/c/tsl_status.h',
      'tensorflow/include/Eigen/Core': null,
      'tensorflow/python/_pywrap_tfe.so': null,
      'nvidia/cublas/lib/libcublas.so.12': 'nvidia/cublas/lib/libcublas.so.12',
      'nvidia/cublas/include/cublas.h': null,
    };
    for (const [name, path] of Object.entries(paths)) expect(placeWheelFile(name)).toBe(path);
  });

  it('include the CUDA packages that the metadata of the wheel names', () => {
    const metadata = [
      'Requires-Dist: numpy>=1.26.0',
      'Requires-Dist: nvidia-cublas-cu12<13.0,>=12.5.3.2; extra == "and-cuda"',
      "Requires-Dist: nvidia-nccl-cu12 (<3.0,>=2.25.1) ; extra == 'and-cuda'",
      'Requires-Dist: tensorflow-io-gcs-filesystem; extra == "gcs-filesystem"',
    ].join('\n');
    expect(listCudaRequirements(metadata)).toEqual([
      'nvidia-cublas-cu12<13.0,>=12.5.3.2',
      'nvidia-nccl-cu12<3.0,>=2.25.1',
    ]);
  });
});

/** Names of wheels of TensorFlow 2.21.0 as PyPI has them, for CPython 3.11. */
const wheelsOfPyPi = [
  'tensorflow-2.21.0-cp311-cp311-macosx_12_0_arm64.whl',
  'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_aarch64.whl',
  'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
  'tensorflow-2.21.0-cp311-cp311-win_amd64.whl',
  'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
];

describe('the wheel of a system', () => {
  const system = (changes: Partial<WheelSystem>): WheelSystem => ({
    platform: 'linux',
    arch: 'x64',
    kernel: '6.1.0',
    glibc: '2.36',
    ...changes,
  });
  /** Chooses as pip does: by the name and version of the package, and by the tag of the platform. */
  const findOnPyPi = (variant: 'cpu' | 'gpu', changes: Partial<WheelSystem>) => {
    const { requirement, tags } = findWheelSource(variant, system(changes));
    const start = `${requirement.replace('==', '-').replace('tensorflow-cpu', 'tensorflow_cpu')}-`;
    return wheelsOfPyPi.filter((name) => name.startsWith(start) && tags.some((tag) => name.includes(tag)));
  };

  it.each([
    ['cpu', { arch: 'x64' }, 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl'],
    ['gpu', { arch: 'x64' }, 'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl'],
    ['cpu', { arch: 'arm64' }, 'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_aarch64.whl'],
    [
      'cpu',
      { platform: 'darwin', arch: 'arm64', kernel: '21.0.0', glibc: null },
      'tensorflow-2.21.0-cp311-cp311-macosx_12_0_arm64.whl',
    ],
  ] as const)('for %s on %o is exactly one of PyPI: %s', (variant, changes, wheel) => {
    expect(findOnPyPi(variant, changes)).toEqual([wheel]);
  });

  it('holds libraries whose names are those of the system', () => {
    const mac = findWheelSource('cpu', system({ platform: 'darwin', arch: 'arm64', kernel: '25.1.0' }));
    expect(mac.libraries).toEqual(['libtensorflow_cc.2.dylib', 'libtensorflow_framework.2.dylib']);
    const linux = findWheelSource('cpu', system({ arch: 'arm64' }));
    expect(linux.libraries).toEqual(['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']);
  });

  it.each([
    [{ platform: 'win32' }, 'cpu', /this is win32 x64/],
    [{ platform: 'darwin' }, 'cpu', /for macOS on ARM only; this is darwin x64/],
    [{ platform: 'darwin', arch: 'arm64', kernel: '20.6.0' }, 'cpu', /macOS 12 or newer; this is Darwin 20/],
    [{ arch: 'riscv64' }, 'cpu', /this is linux riscv64/],
    [{ glibc: null }, 'cpu', /glibc 2\.27 or newer; this system has another C library/],
    [{ glibc: '2.17' }, 'cpu', /this system has glibc 2\.17/],
    [{ arch: 'arm64' }, 'gpu', /NVIDIA cards under Linux on x64 only; this is linux arm64/],
  ] as const)('does not exist for %o with %s', (changes, variant, reason) => {
    expect(() => findWheelSource(variant, system(changes))).toThrow(reason);
  });

  it('is refused if it lacks a library, with the names found', () => {
    const source = findWheelSource('cpu', system({}));
    const fileOf = (name: string) => ({ path: `lib/${name}`, bytes: 1, sha256: '' });
    const complete = { wheel: 'a.whl', files: source.libraries.map(fileOf) };
    expect(() => requireLibraries(complete, source)).not.toThrow();
    const incomplete = { wheel: 'a.whl', files: [fileOf('libtensorflow_cc.so.2')] };
    expect(() => requireLibraries(incomplete, source)).toThrow(
      'a.whl does not hold libtensorflow_framework.so.2 (found: lib/libtensorflow_cc.so.2)',
    );
  });
});

describe('the addon', () => {
  it('looks for its libraries relative to itself, in the way of each system', () => {
    expect(listCompilerFlags('linux')).toContain('-Wl,-rpath,$ORIGIN/../../deps/lib');
    expect(listCompilerFlags('darwin')).toContain('-Wl,-rpath,@loader_path/../../deps/lib');
  });

  it('is a bundle on macOS, whose Node functions are found when it is loaded', () => {
    expect(listCompilerFlags('darwin').join(' ')).toContain('-bundle -undefined dynamic_lookup');
    expect(listCompilerFlags('linux')).toContain('-shared');
  });

  it('is compiled by a compiler that each system can install', () => {
    expect(adviseCompiler('darwin')).toBe('run xcode-select --install');
    expect(adviseCompiler('linux')).toContain('apt install g++');
  });
});

describe('downloadWheel', () => {
  it('names the package and the next step if the download fails', async () => {
    await expect(
      downloadWheel(process.execPath, { requirement: 'tensorflow-cpu==2.21.0', tags: [] }, folder),
    ).rejects.toThrow(/could not download tensorflow-cpu==2\.21\.0 .*npm run setup/);
  });
});
