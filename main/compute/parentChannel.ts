/** The compute process's line to its parent: a forked child's IPC channel, or a utility process's port. */

import type { Command, ComputeEvent } from './protocol.ts';

export interface ParentChannel {
  onCommand(listener: (command: Command) => void): void;
  send(event: ComputeEvent): void;
  /** Resolves when the parent has everything that was sent. */
  drain(): Promise<void>;
}

/** Electron's port, as far as it is used here. */
interface ParentPort {
  on(event: 'message', listener: (message: { data: unknown }) => void): void;
  postMessage(message: unknown): void;
}

/** Milliseconds that a parent has to answer before the process ends all the same. */
const patience = 5000;

/** @throws Error when the process was started by hand. */
export function openParentChannel(): ParentChannel {
  const { parentPort } = process as { parentPort?: ParentPort };
  if (parentPort) return overPort(parentPort);
  if (process.send) return overFork(process.send.bind(process));
  throw new Error('The compute process is started by the laboratory, not by hand.');
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
