/** The progress of a run within its budget. */

import type { RunStatus } from '../run.ts';

/** Returns 0 to 1, of steps or of minutes, whichever is closer to its end; 1 for a finished run, null while unknown. */
export function budgetFraction(run: {
  readonly status: RunStatus;
  readonly step: number;
  readonly totalSteps: number | null;
  readonly processSeconds: number;
  /** Budget in minutes; null: none. */
  readonly minutes: number | null;
}): number | null {
  if (run.status === 'finished') return 1;
  const fractions = [
    ...(run.totalSteps ? [run.step / run.totalSteps] : []),
    ...(run.minutes ? [run.processSeconds / (60 * run.minutes)] : []),
  ];
  return fractions.length === 0 ? null : Math.min(1, Math.max(...fractions));
}
