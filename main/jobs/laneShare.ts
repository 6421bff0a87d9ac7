/** How several jobs share the machine: how many run at a time, and which threads and which graphics card each of them gets. */

import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import type { LabDatabase } from '../store/database/database.ts';

/** The part of the machine that one job gets. */
export interface LaneShare {
  /** Threads of one compute process; null: those it takes by itself. */
  readonly threads: number | null;
  /** Value of CUDA_VISIBLE_DEVICES; null: that of the parent process. */
  readonly card: string | null;
}

/** Everything, for a job that runs alone. */
export const wholeMachine: LaneShare = { threads: null, card: null };

/** Returns the share of the job in one of several lanes, `lane` counted from 0. */
export function shareOf(
  lane: number,
  {
    lanes,
    cards,
    cores = availableParallelism(),
  }: { lanes: number; cards: readonly string[]; cores?: number },
): LaneShare {
  if (lanes === 1) return wholeMachine;
  return {
    threads: Math.max(1, Math.floor(cores / lanes)),
    card: cards.length > 1 ? cards[lane % cards.length] : null,
  };
}

/** Most threads that TensorFlow uses for independent operations: see `main/compute/execution.ts`. */
const mostParallel = 4;

/**
 * Returns the variables that set the threads of a compute process. A graph is the same for every number of threads, so that a run
 * computes the same numbers alone and next to others, as long as its operations are not split differently among threads: that
 * can only happen with more than four cores.
 */
export function shareEnvironment({ threads }: LaneShare): NodeJS.ProcessEnv {
  const inter = Math.min(mostParallel, threads ?? 1);
  if (threads === null) return {};
  return {
    TF_NUM_INTEROP_THREADS: String(inter),
    TF_NUM_INTRAOP_THREADS: String(Math.max(1, Math.floor(threads / inter))),
  };
}

let foundCards: readonly string[] | null = null;

/** Lists the graphics cards that TensorFlow may use, as CUDA_VISIBLE_DEVICES names them; asks the driver once. */
export function listCards(): readonly string[] {
  const visible = process.env['CUDA_VISIBLE_DEVICES'];
  if (visible !== undefined) return visible.split(',').filter((card) => card !== '');
  if (foundCards) return foundCards;
  const { stdout, status } = spawnSync('nvidia-smi', ['--query-gpu=index', '--format=csv,noheader'], {
    encoding: 'utf8',
    timeout: 5000,
  });
  foundCards = status === 0 ? stdout.split('\n').flatMap((line) => line.trim() || []) : [];
  return foundCards;
}

/** Returns how many jobs run at a time unless the user chose: one for each card if runs are computed on cards, else one. */
export function defaultLanes(db: LabDatabase, cards: () => readonly string[] = listCards): number {
  const query = `SELECT backend ->> '$.device' FROM runs WHERE backend IS NOT NULL ORDER BY rowid DESC LIMIT 1`;
  const device = db.prepare<[], string | null>(query).pluck().get();
  return device === 'GPU' ? Math.max(1, cards().length) : 1;
}
