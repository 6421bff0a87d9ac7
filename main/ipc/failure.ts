/** Errors of requests as the page receives them: a code and a sentence, never a stack. */

import { describeError } from '../../shared/text/describeError.ts';
import type { Failure, FailureCode } from '../../shared/failure.ts';
import { UnknownRunError } from '../store/runs/runs.ts';
import { UnknownSweepError } from '../store/sweeps.ts';
import { UnknownEntryError } from '../store/inpaintings/inpaintings.ts';

/** A request that cannot be fulfilled, with the code for the page. */
export class RequestFailure extends Error {
  readonly code: FailureCode;

  constructor(code: FailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RequestFailure';
    this.code = code;
  }
}

/** Runs `work` and turns its errors into conflicts with the same message. */
export function asConflict<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    const isKnown = [RequestFailure, UnknownRunError, UnknownEntryError, UnknownSweepError].some(
      (kind) => error instanceof kind,
    );
    if (isKnown) throw error;
    throw new RequestFailure('conflict', describeError(error), { cause: error });
  }
}

/** Like `asConflict`, for asynchronous work. */
export async function asConflictAsync<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    return asConflict(() => {
      throw error;
    });
  }
}

export function toFailure(error: unknown, context: { channel: string; version: string }): Failure {
  const { channel, version } = context;
  const details = `${channel} · ${new Date().toISOString()} · version ${version} · ${process.platform} ${process.arch}`;
  if (error instanceof RequestFailure) return { code: error.code, message: error.message, details };
  if (error instanceof UnknownRunError) {
    const message = `Run ${error.reference} no longer exists. Go back to the list of runs.`;
    return { code: 'notFound', message, details };
  }
  if (error instanceof UnknownSweepError)
    return {
      code: 'notFound',
      message: 'This sweep no longer exists. Go back to the list of sweeps.',
      details,
    };
  if (error instanceof UnknownEntryError) return { code: 'notFound', message: error.message, details };
  return { code: 'failed', message: describeError(error), details };
}
