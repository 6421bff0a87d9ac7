/** The metrics of a run that are the same on every machine and in every repetition. */

import { readMetrics } from '../../main/store/runs/metrics.ts';
import type { Store } from '../../main/store/store.ts';

/** Returns step, name and value of every point, without times and without what the machine did meanwhile. */
export function readLearnedMetrics({ db }: Store, id: string): (readonly [number, string, number | null])[] {
  return readMetrics(db, id)
    .filter(({ name }) => !name.startsWith('system/'))
    .map(({ step, name, value }) => [step, name, value] as const);
}
