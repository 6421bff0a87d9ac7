/** Finds Electron's program where npm installed it, and downloads it at the first use. */

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { findHomeFolder } from '../../shared/text/homeFolder.ts';
import { lastLine, runCommand } from './command.ts';
import { findRuntimePaths } from './paths.ts';
import { beginProgress, formatMegabytes } from './progress.ts';

const root = resolve(import.meta.dirname, '../..');
const packageFolder = join(root, 'node_modules', 'electron');

type Environment = Readonly<Record<string, string | undefined>>;
export type ElectronProgram = { readonly program: string } | { readonly reason: string };

/** Milliseconds for the whole download, and without a new byte. */
const downloadLimit = 15 * 60_000;
const stallLimit = 30_000;

/** Whether the user would see a window: not over SSH without a forwarded display, and not in CI. */
export function hasDisplay(
  environment: Environment = process.env,
  platform: NodeJS.Platform = process.platform,
): boolean {
  if (environment.CI) return false;
  if (platform === 'win32' || platform === 'darwin') return !environment.SSH_CONNECTION;
  return Boolean(environment.DISPLAY || environment.WAYLAND_DISPLAY);
}

/** Finds Electron, or downloads it from the location in the npm settings (`ELECTRON_MIRROR` and the like). */
export async function findElectron(): Promise<ElectronProgram> {
  const found = findProgram();
  if (found) return { program: found };
  const installer = join(packageFolder, 'install.js');
  if (!existsSync(installer)) return { reason: 'the package electron is not installed' };
  const failure = await download(installer);
  const program = findProgram();
  return program ? { program } : { reason: failure || 'its download left no program behind' };
}

/** Whether Electron is installed. */
export function hasElectron(): boolean {
  return findProgram() !== null;
}

function findProgram(): string | null {
  try {
    const name = readFileSync(join(packageFolder, 'path.txt'), 'utf8');
    const program = join(process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(packageFolder, 'dist'), name);
    return existsSync(program) ? program : null;
  } catch {
    return null;
  }
}

/** Returns what went wrong, in a few words; empty if nothing did. */
async function download(installer: string): Promise<string> {
  const folder = join(root, 'node_modules', '.sparse-field-lab', `electron-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  const line = beginProgress('Electron, about 120 MB, at the first start');
  const watch = watchGrowth([folder, join(packageFolder, 'dist')], (bytes) =>
    line.update(formatMegabytes(bytes)),
  );
  try {
    const result = await runCommand(process.execPath, [installer], {
      limit: downloadLimit,
      // The download grows in the temporary folder; one of its own can be watched.
      environment: { TMPDIR: folder, TEMP: folder, TMP: folder, ...substituteHome() },
      watch,
    });
    const failure = result.isOk ? '' : describe(result.stderr) || result.failure;
    line.end(result.isOk ? 'is installed' : 'could not be downloaded');
    return failure;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Electron's installer stores its archive in the home folder; an account without one uses the cache folder. */
function substituteHome(): Readonly<Record<string, string>> {
  return findHomeFolder(homedir) === null ? { HOME: findRuntimePaths().cacheFolder } : {};
}

/** A watcher for `runCommand`: reports the size, and ends a download that has stalled. */
function watchGrowth(folders: readonly string[], report: (bytes: number) => void): () => string | null {
  let most = 0;
  let grewAt = performance.now();
  return () => {
    const bytes = folders.reduce((sum, folder) => sum + countBytes(folder), 0);
    if (bytes > most) {
      most = bytes;
      grewAt = performance.now();
      report(bytes);
    }
    const quiet = performance.now() - grewAt;
    return quiet > stallLimit ? `nothing arrived for ${Math.round(quiet / 1000)} s` : null;
  };
}

function countBytes(folder: string): number {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0)
    .reduce((sum, size) => sum + size, 0);
}

/** Returns the line that names the error, without its class and stack. */
function describe(stderr: string): string {
  const lines = stderr.split('\n').filter((text) => !/^\s+at /.test(text));
  const line = lines.find((text) => /\w*Error\b/.test(text)) ?? lines.join('\n');
  return lastLine(line).replace(/^\w*Error: /, '');
}
