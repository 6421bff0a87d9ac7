/** The compute process's connection to its parent: the IPC channel of a forked child, or the port of a utility process. */

import {
  isMeasurementAnswer,
  type MeasurementAnswer,
  type MeasurementRequest,
  type RunMeasurement,
  settleMeasurement,
} from '../runtime/probe.ts';
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
  const port = findParentPort();
  if (port) return overPort(port);
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

function findParentPort(): ParentPort | null {
  return (process as { parentPort?: ParentPort }).parentPort ?? null;
}

function overPort(port: ParentPort): ParentChannel {
  return {
    onCommand(listener) {
      port.on('message', ({ data }) => {
        if (data !== 'done' && !isMeasurementAnswer(data)) listener(data as Command);
      });
    },
    send: (event) => port.postMessage(event),
    drain: () => drainPort(port),
  };
}

/** Resolves when the parent has received everything. */
function drainPort(port: ParentPort): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  port.on('message', ({ data }) => void (data === 'done' && resolve(undefined)));
  port.postMessage('done');
  setTimeout(resolve, patience, undefined);
  return promise;
}

/**
 * Reports what this process has measured, or why it failed, and exits: over the port of a utility process, otherwise by its
 * standard output or an error.
 */
export async function reportMeasurement(measure: () => Promise<unknown>): Promise<void> {
  const port = findParentPort();
  if (port) {
    port.postMessage(await settleMeasurement(0, measure));
    await drainPort(port);
    process.exit(0);
  }
  // A card that is open would keep the process alive.
  process.stdout.write(`${JSON.stringify(await measure())}\n`, () => process.exit(0));
}

/** Runs further measurements in processes that the parent starts; null if this process can start them itself. */
export function measureThroughParent(): RunMeasurement | null {
  const port = findParentPort();
  if (!port) return null;
  const waiting = new Map<number, (answer: MeasurementAnswer) => void>();
  let count = 0;
  port.on('message', ({ data }) => {
    if (isMeasurementAnswer(data)) waiting.get(data.id)?.(data);
  });
  return async (args, limit) => {
    count += 1;
    const { promise, resolve } = Promise.withResolvers<MeasurementAnswer>();
    waiting.set(count, resolve);
    port.postMessage({ type: 'measure', id: count, args, limit } satisfies MeasurementRequest);
    const answer = await promise;
    waiting.delete(answer.id);
    if (answer.failure !== null) throw new Error(answer.failure);
    return answer.value;
  };
}
