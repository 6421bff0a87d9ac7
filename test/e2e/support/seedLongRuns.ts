/** Long runs that were evaluated on one protocol, for pages that must open quickly nevertheless. */

import { insertEvaluation } from '../../../main/store/runs/evaluations.ts';
import { insertMetrics } from '../../../main/store/runs/metrics.ts';
import { insertRun } from '../../../main/store/runs/runLifecycle.ts';
import { updateRun } from '../../../main/store/runs/runs.ts';
import type { Store } from '../../../main/store/store.ts';
import { presets, resolvePreset } from '../../../shared/config/presets.ts';
import { exampleEvaluation } from '../../reports/exampleEvaluation.ts';
import { curvePoints } from './curves.ts';
import { createComparedRows } from './comparedRows.ts';

/** Inserts `count` runs with about `points` logged values each, and returns their IDs. */
export function seedLongRuns(store: Store, { count = 10, points = 100_000 } = {}): string[] {
  // There are three values per step, and four more every 250 steps.
  const steps = Math.round(points / (3 + 4 / 250));
  return Array.from({ length: count }, (_, index) => {
    const config = resolvePreset(presets[index % presets.length]);
    const { id } = insertRun(store, { name: `long run ${index + 1}`, config, totalSteps: steps });
    insertMetrics(store.db, id, curvePoints(steps, { logEvery: 1 }));
    updateRun(store.db, id, { status: 'finished', step: steps, processSeconds: steps * 0.08 });
    const protocol = { ...exampleEvaluation.protocol, images: 100, noiseSeed: 0, metricVersion: 2 };
    const rows = createComparedRows(0.6 + index / 10);
    insertEvaluation(store.db, { protocol, rows, runId: id, step: steps });
    return id;
  });
}
