/** The compute process's connection to its parent: the IPC channel of a forked child, or the port of a utility process. */

import type { Command, ComputeEvent } from './protocol.ts';

export interface ParentChannel {
  onCommand(listener: (command: Command) => void): void;
  send(event: ComputeEvent): void;
  /** Resolves when the parent has received everything. */
  drain(): Promise<void>;
}

/** The part of Electron's port that is used here. */
interface ParentPort {
  on(event: 'message', listener: (message: { data: unknown }) => void): void;
  postMessage(message: unknown): void;
}

/** Milliseconds to wait for the parent's acknowledgement before the process exits anyway. */
const patience = 5000;

/** @throws Error if the process was not started by the application. */
export function openParentChannel(): ParentChannel {
  const { parentPort } = process as { parentPort?: ParentPort };
  if (parentPort) return overPort(parentPort);
  if (process.send) return overFork(process.send.bind(process));
  throw new Error(
    'The compute process has no parent to report to. It is started by the application; do not start it by hand.',
  );
}

function overFork(send: NonNullable<typeof process.send>): ParentChannel {
  let delivered: Promise<void> = Promise.resolve();
  return {
    onCommand: (listener) => void process.on('message', listener),
    send(event) {
      const sent = new Promise<void>((resolve) => void send(event, undefined, undefined, () => resolve()));
      delivered = delivered.then(() => sent);
    },
    drain: () => delivered,
  };
}

function overPort(port: ParentPort): ParentChannel {
  const { promise: answered, resolve: finish } = Promise.withResolvers<undefined>();
  return {
    onCommand(listener) {
      port.on('message', ({ data }) => {
        if (data === 'done') finish(undefined);
        else listener(data as Command);
      });
    },
    send: (event) => port.postMessage(event),
    drain() {
      port.postMessage('done');
      setTimeout(finish, patience, undefined);
      return answered;
    },
  };
}
