/** Runs in every possible state, with curves, previews, checkpoints and evaluations. */

import { mkdirSync } from 'node:fs';
import { exampleCheckpoint } from '../../store/files/exampleCheckpoint.ts';
import { exampleEvaluation, fullRows } from '../../reports/exampleEvaluation.ts';
import { encodePreview } from '../../../main/jobs/recorder.ts';
import { insertEvaluation } from '../../../main/store/runs/evaluations.ts';
import { writeCheckpoint } from '../../../main/store/files/checkpointFile.ts';
import { writePreview } from '../../../main/store/files/runImages.ts';
import { insertPreview } from '../../../main/store/runs/previews.ts';
import { commitCheckpoint } from '../../../main/store/runs/recording.ts';
import { insertRun, softDeleteRun } from '../../../main/store/runs/runLifecycle.ts';
import { archiveRuns, changeTags, writeNote } from '../../../main/store/runs/runMarks.ts';
import { insertRunRow, updateRun } from '../../../main/store/runs/runs.ts';
import { endSegment, startSegment } from '../../../main/store/runs/segments.ts';
import type { Store } from '../../../main/store/store.ts';
import { findPreset, presets, resolvePreset } from '../../../shared/config/presets.ts';
import type { RunConfig } from '../../../shared/config/config.ts';
import type { RunStatus } from '../../../shared/run.ts';
import { curveAt, curvePoints, psnrAt } from './curves.ts';
import { drawPreview } from './drawPreview.ts';
import { seedOnce } from './seedOnce.ts';

interface SeedRun {
  readonly name: string;
  readonly status: RunStatus;
  readonly steps: number;
  readonly totalSteps?: number;
  /** Default `tiny`. */
  readonly preset?: string;
  readonly source?: string;
  readonly tags?: readonly string[];
  readonly note?: string;
  readonly error?: string;
  /** Default 10. */
  readonly logEvery?: number;
  readonly isEvaluated?: boolean;
}

/** The runs by the names that tests use; `long baseline` has 5000 points of each loss curve. */
const seeds: readonly SeedRun[] = [
  { name: 'waiting', status: 'queued', steps: 0 },
  { name: 'first try', status: 'finished', steps: 1500, tags: ['baseline'], isEvaluated: true },
  {
    name: 'wider network',
    status: 'paused',
    steps: 1250,
    tags: ['width', 'baseline'],
    note: 'Twice the width; looks better on edges.',
  },
  {
    name: 'big steps',
    status: 'diverged',
    steps: 250,
    error: 'The loss became NaN at step 262. Start a new run with a smaller optim.learningRate.',
  },
  {
    name: 'no memory',
    status: 'crashed',
    steps: 500,
    preset: 'small',
    error: 'The compute process was killed by SIGKILL, most likely for want of memory. Resume it.',
  },
  { name: 'night run', status: 'interrupted', steps: 750, preset: 'small', source: 'cifar10' },
  { name: 'short', status: 'stopped', steps: 250, source: 'synthetic:7' },
  {
    name: 'long baseline',
    status: 'finished',
    steps: 5000,
    logEvery: 1,
    source: 'cifar10',
    tags: ['baseline'],
    isEvaluated: true,
  },
];

const backend = { kind: 'tensorflow', device: 'CPU', version: '2.19.0', execution: 'compiled' } as const;
const previewEvery = 250;

/** Returns the IDs of the runs by name, including an archived and a deleted one. */
export const seedRuns = seedOnce(async (store): Promise<Record<string, string>> => {
  const ids: Record<string, string> = {};
  for (const [index, seed] of seeds.entries()) ids[seed.name] = await insertSeed(store, seed, index);
  const finished = { status: 'finished', steps: 250 } as const;
  ids.archived = await insertSeed(store, { ...finished, name: 'archived' }, seeds.length);
  archiveRuns(store, [ids.archived], true);
  ids.deleted = await insertSeed(store, { ...finished, name: 'deleted' }, seeds.length + 1);
  softDeleteRun(store, ids.deleted);
  return ids;
});

