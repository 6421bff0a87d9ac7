/** A compute host for plain Node: a forked child process. */

import { fork } from 'node:child_process';
import type { Command, ComputeEvent } from '../compute/protocol.ts';
import {
  forwardOutput,
  computeEntry,
  computeEnvironment,
  type ComputeExit,
  type ComputeHost,
  type HostMode,
} from './computeHost.ts';

/** Forks `main/compute/entry.ts`. Its stderr is passed on to the parent's; its stdout is unused. */
export function forkHost(mode?: HostMode): ComputeHost {
  const child = fork(computeEntry(), {
    // Passes typed arrays without converting them to JSON.
    serialization: 'advanced',
    env: computeEnvironment(mode),
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  if (child.stderr) forwardOutput(child.stderr, (line) => void process.stderr.write(`${line}\n`));
  const exited = new Promise<ComputeExit>((resolve) => {
    // `exit` can come before the last messages have been read.
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
