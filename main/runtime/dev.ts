/**
 * For work on the application: Vite serves the page and replaces what changes in it, the main side starts again when
 * its sources change. The page finds its session again by itself.
 */

import { spawn, type ChildProcess } from 'node:child_process';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { onEndRequest, prepareEnds } from './processEnd.mjs';

prepareEnds();

const root = resolve(import.meta.dirname, '../..');
/** vite.config.ts sends what is not the page's there. */
const mainPort = 4781;
const pagePort = 4782;

const main = start(
  ['--watch-path=main', '--watch-path=shared', '--watch-preserve-output'],
  [
    join(root, 'main', 'cli', 'index.ts'),
    ...['app', '--port', String(mainPort), '--json', ...process.argv.slice(2)],
  ],
);
const page = start([], [join(root, 'node_modules', 'vite', 'bin', 'vite.js'), '--clearScreen', 'false']);
const children = [main, page];

if (main.stdout) createInterface(main.stdout).on('line', showLink);
page.stdout?.pipe(process.stderr);
for (const child of children) child.once('exit', endAll);
onEndRequest(({ cause, isRepeated }) => {
  // At a terminal Ctrl-C reaches the children by itself.
  if (cause !== 'SIGINT' || isRepeated) endAll();
});

function start(options: readonly string[], words: readonly string[]): ChildProcess {
  return spawn(process.execPath, [...options, ...words], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
}

/** The link of the main side, at the port of the page. */
function showLink(line: string): void {
  const link = /http:\/\/[^"]+/.exec(line)?.[0].replace(`:${mainPort}/`, `:${pagePort}/`);
  process.stdout.write(link ? `\n  ${link}\n\n` : `${line}\n`);
}

function endAll(): void {
  for (const child of children) if (child.exitCode === null) child.kill('SIGTERM');
}
