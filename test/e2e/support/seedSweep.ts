/** Sweeps, in addition to runs and inpaintings. */

import { encodePreview } from '../../../main/jobs/recorder.ts';
import { writePreview } from '../../../main/store/files/runImages.ts';
import { insertEvaluation } from '../../../main/store/runs/evaluations.ts';
import { insertPreview } from '../../../main/store/runs/previews.ts';
import type { Store } from '../../../main/store/store.ts';
import { createSweep } from '../../../main/store/sweeps.ts';
import { resolvePreset, tiny } from '../../../shared/config/presets.ts';
import { type SweepSpecInput, sweepSpecSchema } from '../../../shared/sweep/sweep.ts';
import { exampleEvaluation } from '../../reports/exampleEvaluation.ts';
import { noiseAt } from './curves.ts';
import { drawPreview } from './drawPreview.ts';
import { insertSweep, sweepSteps as steps } from './insertSweep.ts';
import { createComparedRows } from './comparedRows.ts';
import { seedOnce } from './seedOnce.ts';
import { seedInpaintings, type SeededInpaintings } from './seedInpaintings.ts';

export interface SeededSweep extends SeededInpaintings {
  /** `rates and widths`, which is finished, and `seeds only`, which has not started. */
  readonly sweep: string;
  readonly idle: string;
  /** Runs of the sweep by their numbers. */
  readonly members: readonly string[];
}

/** Three learning rates × two widths × three seeds: 0.002 with 32 is best; 0.05 is stopped early, and once diverges. */
export const seedSweep = seedOnce(async (store): Promise<SeededSweep> => {
  const seeded = await seedInpaintings(store);
  const spec = {
    name: 'rates and widths',
    base: resolvePreset(tiny),
    axes: [
      { kind: 'list', path: 'optim.learningRate', values: [5e-4, 2e-3, 0.05] },
      { kind: 'list', path: 'field.dim', values: [16, 32] },
    ],
    seeds: [1, 2, 3],
    budget: { steps },
    halving: { minimum: 300, eta: 3 },
  } satisfies SweepSpecInput;
  const { id, members } = insertSweep(store, spec, (member) => {
    const { 'optim.learningRate': rate, 'field.dim': width } = member.values;
    const noise = 0.2 * noiseAt(member.index, 3);
    const isWide = width === 32;
    if (rate === 0.05) return { early: isWide && member.seed === 3 ? null : 14 + noise, score: null };
    const score = (rate === 2e-3 ? 23.6 : 22.8) + (isWide ? 0.6 : 0) + noise;
    return { early: score - 1, score };
  });
  for (const index of [0, 1, 2, 3]) await addImages(store, members[index], index);
  const idle = createSweep(store.db, sweepSpecSchema.parse({ ...spec, name: 'seeds only', axes: [] }));
  return { ...seeded, sweep: id, idle: idle.id, members };
});

async function addImages(store: Store, runId: string, index: number): Promise<void> {
  const png = await encodePreview(drawPreview(steps - 100 * index));
  insertPreview(store.db, {
    runId,
    step: steps,
    file: writePreview({ folder: store.runFolder(runId), step: steps, png }),
  });
  const protocol = { ...exampleEvaluation.protocol, images: 100, noiseSeed: 0, metricVersion: 2 };
  insertEvaluation(store.db, { protocol, rows: createComparedRows(index / 4), runId, step: steps });
}
