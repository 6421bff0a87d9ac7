/** A compute host without a process: the test says what it reports and when it ends. */

import type { ComputeExit, ComputeHost } from '../../main/jobs/computeHost.ts';
import type { Command, ComputeEvent } from '../../main/compute/protocol.ts';

export interface FakeHost extends ComputeHost {
  /** Commands received so far. */
  readonly sent: readonly Command[];
  emit(event: ComputeEvent): void;
  /** Ends the process; later endings change nothing. */
  exit(exit?: ComputeExit): void;
  isGone(): boolean;
}

/** `answer` sees every command, after it was noted. */
export function createFakeHost(answer?: (command: Command) => void): FakeHost {
  const listeners = new Set<(event: ComputeEvent) => void>();
  const sent: Command[] = [];
  const { promise: exited, resolve } = Promise.withResolvers<ComputeExit>();
  let isGone = false;
  const exit = (how: ComputeExit = { code: 0, signal: null }) => {
    isGone = true;
    resolve(how);
  };
  return {
    sent,
    send(command) {
      sent.push(command);
      answer?.(command);
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    exited,
    kill: () => exit({ code: null, signal: 'SIGKILL' }),
    emit(event) {
      for (const listener of listeners) if (!isGone) listener(event);
    },
    exit,
    isGone: () => isGone,
  };
}
