/** The download that tfjs-node-gpu's own install script makes: an older TensorFlow, but for more systems. */

import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

import { findErrorMessage, lastLine, runCommand } from './command.ts';
import { nameConnection } from './networkProxy.mjs';
import type { RuntimeWish } from './outcome.ts';
import type { RuntimePaths } from './paths.ts';
import { beginProgress } from './progress.ts';
import { watchGrowth } from './wheel.ts';

/**
 * Run the package's install script and return the files it made.
 * @throws Error with the next step when its server cannot be reached or it has nothing for this system.
 */
export async function downloadOfficial(paths: RuntimePaths, wish: RuntimeWish): Promise<readonly string[]> {
  const manifest = join(paths.packageFolder, 'package.json');
  if (!existsSync(manifest))
    throw new Error('the package is missing; delete node_modules and run: npm run setup');
  const before = await readFile(manifest, 'utf8');
  const progress = beginProgress('running tfjs-node’s own download');
  const binaries = join(paths.root, 'node_modules', '.bin');
  const words = [join('scripts', 'install.js'), wish === 'gpu' ? 'gpu' : 'cpu', 'download'];
  const result = await runCommand(process.execPath, words, {
    limit: 1_800_000,
    folder: paths.packageFolder,
    environment: { PATH: `${binaries}${delimiter}${process.env.PATH ?? ''}` },
    watch: watchGrowth(join(paths.packageFolder, 'deps'), () => undefined),
  });
  // The script edits its own package.json and leaves it so when it fails.
  await writeFile(manifest, before);
  const isThere = existsSync(paths.addonFile);
  progress.end(isThere ? 'done' : 'failed');
  if (isThere) return [paths.addonFile];
  const said =
    findErrorMessage(result.stderr) || lastLine(result.stderr) || result.failure || 'it made no addon';
  throw new Error(
    `its server could not deliver (${said}); check ${nameConnection()}, then run: npm run setup`,
  );
}
