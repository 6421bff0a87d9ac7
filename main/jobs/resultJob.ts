/** Jobs that end in one result: evaluate, reconstruct, check parity. Nothing is stored here. */

import type { Command, ComputeEvent } from '../compute/protocol.ts';
import type { CreateHost } from './computeHost.ts';

type ResultType = 'evaluated' | 'reconstructed' | 'checked';
type ResultOf<Type extends ResultType> = Extract<ComputeEvent, { type: Type }>;

export interface ResultJobOptions {
  readonly createHost: CreateHost;
  readonly onEvent?: (event: ComputeEvent) => void;
  /** Aborting ends the job between two chunks. */
  readonly signal?: AbortSignal;
}

/**
 * Runs a job to its result.
 * @throws Error with the compute process's own message, or how it ended.
 */
export async function runResultJob<Type extends ResultType>(
  command: Command,
  resultType: Type,
  options: ResultJobOptions,
): Promise<ResultOf<Type>> {
  const host = options.createHost();
  let result: ResultOf<Type> | null = null;
  let failure: string | null = null;
  host.onEvent((event) => {
    if (event.type === resultType) result = event as ResultOf<Type>;
    else if (event.type === 'failed') failure = event.message;
    options.onEvent?.(event);
  });
  options.signal?.addEventListener('abort', () => host.send({ type: 'stop' }), { once: true });
  host.send(command);
  const exit = await host.exited;
  if (result) return result;
  throw new Error(
    failure ??
      `The compute process ended (${exit.signal ?? `code ${exit.code}`}) before it had a result. Try again; lab doctor checks the runtime.`,
  );
}
