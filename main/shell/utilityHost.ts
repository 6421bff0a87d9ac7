/** The compute host of the desktop: an Electron utility process, because the packaged application cannot be forked. */

import type { UtilityProcess } from 'electron';
import type { Command, ComputeEvent } from '../compute/protocol.ts';
import {
  forwardOutput,
  computeEntry,
  computeEnvironment,
  type ComputeExit,
  type ComputeHost,
  type HostMode,
} from '../jobs/computeHost.ts';
import type { LaneShare } from '../jobs/laneShare.ts';

export interface ProcessMaker {
  fork(entry: string, args: string[], options: Electron.ForkOptions): UtilityProcess;
}

/**
 * Starts the compute process. Its messages may still be in transit when it is done, so it sends 'done' and waits for the
 * answer before it exits.
 */
export function createUtilityHost(
  maker: ProcessMaker,
  log: (line: string) => void,
  { mode, share }: { readonly mode?: HostMode; readonly share?: LaneShare } = {},
): ComputeHost {
  const child = maker.fork(computeEntry(), [], {
    serviceName: 'compute',
    env: computeEnvironment(mode, share),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const listeners = new Set<(event: ComputeEvent) => void>();
  let wasKilled = false;
  if (child.stderr) forwardOutput(child.stderr, log);
  child.on('message', (message: ComputeEvent | 'done') => {
    if (message === 'done') child.postMessage('done');
    else for (const listener of listeners) listener(message);
  });
  const exited = new Promise<ComputeExit>((resolve) => {
    child.once('exit', (code) =>
      resolve(wasKilled ? { code: null, signal: 'SIGKILL' } : { code, signal: null }),
    );
  });
  return {
    send: (command: Command) => child.postMessage(command),
    onEvent(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    exited,
    ...(typeof share?.card === 'string' && { card: share.card }),
    kill() {
      wasKilled = true;
      // The process ignores SIGTERM, which is what `child.kill()` sends.
      if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL');
    },
  };
}
