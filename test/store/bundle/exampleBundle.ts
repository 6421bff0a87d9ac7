/** A run with everything a run can have, and descriptions of runs and stores that can be compared. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { MetricPoint } from '../../../shared/metric.ts';
import type { RunRecord } from '../../../shared/run.ts';
import { listCheckpointRows } from '../../../main/store/runs/checkpoints.ts';
import {
  findImageSheets,
  insertEvaluation,
  listEvaluations,
  setImageSheets,
} from '../../../main/store/runs/evaluations.ts';
import { writeCheckpoint } from '../../../main/store/files/checkpointFile.ts';
import {
  evaluationSheetFile,
  writeEvaluationSheets,
  writePreview,
} from '../../../main/store/files/runImages.ts';
import { readMetrics } from '../../../main/store/runs/metrics.ts';
import { insertPreview, listPreviews } from '../../../main/store/runs/previews.ts';
import { readReferences, writeReferences } from '../../../main/store/runs/references.ts';
import { commitCheckpoint } from '../../../main/store/runs/recording.ts';
import { changeTags, readMarks, recordBranch, writeNote } from '../../../main/store/runs/runMarks.ts';
import { getRun, updateRun } from '../../../main/store/runs/runs.ts';
import { endSegment, listSegments, startSegment } from '../../../main/store/runs/segments.ts';
import type { Store } from '../../../main/store/store.ts';
import type { RunConfigInput } from '../../../shared/config/config.ts';
import { exampleEvaluation } from '../../reports/exampleEvaluation.ts';
import { insertExampleRun } from '../exampleStore.ts';
import { exampleCheckpoint } from '../files/exampleCheckpoint.ts';

/** Draws an image that is different for each number. */
export function drawPng(number: number): Promise<Uint8Array> {
  const background = { r: number % 256, g: (number * 7) % 256, b: 90 };
  return sharp({ create: { width: 6, height: 4, channels: 3, background } })
    .png()
    .toBuffer();
}

export const backend = {
  kind: 'tensorflow',
  device: 'CPU',
  version: '2.19.0',
  execution: 'compiled',
} as const;

/** Inserts a run that is paused at step 9, with checkpoints at 3, 6 (the best) and 9, previews, evaluations and marks. */
export async function insertFullRun(store: Store, config: RunConfigInput = {}): Promise<RunRecord> {
  const run = insertExampleRun(store, 'full run', config);
  const folder = store.runFolder(run.id);
  const segment = startSegment(store.db, { runId: run.id, fromStep: 0, backend });
  for (const step of [3, 6, 9]) {
    const metadata = {
      config: JSON.stringify(run.config),
      progress: JSON.stringify({ processSeconds: step / 3, loss: 1 / step, bestPsnr: null }),
    };
    const { file, bytes, sha256 } = writeCheckpoint(folder, { ...exampleCheckpoint(step), metadata });
    const progress = { epoch: step, processSeconds: step / 3, loss: 1 / step, bestPsnr: 20 + step };
    const points = [step - 2, step - 1, step].flatMap(pointsAt);
    commitCheckpoint(store, {
      runId: run.id,
      step,
      file,
      bytes,
      sha256,
      isBest: step === 6,
      metrics: points,
      ...progress,
    });
    const png = await drawPng(step);
    insertPreview(store.db, { runId: run.id, step, file: writePreview({ folder, step, png }) });
  }
  endSegment(store.db, segment, 9);
  await evaluate(store, run.id);
  const { source } = run.config.data;
  const dataset = { source, split: 'train', count: 12, height: 32, width: 32, checksum: 'c0ffee' } as const;
  updateRun(store.db, run.id, { status: 'paused', backend, dataset: { ...dataset, notes: ['A note.'] } });
  changeTags(store, [run.id], { add: ['birds', '__proto__'], remove: [] });
  const scores = { mse: 0.01, mae: 0.05, psnr: 20, ssim: 0.5 };
  const exact = { mse: 0, mae: 0, psnr: null, ssim: 1 };
  writeReferences(store.db, run.id, { linear: scores, biharmonic: scores, 'thin plate': exact });
  writeNote(store, run.id, 'Zeile eins\n"zwei" \u2028 🐦 __proto__');
  recordBranch(store, run.id, { runId: 'abcdefgh', step: 4 });
  return getRun(store.db, run.id);
}

function pointsAt(step: number): MetricPoint[] {
  const at = { step, processSeconds: step / 3, wallTime: 1_700_000_000_000 + step };
  return [
    { ...at, name: 'loss', value: step === 5 ? NaN : 0.1 / step },
    { ...at, name: 'learningRate', value: 1e-3 },
    { ...at, name: 'evaluation/ssim', value: step / 10 },
    { ...at, name: 'system/cpu', value: 1.5 },
  ];
}

async function evaluate(store: Store, runId: string): Promise<void> {
  const { source } = getRun(store.db, runId).config.data;
  const protocol = { ...exampleEvaluation.protocol, source };
  insertEvaluation(store.db, { ...exampleEvaluation, protocol, runId, step: 6 });
  const { id } = insertEvaluation(store.db, { ...exampleEvaluation, protocol, runId, step: 9 });
  const sheets = await Promise.all([drawPng(90), drawPng(91), drawPng(92)]);
  writeEvaluationSheets({ folder: store.runFolder(runId), id, sheets });
  const names = ['truth', 'known', 'flow'];
  const states = [{ method: 'flow', times: [0.5], sheet: 2 }];
  setImageSheets(store.db, id, { images: 4, columns: 2, imageSize: 32, sheets: names, states });
}

/** Returns everything about a run except IDs, folders and the time of the last change. */
export function describeContents(store: Store, id: string) {
  const run = omitIdentity(getRun(store.db, id));
  const folder = store.runFolder(id);
  return {
    run,
    marks: readMarks(store.db, id),
    references: readReferences(store.db, id),
    metrics: readMetrics(store.db, id),
    bestSsim: store.db.prepare('SELECT best_ssim FROM runs WHERE id = ?').pluck().get(id),
    segments: listSegments(store.db, id).map(({ runId: _, ...segment }) => segment),
    checkpoints: listCheckpointRows(store.db, id).map(({ runId: _, file, ...row }) => ({
      ...row,
      file,
      content: readFileSync(join(folder, file), 'base64'),
    })),
    previews: listPreviews(store.db, id).map(({ step, file, createdAt }) => ({
      step,
      file,
      createdAt,
      content: readFileSync(join(folder, file), 'base64'),
    })),
    evaluations: listEvaluations(store.db, id).map(({ id: evaluation, runId: _, ...rest }) => ({
      ...rest,
      content: (findImageSheets(store.db, id, evaluation)?.sheets ?? []).map((__, sheet) =>
        readFileSync(evaluationSheetFile(folder, evaluation, sheet), 'base64'),
      ),
    })),
  };
}

function omitIdentity({ id: _, updatedAt: __, ...run }: RunRecord) {
  return run;
}

/** Returns the file names in the data folder and the number of rows of every table. */
export function describeStore({ dataFolder, db }: Store) {
  const files = readdirSync(dataFolder, { recursive: true })
    .map(String)
    .filter((name) => !name.startsWith('lab.sqlite') && name !== 'imports')
    .toSorted();
  const tables = ['runs', 'tags', 'metrics', 'checkpoints', 'previews', 'evaluations', 'segments'];
  const rows = tables.map((table) => [table, db.prepare(`SELECT count(*) FROM ${table}`).pluck().get()]);
  return { files, rows };
}
