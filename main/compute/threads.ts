/**
 * How TensorFlow's threads are used by graphs: a batch is computed in parts side by side, one thread each, instead of
 * every operation being shared by all threads. Most operations are too small to be worth sharing.
 */

import { availableParallelism } from 'node:os';

export interface Threads {
  /** Parts of a batch that run at one time. */
  readonly parts: number;
  /** Threads that share one operation. */
  readonly perOperation: number;
}

/** More parts make a graph longer without making it faster. */
const mostParts = 4;

export function chooseThreads(cores: number = availableParallelism()): Threads {
  const parts = Math.min(cores, mostParts);
  return { parts, perOperation: Math.ceil(cores / parts) };
}

/** For this process, before TensorFlow is loaded; what the user has set stays. */
export function useGraphThreads(environment: NodeJS.ProcessEnv = process.env): void {
  const { parts, perOperation } = chooseThreads();
  environment.TF_NUM_INTEROP_THREADS ??= String(parts);
  environment.TF_NUM_INTRAOP_THREADS ??= String(perOperation);
}
