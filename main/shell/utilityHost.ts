/** The compute host of the desktop and its measurements: utility processes of Electron, because the packaged application cannot be forked. */

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
import {
  isMeasurementAnswer,
  isMeasurementRequest,
  measureEntry,
  type RunMeasurement,
  settleMeasurement,
} from '../runtime/probe.ts';

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
  answerMeasurements(child, maker);
  child.on('message', (message: ComputeEvent | 'done') => {
    if (message === 'done') child.postMessage('done');
    else if (!isMeasurementRequest(message)) for (const listener of listeners) listener(message);
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
      kill(child);
    },
  };
}

/** Returns a function that measures in utility processes, because the program of the packaged application runs no scripts. */
export function measureInUtilityProcess(maker: ProcessMaker): RunMeasurement {
  return (args, limit) => {
    const child = maker.fork(measureEntry(), [...args], {
      serviceName: 'measurement',
      stdio: ['ignore', 'ignore', 'ignore'],
    });
    answerMeasurements(child, maker);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const timer = setTimeout(() => {
      reject(new Error(`It took longer than ${Math.round(limit / 1000)} s.`));
      kill(child);
    }, limit);
    child.on('message', (message: unknown) => {
      if (message === 'done') child.postMessage('done');
      if (!isMeasurementAnswer(message)) return;
      if (message.failure === null) resolve(message.value);
      else reject(new Error(message.failure));
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`Its process ended with exit code ${code}.`));
    });
    return promise;
  };
}

/** Measures in further processes for one that cannot start any. */
function answerMeasurements(child: UtilityProcess, maker: ProcessMaker): void {
  child.on('message', (message: unknown) => {
    if (!isMeasurementRequest(message)) return;
    const { id, args, limit } = message;
    const measure = () => measureInUtilityProcess(maker)(args, limit);
    void settleMeasurement(id, measure).then((answer) => child.postMessage(answer));
  });
}

function kill({ pid }: UtilityProcess): void {
  // The process ignores SIGTERM, which is what the method `kill` sends.
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
}
