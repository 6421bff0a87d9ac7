/** Jobs that return one result: evaluate, reconstruct, study, check parity. Nothing is stored here. */

import type { DatasetInfo } from '../../shared/dataset.ts';
import type { Command, ComputeEvent } from '../compute/protocol.ts';
import {
  type ComputeExit,
  type ComputeHost,
  describeCrash,
  type CreateHost,
  describeEarlyEnd,
  type HostMode,
  retriedEvent,
} from './computeHost.ts';

type ResultType = 'evaluated' | 'reconstructed' | 'studied' | 'checked';
type ResultOf<Type extends ResultType> = Extract<ComputeEvent, { type: Type }>;

export interface ResultJobOptions {
  readonly createHost: CreateHost;
  readonly onEvent?: (event: ComputeEvent) => void;
  /** Aborting ends the job: between two chunks, or after a second at the latest. */
  readonly signal?: AbortSignal;
}

/** The images differ from those that the run was trained with. */
export class ChangedDataError extends Error {
  readonly found: NonNullable<DatasetInfo['refused']>;

  constructor(message: string, found: NonNullable<DatasetInfo['refused']>) {
    super(message);
    this.name = 'ChangedDataError';
    this.found = found;
  }
}

/** Milliseconds after which an aborted job is killed. */
const patience = 1000;

/**
 * Runs a job and returns its result. If the process crashes, the job runs once more, in safe mode. An aborted job returns the
 * partial result that it had, if there is one.
 * @throws AbortError if it was aborted first; ChangedDataError; Error with the message of the compute process, or with the
 * way it ended.
 */
export async function runResultJob<Type extends ResultType>(
  command: Command,
  resultType: Type,
  options: ResultJobOptions,
): Promise<ResultOf<Type>> {
  let attempt = await runOnce(command, resultType, { ...options, mode: 'usual' });
  const crash = isComplete(attempt) || attempt.failure ? null : describeCrash(attempt.exit);
  if (crash && !options.signal?.aborted) {
    options.onEvent?.(retriedEvent(crash));
    attempt = await runOnce(command, resultType, { ...options, mode: 'safe' });
  }
  return resultOf(attempt, options.signal?.aborted === true);
}

/** @throws as `runResultJob`. */
function resultOf<Type extends ResultType>(attempt: Attempt<Type>, isAborted: boolean): ResultOf<Type> {
  const { result, failure, exit } = attempt;
  if (result && (isComplete(attempt) || isAborted)) return result;
  if (isAborted) throw new DOMException('Interrupted before there was a result.', 'AbortError');
  throw failure ? errorOf(failure) : new Error(describeEarlyEnd(exit));
}

interface Attempt<Type extends ResultType> {
  readonly result: ResultOf<Type> | null;
  /** The failure that the process reported. */
  readonly failure: Extract<ComputeEvent, { type: 'failed' }> | null;
  readonly exit: ComputeExit;
}

function isComplete<Type extends ResultType>({ result }: Attempt<Type>): boolean {
  return result !== null && !('isPartial' in result && result.isPartial);
}

async function runOnce<Type extends ResultType>(
  command: Command,
  resultType: Type,
  options: ResultJobOptions & { readonly mode: HostMode },
): Promise<Attempt<Type>> {
  const host = options.createHost(options.mode);
  let result: ResultOf<Type> | null = null;
  let failure: Extract<ComputeEvent, { type: 'failed' }> | null = null;
  host.onEvent((event) => {
    if (event.type === resultType) result = event as ResultOf<Type>;
    else if (event.type === 'failed') failure = event;
    options.onEvent?.(event);
  });
  const release = endOnAbort(host, options.signal);
  host.send(command);
  const exit = await host.exited;
  release();
  return { result, failure, exit };
}

function errorOf({ message, refused }: Extract<ComputeEvent, { type: 'failed' }>): Error {
  return refused ? new ChangedDataError(message, refused) : new Error(message);
}

function endOnAbort(host: ComputeHost, signal: AbortSignal | undefined): () => void {
  let timer: NodeJS.Timeout | undefined;
  const end = () => {
    host.send({ type: 'stop' });
    timer = setTimeout(() => host.kill(), patience);
  };
  if (signal?.aborted) end();
  else signal?.addEventListener('abort', end);
  return () => {
    signal?.removeEventListener('abort', end);
    clearTimeout(timer);
  };
}
