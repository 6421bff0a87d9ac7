/** How far a run has come, whatever its budget counts. */

import type { RunStatus } from '../run.ts';

/** 0 to 1: by steps or by minutes, whichever is nearer to its end; 1 for a finished run, null while nothing is known. */
export function budgetShare(run: {
  readonly status: RunStatus;
  readonly step: number;
  readonly totalSteps: number | null;
  readonly processSeconds: number;
  /** The budget in minutes; null: none. */
  readonly minutes: number | null;
}): number | null {
  if (run.status === 'finished') return 1;
  const shares = [
    ...(run.totalSteps ? [run.step / run.totalSteps] : []),
    ...(run.minutes ? [run.processSeconds / (60 * run.minutes)] : []),
  ];
  return shares.length === 0 ? null : Math.min(1, Math.max(...shares));
}
