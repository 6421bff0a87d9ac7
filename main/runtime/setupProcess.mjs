/** Run the programs that set-up needs, with their output on stderr. */

import { spawn } from 'node:child_process';

/**
 * Run npm: the very npm that runs this script, where there is one.
 * @param {string} root the checkout
 * @param {readonly string[]} words
 * @param {string} failure what to tell when it fails
 */
export function runNpm(root, words, failure) {
  const script = process.env.npm_execpath;
  const program = script?.endsWith('npm-cli.js') ? [process.execPath, script] : ['npm'];
  return run(root, [...program, ...words], { failure });
}

/**
 * Run a program and wait for it. It ends when this process does, so that nothing goes on in the background.
 * @param {string} root the checkout, its working folder
 * @param {readonly string[]} words the program and its arguments
 * @param {{ failure?: string, needsTerminal?: boolean }} options
 * @returns {Promise<void>}
 * @throws Error with `failure` when it does not start or does not end well
 */
export function run(root, [program, ...words], { failure = '', needsTerminal = false } = {}) {
  const child = spawn(program, words, {
    cwd: root,
    stdio: [needsTerminal ? 'inherit' : 'ignore', 2, 2],
    // npm is a batch file on Windows, which only a shell can start.
    shell: process.platform === 'win32' && program === 'npm',
    env: { npm_node_execpath: process.execPath, ...process.env },
  });
  const end = () => void child.kill();
  process.once('exit', end);
  return new Promise((/** @type {(value: void) => void} */ done, fail) => {
    child.on('error', () => fail(new Error(failure)));
    child.on('close', (code) => (code === 0 ? done() : fail(new Error(failure))));
  }).finally(() => process.off('exit', end));
}
