/** Runs the programs that set-up needs, with their output on stderr. */

import { spawn } from 'node:child_process';

import { proxyEnvironment } from './networkProxy.mjs';
import { onEndRequest } from './processEnd.mjs';

/**
 * Runs npm: the one that runs this script, if there is one.
 * @param {string} root the checkout
 * @param {readonly string[]} args
 * @param {string} failure the message if it fails
 */
export function runNpm(root, args, failure) {
  const script = process.env.npm_execpath;
  const program = script?.endsWith('npm-cli.js') ? [process.execPath, script] : ['npm'];
  return run(root, [...program, ...args], { failure });
}

/**
 * Runs a program and waits for it. A request to end is passed to the program and obeyed when that has ended, so that nothing
 * keeps running in the background.
 * @param {string} root the checkout
 * @param {readonly string[]} command the program and its arguments
 * @param {{ failure?: string, needsTerminal?: boolean, folder?: string }} options `folder`: its working folder, if not the checkout
 * @returns {Promise<void>}
 * @throws Error with `failure` if it does not start or fails, or another message if it was interrupted
 */
export function run(root, [program, ...args], { failure = '', needsTerminal = false, folder = root } = {}) {
  const child = spawn(program, args, {
    cwd: folder,
    stdio: [needsTerminal ? 'inherit' : 'ignore', 2, 2],
    // npm is a batch file on Windows, which only a shell can start.
    shell: process.platform === 'win32' && program === 'npm',
    env: { npm_node_execpath: process.execPath, ...process.env, ...proxyEnvironment() },
  });
  let isInterrupted = false;
  const release = onEndRequest(({ cause, code, isRepeated }) => {
    isInterrupted = true;
    process.exitCode = code;
    const signal = cause === 'launcher' ? 'SIGTERM' : cause;
    child.kill(isRepeated ? 'SIGKILL' : signal);
  });
  return new Promise((/** @type {(value: void) => void} */ done, fail) => {
    const stop = () =>
      fail(new Error(isInterrupted ? 'Set-up was interrupted; the next start continues it.' : failure));
    child.on('error', stop);
    child.on('close', (code) => (code === 0 && !isInterrupted ? done() : stop()));
  }).finally(release);
}
