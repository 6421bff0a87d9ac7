/** Builds the page and the desktop application if their sources have changed since the last build. */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { explainPathObstacle, findPathObstacle } from './buildFolder.mjs';
import { takeLock } from './setupLock.mjs';
import { run, runNpm } from './setupProcess.mjs';

const root = resolve(import.meta.dirname, '../..');

/** Folder of the built page. */
export const pageFolder = join(root, 'dist', 'renderer');

const sharedSources = ['shared', 'package-lock.json', 'tsconfig.base.json'];
const pageSources = [...sharedSources, 'renderer', 'vite.config.ts'];
const desktopSources = [...sharedSources, 'main', 'preload', 'vite.preload.config.ts'];

/** Builds the page with Vite, which takes about two seconds. `report` is called if there is something to build. */
export async function buildPage(report: (line: string) => void): Promise<void> {
  await buildWhenStale('renderer', pageSources, async () => {
    report('Building the page …');
    const partial = `${pageFolder}.${process.pid}`;
    const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
    const args = [process.execPath, vite, 'build', '--outDir', partial, '--logLevel', 'warn'];
    try {
      await run(root, args, { failure: 'The page could not be built; the lines above say why.' });
      rmSync(pageFolder, { recursive: true, force: true });
      renameSync(partial, pageFolder);
    } finally {
      rmSync(partial, { recursive: true, force: true });
    }
  });
}

/** Builds the main process and the preload script. `report` is called if there is something to build. */
export async function buildDesktop(report: (line: string) => void): Promise<void> {
  await buildWhenStale('main', desktopSources, () => {
    report('Building the desktop application …');
    const failure = 'The desktop application could not be built; the lines above say why.';
    return runNpm(root, ['run', 'build:main', '--silent'], failure);
  });
}

/**
 * Returns why `npm start` cannot build the application in this checkout, and what to do; null if it can, or nothing needs
 * to be built.
 */
export function findBuildObstacle(): { readonly found: string; readonly fix: string } | null {
  return isFresh('renderer', pageSources) ? null : findPathObstacle(root);
}

async function buildWhenStale(
  name: 'renderer' | 'main',
  sources: readonly string[],
  build: () => Promise<void>,
): Promise<void> {
  if (isFresh(name, sources)) return;
  const obstacle = explainPathObstacle(root);
  if (obstacle !== null) throw new Error(obstacle);
  const release = await takeLock(root, name);
  try {
    // Another start may have built it in the meantime.
    if (isFresh(name, sources)) return;
    const hash = hashSources(sources);
    rmSync(stampFile(name), { force: true });
    await build();
    mkdirSync(join(root, 'dist'), { recursive: true });
    writeFileSync(stampFile(name), hash);
  } finally {
    release();
  }
}

/** Whether the build was made from these sources; an installed application without sources is always fresh. */
function isFresh(name: 'renderer' | 'main', sources: readonly string[]): boolean {
  if (!existsSync(join(root, 'renderer', 'index.html'))) return true;
  const built = join(root, 'dist', name, name === 'main' ? 'index.js' : 'index.html');
  const stamp = stampFile(name);
  return existsSync(built) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hashSources(sources);
}

/** Returns the path of the file that holds the hash of the sources, next to the build. */
function stampFile(name: 'renderer' | 'main'): string {
  return join(root, 'dist', `${name}.sources`);
}

function hashSources(sources: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of sources.flatMap(listFiles).sort()) {
    hash.update(`${file}\n`).update(readFileSync(join(root, file)));
  }
  return hash.digest('hex');
}

/** Lists the files at or below a path, relative to the root. */
function listFiles(path: string): string[] {
  const entries = readdirSync(root, { withFileTypes: true }).find((entry) => entry.name === path);
  if (!entries?.isDirectory()) return [path];
  return readdirSync(join(root, path), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}
