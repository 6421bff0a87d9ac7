#!/usr/bin/env node
/** The command `lab`: sets the project up if needed, then runs the commands with the project's own Node. */

import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { forwardEnds, prepareEnds } from '../runtime/processEnd.mjs';
import { nodeProgram, setUp } from '../runtime/setup.mjs';

/** @param {readonly string[]} args the arguments as typed */
function runCommands(args) {
  const entry = join(dirname(fileURLToPath(import.meta.url)), 'start.mjs');
  // Relative paths start from here, even inside an npm script.
  const env = { ...process.env, INIT_CWD: process.cwd() };
  // Through the channel the child learns of requests to end, and of the end of this process.
  const child = spawn(nodeProgram, [entry, ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env,
  });
  forwardEnds(child);
  child.on('error', (error) => stop(`Node 24 could not be started (${error.message}). Run: npm run setup`));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === null ? 1 : 128 + constants.signals[signal]);
  });
}

/** @param {string} message */
function stop(message) {
  process.stderr.write(`${message}\n`);
  process.exitCode ??= 1;
}

prepareEnds();
try {
  await setUp([]);
  runCommands(process.argv.slice(2));
} catch (error) {
  stop(error instanceof Error ? error.message : String(error));
}