async function insertSeed(store: Store, seed: SeedRun, index: number): Promise<string> {
  const { status, steps, totalSteps = 5000, error = null } = seed;
  const resolved = resolveNamed(seed.preset ?? 'tiny');
  const source = seed.source ?? resolved.data.source;
  const { id } = insertRun(store, {
    name: seed.name,
    config: { ...resolved, data: { ...resolved.data, source } },
    totalSteps: status === 'finished' ? steps : totalSteps,
  });
  if (steps > 0) {
    const segment = startSegment(store.db, { runId: id, fromStep: 0, backend });
    commitSteps(store, id, seed);
    await drawPreviews(store, id, steps);
    endSegment(store.db, segment, steps);
    updateRun(store.db, id, { backend, dataset: { ...describeDataset(source), notes: [] } });
  }
  if (seed.isEvaluated)
    insertEvaluation(store.db, { ...exampleEvaluation, rows: fullRows(), runId: id, step: steps });
  updateRun(store.db, id, { status, error });
  changeTags(store, [id], { add: seed.tags ?? [], remove: [] });
  writeNote(store, id, seed.note ?? '');
  const createdAt = new Date(Date.UTC(2026, 10, 20, 9) + index * 5_400_000).toISOString();
  store.db.prepare('UPDATE runs SET created_at = ? WHERE id = ?').run(createdAt, id);
  return id;
}

function resolveNamed(name: string): RunConfig {
  const preset = findPreset(name);
  if (!preset) throw new Error(`No preset "${name}".`);
  return resolvePreset(preset);
}

function commitSteps(store: Store, id: string, { steps, logEvery }: SeedRun): void {
  const { psnr: bestPsnr, ssim } = psnrAt(steps);
  const { file, bytes, sha256 } = writeCheckpoint(store.runFolder(id), exampleCheckpoint(steps));
  commitCheckpoint(store, {
    runId: id,
    step: steps,
    file,
    bytes,
    sha256,
    isBest: true,
    bestPsnr,
    epoch: Math.floor(steps / 250),
    processSeconds: steps * 0.08,
    loss: curveAt(steps).loss,
    metrics: curvePoints(steps, { logEvery }),
  });
  store.db.prepare('UPDATE runs SET best_ssim = ? WHERE id = ?').run(ssim, id);
}

async function drawPreviews(store: Store, runId: string, steps: number): Promise<void> {
  for (let step = 0; step <= steps; step += previewEvery) {
    const png = await encodePreview(drawPreview(step));
    insertPreview(store.db, {
      runId,
      step,
      file: writePreview({ folder: store.runFolder(runId), step, png }),
    });
  }
}

function describeDataset(source: string) {
  return { source, split: 'train', count: 4000, height: 32, width: 32, checksum: 'c0ffee' } as const;
}

const manyStatuses: readonly RunStatus[] = ['finished', 'paused', 'stopped', 'crashed', 'interrupted'];

/** Inserts rows and empty folders only, for tests of long lists. */
export function seedManyRuns(store: Store, count = 10_000): void {
  const configs = presets.map(resolvePreset);
  const insert = store.db.transaction(() => {
    for (let index = 0; index < count; index++)
      insertPlainRun(store, { index, config: configs[index % configs.length] });
  });
  insert();
}

function insertPlainRun(store: Store, { index, config }: { index: number; config: RunConfig }): void {
  const id = index
    .toString(32)
    .padStart(8, '0')
    .replace(/[0189]/g, (digit) => 'wxyz'['0189'.indexOf(digit)]);
  mkdirSync(store.runFolder(id), { recursive: true });
  const createdAt = new Date(Date.UTC(2026, 0, 1) + index * 600_000).toISOString();
  const status = manyStatuses[index % manyStatuses.length];
  insertRunRow(store.db, {
    id,
    name: `run ${index}`,
    status,
    preset: config.preset,
    config,
    createdAt,
    totalSteps: 1000,
  });
  updateRun(store.db, id, {
    step: index % 1000,
    loss: curveAt((index % 997) + 1).loss,
    bestPsnr: psnrAt(index % 997).psnr,
    processSeconds: index % 3600,
  });
}
