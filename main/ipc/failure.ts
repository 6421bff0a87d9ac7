/** Errors on their way to the page: a code, a sentence, and no stack. */

import { describeError } from '../../shared/text/describeError.ts';
import type { Failure, FailureCode } from '../../shared/failure.ts';
import { UnknownRunError } from '../store/runs/runs.ts';
import { UnknownEntryError } from '../store/inpaintings/inpaintings.ts';

/** A request that cannot be done, with the code the page shall see. */
export class RequestFailure extends Error {
  readonly code: FailureCode;

  constructor(code: FailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RequestFailure';
    this.code = code;
  }
}

/** Does `work`; what it throws becomes a conflict, with its own words. */
export function orConflict<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    const isTold = [RequestFailure, UnknownRunError, UnknownEntryError].some((kind) => error instanceof kind);
    if (isTold) throw error;
    throw new RequestFailure('conflict', messageOf(error), { cause: error });
  }
}

/** The same for work that takes its time. */
export async function orConflictLater<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    return orConflict(() => {
      throw error;
    });
  }
}

export function toFailure(error: unknown, context: { channel: string; version: string }): Failure {
  const { channel, version } = context;
  const details = `${channel} · ${new Date().toISOString()} · version ${version} · ${process.platform} ${process.arch}`;
  if (error instanceof RequestFailure) return { code: error.code, message: error.message, details };
  if (error instanceof UnknownRunError) {
    const message = `Run ${error.reference} is not there any more. Go back to the list of runs.`;
    return { code: 'notFound', message, details };
  }
  if (error instanceof UnknownEntryError) return { code: 'notFound', message: error.message, details };
  return { code: 'failed', message: messageOf(error), details };
}

export function messageOf(error: unknown): string {
  return describeError(error);
}
