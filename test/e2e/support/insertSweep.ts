/** Stored sweeps with runs, curves and scores of all members; without anything of the test runner, so that measurements can use it. */

import { insertMetrics } from '../../../main/store/runs/metrics.ts';
import { insertRun } from '../../../main/store/runs/runLifecycle.ts';
import { updateRun } from '../../../main/store/runs/runs.ts';
import type { Store } from '../../../main/store/store.ts';
import { createSweep, recordRungScore, setSweepState } from '../../../main/store/sweeps.ts';
import { presets, resolvePreset } from '../../../shared/config/presets.ts';
import type { MetricPoint } from '../../../shared/metric.ts';
import { type ConfiguredMember, expandSweep } from '../../../shared/sweep/expandSweep.ts';
import { type SweepSpecInput, sweepSpecSchema } from '../../../shared/sweep/sweep.ts';
import { noiseAt } from './curves.ts';

/** Budget of every run. */
export const sweepSteps = 900;
const steps = sweepSteps;

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

/** Inserts a sweep with the runs of all its members, which are finished or were stopped early. Returns their IDs. */
export function insertSweep(
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
