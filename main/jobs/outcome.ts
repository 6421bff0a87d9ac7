/** What the end of a compute process means for its run. */

import type { ComputeEvent } from '../compute/protocol.ts';
import type { RunStatus } from '../../shared/run.ts';
import type { ComputeExit } from './computeHost.ts';

export interface Outcome {
  readonly status: RunStatus;
  /** One sentence and the next step; null where nothing went wrong. */
  readonly error: string | null;
}

/** The outcome that an event announces; null for all events but the last ones. */
export function outcomeOf(event: ComputeEvent): Outcome | null {
  if (event.type === 'failed') {
    return { status: event.cause === 'storage' ? 'paused' : 'crashed', error: event.message };
  }
  if (event.type !== 'ended') return null;
  if (event.end !== 'diverged') return { status: event.end, error: null };
  return {
    status: 'diverged',
    error: `The loss or its gradient stopped being a number at step ${event.step}. Checkpoints written before it are good; start a new run with a smaller optim.learningRate.`,
  };
}

/** The outcome of a process that ended without a word. */
export function outcomeOfExit({ code, signal }: ComputeExit): Outcome {
  const how = signal ? `was ended by ${signal}` : `ended with code ${code ?? 'unknown'}`;
  const advice = signal === 'SIGKILL' ? ' (the system does that when memory runs out)' : '';
  return {
    status: 'crashed',
    error: `The compute process ${how}${advice}. Resume goes on from the last checkpoint.`,
  };
}

/** Of a process that ended before it had the result it was asked for. */
export function describeEarlyEnd({ code, signal }: ComputeExit): string {
  return `The compute process ended (${signal ?? `code ${code}`}) before it had a result. Try again; lab doctor checks the runtime.`;
}

/** The outcome when the parent could not write down what the process reported. */
export function outcomeOfFailure(failure: Error): Outcome {
  return {
    status: 'paused',
    error: `Recording failed: ${failure.message} Training stopped there; check the disk and its free space, then resume.`,
  };
}
