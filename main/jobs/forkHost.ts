/** A compute host for plain Node: a forked child process. */

import { fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import { resolve } from 'node:path';
import type { Command, ComputeEvent } from '../compute/protocol.ts';
import type { ComputeExit, ComputeHost } from './computeHost.ts';

const entry = resolve(import.meta.dirname, '../compute/entry.ts');

/** What TensorFlow says at every start, before its log level is read: news to nobody. */
const startUpChatter = /^(WARNING: All log messages before absl|I0000 .*oneDNN custom operations are on)/;

/** Forks main/compute/entry.ts; its stderr comes out at the parent's, its stdout stays unused. */
export function forkHost(): ComputeHost {
  const child = fork(entry, {
    // Typed arrays cross without being turned into JSON.
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  if (child.stderr) createInterface(child.stderr).on('line', passOn);
  const exited = new Promise<ComputeExit>((resolve) => {
    // Not "exit": that can come before the last messages have been read.
    child.once('close', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: null, signal: null }));
  });
  return {
    send: (command: Command) => void (child.connected && child.send(command)),
    onEvent(listener) {
      const receive = (event: unknown) => listener(event as ComputeEvent);
      child.on('message', receive);
      return () => void child.off('message', receive);
    },
    exited,
    kill: () => void child.kill('SIGKILL'),
  };
}

function passOn(line: string): void {
  if (!startUpChatter.test(line)) process.stderr.write(`${line}\n`);
}
