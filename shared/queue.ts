/** The compute lanes: what runs now and what waits. */

export type LaneJob =
  | { readonly kind: 'training'; readonly runId: string; readonly name: string }
  | { readonly kind: 'evaluation'; readonly runId: string; readonly name: string }
  | { readonly kind: 'study'; readonly runId: string; readonly name: string };
export type LaneJobKind = LaneJob['kind'];

/** In the order in which a run's jobs are listed. */
export const laneJobKinds = ['training', 'evaluation', 'study'] as const satisfies readonly LaneJobKind[];

/** How far an active job has come. */
export interface LaneProgress {
  readonly job: LaneJob;
  /** Text such as `starting`, `reading`, `compiling the graph, first step`, `training`, `pausing`, … */
  readonly phase: string;
  readonly done: number;
  /** null while unknown, and where a budget in minutes ends the training. */
  readonly total: number | null;
  /** 0 to 1 of the budget, in steps or minutes, whichever is nearer to its end; null while unknown. */
  readonly fraction: number | null;
  /** Running mean; null outside training and before the second step. */
  readonly stepsPerSecond: number | null;
  /** Seconds left, by steps or by the budget in minutes, whichever ends first; null while unknown. */
  readonly secondsLeft: number | null;
  /** Half the width of the range `secondsLeft` is uncertain by, seconds. */
  readonly secondsLeftSpread: number | null;
  /** Seconds since the compute process last said anything: large means stalled. */
  readonly quietSeconds: number;
}

export interface QueueState {
  /** In the order they were started; usually one at most. */
  readonly active: readonly LaneProgress[];
  /** In the order they will run. */
  readonly waiting: readonly LaneJob[];
  /** true: nothing waiting starts by itself until the queue is started (after a restart with runs waiting). */
  readonly held: boolean;
}

/** Returns the active job of a run; undefined if there is none. */
export function activeJobOf(active: readonly LaneProgress[], runId: string): LaneProgress | undefined {
  return active.find(({ job }) => job.runId === runId);
}
