/** What the end of a compute process means for its run. */

import type { ComputeEvent } from '../compute/protocol.ts';
import type { RunStatus } from '../../shared/run.ts';
import type { ComputeExit } from './computeHost.ts';

export interface Outcome {
  readonly status: RunStatus;
  /** One sentence and the next step; null where nothing went wrong. */
  readonly error: string | null;
  /** What the first step needs is missing: the run itself did not fail. */
  readonly precondition?: 'data' | 'changed data' | 'other';
}

/** The outcome that an event announces; null for all events but the last ones. `checkpoint`: step of the newest one. */
export function outcomeOf(event: ComputeEvent, checkpoint: () => number | null): Outcome | null {
  if (event.type === 'failed') {
    const status = event.cause === 'storage' ? 'paused' : 'crashed';
    return { status, error: event.message, precondition: preconditionOf(event) };
  }
  if (event.type !== 'ended') return null;
  if (event.end !== 'diverged') return { status: event.end, error: null };
  const kept =
    checkpoint() === null ? 'No checkpoint was written before it' : 'Checkpoints written before it are good';
  return {
    status: 'diverged',
    error: `The loss or its gradient stopped being a number at step ${event.step}. ${kept}; start a new run with a smaller optim.learningRate.`,
  };
}

function preconditionOf({
  cause,
  refused,
}: Extract<ComputeEvent, { type: 'failed' }>): Outcome['precondition'] {
  if (cause === 'precondition') return 'other';
  if (cause === 'data') return refused ? 'changed data' : 'data';
  return undefined;
}

/** The outcome of a process that ended without a word. `checkpoint`: step of the newest one. */
export function outcomeOfExit({ code, signal }: ComputeExit, checkpoint: number | null): Outcome {
  const how = signal ? `was ended by ${signal}` : `ended with code ${code ?? 'unknown'}`;
  const advice = signal === 'SIGKILL' ? ' (the system does that when memory runs out)' : '';
  const next =
    checkpoint === null
      ? 'There is no checkpoint yet: resuming starts again from step 0.'
      : `Resuming continues from the checkpoint of step ${checkpoint}.`;
  return { status: 'crashed', error: `The compute process ${how}${advice}. ${next}` };
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
