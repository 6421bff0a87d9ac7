/** Evaluated runs: two on the same protocol, a third on a different one; the other runs are not evaluated. */

import { insertEvaluation } from '../../../main/store/runs/evaluations.ts';
import { exampleEvaluation } from '../../reports/exampleEvaluation.ts';
import { comparedImages, createComparedRows } from './comparedRows.ts';
import { seedOnce } from './seedOnce.ts';
import { seedRuns } from './seedRuns.ts';

export interface SeededComparison {
  /** Ids of the runs by name, those of `seedRuns` among them. */
  readonly runs: Readonly<Record<string, string>>;
}

/** `wider network` is better than `big steps` by about 0.8 dB; `night run` was measured with another mask seed. */
export const seedComparison = seedOnce(async (store): Promise<SeededComparison> => {
  const runs = await seedRuns(store);
  const { protocol } = exampleEvaluation;
  const add = (name: string, gain: number, maskSeed = protocol.maskSeed) =>
    insertEvaluation(store.db, {
      protocol: { ...protocol, images: comparedImages, maskSeed, noiseSeed: 0, metricVersion: 2 },
      rows: createComparedRows(gain),
      runId: runs[name],
      step: 250,
    });
  add('wider network', 1.4);
  add('big steps', 0.6);
  add('night run', 1, 7);
  return { runs };
});
