/** Sweeps, in addition to runs and inpaintings, and one of a thousand runs. */

import { encodePreview } from '../../../main/jobs/recorder.ts';
import { writePreview } from '../../../main/store/files/runImages.ts';
import { insertEvaluation } from '../../../main/store/runs/evaluations.ts';
import { insertMetrics } from '../../../main/store/runs/metrics.ts';
import { insertPreview } from '../../../main/store/runs/previews.ts';
import { insertRun } from '../../../main/store/runs/runLifecycle.ts';
import { updateRun } from '../../../main/store/runs/runs.ts';
import type { Store } from '../../../main/store/store.ts';
import { createSweep, recordRungScore, setSweepState } from '../../../main/store/sweeps.ts';
import { presets, resolvePreset, tiny } from '../../../shared/config/presets.ts';
import type { MetricPoint } from '../../../shared/metric.ts';
import { type ConfiguredMember, expandSweep } from '../../../shared/sweep/expandSweep.ts';
import { type SweepSpecInput, sweepSpecSchema } from '../../../shared/sweep/sweep.ts';
import { exampleEvaluation } from '../../reports/exampleEvaluation.ts';
import { noiseAt } from './curves.ts';
import { drawPreview } from './drawPreview.ts';
import { createComparedRows } from './seedComparison.ts';
import { seedOnce } from './seedOnce.ts';
import { seedInpaintings, type SeededInpaintings } from './seedInpaintings.ts';

export interface SeededSweep extends SeededInpaintings {
  /** `rates and widths`, which is finished, and `seeds only`, which has not started. */
  readonly sweep: string;
  readonly idle: string;
  /** Runs of the sweep by their numbers. */
  readonly members: readonly string[];
}

const steps = 900;

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

/** A random choice of settings of four parameters, each with four seeds, all scored. Returns the ID of the sweep. */
export function seedLargeSweep(store: Store, count = 1000): string {
  const { id } = insertSweep(
    store,
    {
      name: 'a large sweep',
      base: resolvePreset(presets[0]),
      axes: [
        { kind: 'log', path: 'optim.learningRate', from: 1e-4, to: 1e-2, count: 20 },
        { kind: 'list', path: 'train.batchSize', values: [8, 16, 32, 64] },
        { kind: 'range', path: 'optim.weightDecay', from: 0, to: 0.1, step: 0.01 },
        { kind: 'list', path: 'optim.clipNorm', values: [0.5, 1, 2, 4] },
      ],
      seeds: [1, 2, 3, 4],
      design: { kind: 'random', count: count / 4 },
      budget: { steps },
    },
    ({ values, index }) => {
      const rate = Math.log10(Number(values['optim.learningRate']));
      const score = 24 - (rate + 2.7) ** 2 + Number(values['train.batchSize']) / 80 + 0.3 * noiseAt(index, 5);
      return { early: score, score };
    },
  );
  return id;
}

interface Scores {
  /** At the first rung; null: diverged. */
  readonly early: number | null;
  /** With the whole budget; null: not scored. */
  readonly score: number | null;
}

function insertSweep(
  store: Store,
  input: SweepSpecInput,
  scoresOf: (member: ConfiguredMember) => Scores,
): { id: string; members: string[] } {
  const spec = sweepSpecSchema.parse(input);
  const { id } = createSweep(store.db, spec);
  const members = expandSweep(spec).map((member) =>
    insertMember(store, id, member, scoresOf(member), spec.halving !== null),
  );
  setSweepState(store.db, id, { state: 'finished' });
  return { id, members };
}

function insertMember(
  store: Store,
  sweepId: string,
  member: ConfiguredMember,
  { early, score }: Scores,
  isHalved: boolean,
): string {
  const { config, index, name } = member;
  const { id } = insertRun(store, { name, config, totalSteps: steps, sweep: { sweepId, member: index } });
  const last = score === null ? steps / 3 : steps;
  const points = Array.from({ length: 9 }, (_, place) => ((place + 1) * steps) / 9).filter(
    (step) => step <= last,
  );
  const best = score ?? early ?? 10;
  insertMetrics(
    store.db,
    id,
    points.flatMap((step): MetricPoint[] => {
      const place = { step, processSeconds: step * 0.03, wallTime: Date.UTC(2026, 10, 20) + step };
      return [
        { ...place, name: 'loss', value: (30 - best) / (10 + step / 10) },
        { ...place, name: 'evaluation/psnr', value: best - 600 / (step + 60) },
      ];
    }),
  );
  const common = { member: index, runId: id, nfe: 1 };
  if (isHalved) recordRungScore(store.db, sweepId, { ...common, rung: 0, step: steps / 3, score: early });
  if (score !== null)
    recordRungScore(store.db, sweepId, { ...common, rung: isHalved ? 1 : 0, step: steps, score });
  updateRun(store.db, id, {
    status: score !== null ? 'finished' : early === null ? 'diverged' : 'paused',
    step: last,
    processSeconds: last * 0.03,
  });
  // Older than all other runs, which stay first in the list.
  store.db.prepare('UPDATE runs SET created_at = ? WHERE id = ?').run('2026-10-01T09:00:00.000Z', id);
  return id;
}
