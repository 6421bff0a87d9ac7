/** Builds what the application is made of when its sources have changed since the last time. */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { explainPathObstacle, findPathObstacle } from './buildFolder.mjs';
import { takeLock } from './setupLock.mjs';
import { run, runNpm } from './setupProcess.mjs';

const root = resolve(import.meta.dirname, '../..');

/** The page as it is served. */
export const pageFolder = join(root, 'dist', 'renderer');

const sharedSources = ['shared', 'package-lock.json', 'tsconfig.base.json'];
const pageSources = [...sharedSources, 'renderer', 'vite.config.ts'];
const desktopSources = [...sharedSources, 'main', 'preload', 'vite.preload.config.ts'];

/** Vite's work for the page, about two seconds. `tell` hears of it when there is something to do. */
export async function buildPage(tell: (line: string) => void): Promise<void> {
  await buildWhenStale('renderer', pageSources, async () => {
    tell('Building the page …');
    const partial = `${pageFolder}.${process.pid}`;
    const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
    const words = [process.execPath, vite, 'build', '--outDir', partial, '--logLevel', 'warn'];
    try {
      await run(root, words, { failure: 'The page could not be built; the lines above say why.' });
      rmSync(pageFolder, { recursive: true, force: true });
      renameSync(partial, pageFolder);
    } finally {
      rmSync(partial, { recursive: true, force: true });
    }
  });
}

/** The main side and the preload script as Electron runs them. */
export async function buildDesktop(tell: (line: string) => void): Promise<void> {
  await buildWhenStale('main', desktopSources, () => {
    tell('Building the desktop application …');
    const failure = 'The desktop application could not be built; the lines above say why.';
    return runNpm(root, ['run', 'build:main', '--silent'], failure);
  });
}

/**
 * Why `npm start` could not build the application in this checkout, and what to do; null where it can, or where nothing
 * needs to be built.
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
    // Another start may have built it meanwhile.
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

/** Whether what was built is of these sources; an application without sources is always fresh. */
function isFresh(name: 'renderer' | 'main', sources: readonly string[]): boolean {
  if (!existsSync(join(root, 'renderer', 'index.html'))) return true;
  const built = join(root, 'dist', name, name === 'main' ? 'index.js' : 'index.html');
  const stamp = stampFile(name);
  return existsSync(built) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hashSources(sources);
}

/** Holds a hash of the sources, next to what was built. */
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

/** Paths of the files at or below a path, all relative to the root. */
function listFiles(path: string): string[] {
  const entries = readdirSync(root, { withFileTypes: true }).find((entry) => entry.name === path);
  if (!entries?.isDirectory()) return [path];
  return readdirSync(join(root, path), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}
