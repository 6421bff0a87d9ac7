/**
 * For development: Vite serves the page and replaces modules that change; the main process restarts when its sources change,
 * and the page reconnects to its session by itself.
 */

import { spawn, type ChildProcess } from 'node:child_process';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { onEndRequest, prepareEnds } from './processEnd.mjs';

prepareEnds();

const root = resolve(import.meta.dirname, '../..');
/** vite.config.ts forwards requests that are not for the page to this port. */
const mainPort = 4781;
const pagePort = 4782;

const main = start(
  ['--watch-path=main', '--watch-path=shared', '--watch-preserve-output'],
  [
    join(root, 'main', 'cli', 'start.mjs'),
    'app',
    '--port',
    String(mainPort),
    '--json',
    ...process.argv.slice(2),
  ],
);
const page = start([], [join(root, 'node_modules', 'vite', 'bin', 'vite.js'), '--clearScreen', 'false']);
const children = [main, page];

if (main.stdout) createInterface(main.stdout).on('line', showLink);
page.stdout?.pipe(process.stderr);
for (const child of children) child.once('exit', endAll);
onEndRequest(({ cause, isRepeated }) => {
  // At a terminal, Ctrl-C reaches the children directly.
  if (cause !== 'SIGINT' || isRepeated) endAll();
});

function start(options: readonly string[], args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [...options, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Prints the link of the main process with the port of the page. */
function showLink(line: string): void {
  const link = /http:\/\/[^"]+/.exec(line)?.[0].replace(`:${mainPort}/`, `:${pagePort}/`);
  process.stdout.write(link ? `\n  ${link}\n\n` : `${line}\n`);
}

function endAll(): void {
  for (const child of children) if (child.exitCode === null) child.kill('SIGTERM');
}
