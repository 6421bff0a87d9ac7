/** What goes into a bundle: a manifest from the rows, and parts that are in memory or stand in the run's files. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { metricUnits, type MetricName } from '../../../shared/metric.ts';
import type { CheckpointRecord, RunRecord } from '../../../shared/run.ts';
import {
  bundleManifestSchema,
  type BundledCheckpoints,
  type BundleManifest,
} from '../../../shared/runBundle.ts';
import { listCheckpointRows } from '../checkpoints.ts';
import { trashFolder } from '../dataFolder.ts';
import { listEvaluations, type StoredEvaluation } from '../evaluations.ts';
import { listCheckpoints } from '../files/checkpointFolder.ts';
import { checkpointPath, verifyCheckpoint, type VerifiedCheckpoint } from '../files/checkpointFile.ts';
import { evaluationSheetFile } from '../files/evaluationFiles.ts';
import { DamagedFileError } from '../files/safetensorsHeader.ts';
import { matrixRows, readMetricMatrix } from '../metricMatrix.ts';
import { listPreviews } from '../previews.ts';
import { readMarks } from '../runMarks.ts';
import { getRun } from '../runs.ts';
import { listSegments } from '../segments.ts';
import type { Store } from '../store.ts';
import { metricTensor, previewTensor, sheetTensor } from './bundleLayout.ts';
import type { BundlePart } from './bundleParts.ts';
import { checkpointPart, matrixPart, picturePart } from './bundleParts.ts';
import { portableConfigText, portableDataset, portableError, portableSource } from './withoutMachine.ts';

export interface GatherOptions {
  readonly runId: string;
  readonly checkpoints: BundledCheckpoints;
  readonly appVersion: string;
}

export interface GatheredBundle {
  readonly manifest: BundleManifest;
  /** In the order they will stand. */
  readonly parts: readonly BundlePart[];
}

/** The metadata that the writer of checkpoints sets anew. */
const writersKeys = ['format', 'step', 'sha256', 'headerSha256'];

/**
 * Rows as they are at one moment, also while the run is computed.
 * @throws UnknownRunError; Error when a file of the run cannot be read, or a checkpoint that is asked for is damaged.
 */
export function gatherBundle(store: Store, options: GatherOptions): GatheredBundle {
  return store.db.transaction(() => gather(store, options))();
}

function gather(store: Store, { runId, checkpoints: wanted, appVersion }: GatherOptions): GatheredBundle {
  const { db } = store;
  const run = getRun(db, runId);
  const source = portableSource(run.config.data.source, run.dataset);
  const folder = findFolder(store, runId);
  const checkpoints = chooseCheckpoints(store, { run, folder, wanted });
  // What a failing disk took away since the start is left out, as the next start would.
  const previews = listPreviews(db, runId).filter(({ file }) => existsSync(join(folder, file)));
  const evaluations = listEvaluations(db, runId)
    .toReversed()
    .map((evaluation) => (hasSheets(folder, evaluation) ? evaluation : { ...evaluation, pictures: null }));
  const manifest: BundleManifest = {
    ...{ appVersion, exportedAt: new Date().toISOString(), marks: readMarks(db, runId) },
    run: describeRun(run, { source, step: checkpoints.at(-1)?.file.step ?? 0 }),
    segments: listSegments(db, runId).map(({ runId: _, ...segment }) => segment),
    checkpoints: checkpoints.map((checkpoint) => describeCheckpoint(checkpoint, source)),
    previews: previews.map(({ step, createdAt }) => ({ step, createdAt })),
    evaluations: evaluations.map((evaluation) => describeEvaluation(evaluation, run)),
  };
  // Whatever could not be imported again is not written either.
  bundleManifestSchema.parse(manifest);
  return {
    manifest,
    parts: [
      ...metricParts(store, runId),
      ...checkpoints.map(({ file }) => checkpointPart(checkpointPath(folder, file.step), file.step)),
      ...previews.map(({ step, file }) => picturePart(previewTensor(step), join(folder, file))),
      ...evaluations.flatMap((evaluation, index) => sheetParts(folder, evaluation, index)),
    ],
  };
}

function findFolder(store: Store, runId: string): string {
  const query = store.db.prepare<[string], number>('SELECT deleted_at IS NOT NULL FROM runs WHERE id = ?');
  return query.pluck().get(runId) === 1 ? trashFolder(store.dataFolder, runId) : store.runFolder(runId);
}

function describeRun(
  { updatedAt: _, ...run }: RunRecord,
  at: { source: string; step: number },
): BundleManifest['run'] {
  const { status, config, dataset, error, step } = run;
  const isEnded = status === 'finished' || status === 'diverged';
  return {
    ...run,
    status: status === 'running' ? 'interrupted' : status,
    config: { ...config, data: { ...config.data, source: at.source } },
    dataset: toMutable(portableDataset(dataset)),
    error: portableError(error),
    // As after a crash: a run that goes on does so where its newest checkpoint is.
    step: isEnded ? Math.max(step, at.step) : at.step,
  };
}

function toMutable(dataset: ReturnType<typeof portableDataset>): BundleManifest['run']['dataset'] {
  return dataset && { ...dataset, notes: [...dataset.notes] };
}

interface ChosenCheckpoint {
  readonly row: CheckpointRecord;
  readonly file: VerifiedCheckpoint;
}

/** Ascending in steps. The newest is the newest good one, as for resuming. */
function chooseCheckpoints(
  { db }: Store,
  { run, folder, wanted }: { run: RunRecord; folder: string; wanted: BundledCheckpoints },
): ChosenCheckpoint[] {
  const rows = listCheckpointRows(db, run.id);
  const chosen = new Map<number, ChosenCheckpoint>();
  const add = (row: CheckpointRecord) => {
    chosen.set(row.step, { row, file: verifyCheckpoint(checkpointPath(folder, row.step)) });
  };
  if (wanted.includes('newest')) findNewest(rows, folder, add);
  const best = rows.find(({ isBest }) => isBest) ?? (wanted === 'best' ? rows.at(0) : undefined);
  if (wanted.includes('best') && best && !chosen.has(best.step)) add(best);
  if (wanted === 'all') rows.forEach(add);
  return [...chosen.values()].sort((a, b) => a.row.step - b.row.step);
}

function findNewest(
  rows: readonly CheckpointRecord[],
  folder: string,
  add: (row: CheckpointRecord) => void,
): void {
  const steps = rows.length > 0 ? listCheckpoints(folder) : [];
  let fault: DamagedFileError | null = null;
  for (const row of rows.filter(({ step }) => steps.includes(step))) {
    try {
      return add(row);
    } catch (error) {
      if (!(error instanceof DamagedFileError)) throw error;
      fault ??= error;
    }
  }
  if (fault) throw fault;
}

function describeCheckpoint(
  { row, file }: ChosenCheckpoint,
  source: string,
): BundleManifest['checkpoints'][number] {
  const metadata = Object.entries(file.metadata)
    .filter(([key]) => !writersKeys.includes(key))
    .map(([key, text]): [string, string] => [
      key,
      key === 'config' ? portableConfigText(text, source) : text,
    ]);
  return { step: row.step, sha256: file.sha256, isBest: row.isBest, createdAt: row.createdAt, metadata };
}

function describeEvaluation(
  { step, createdAt, protocol, rows, pictures }: StoredEvaluation,
  { dataset }: RunRecord,
): BundleManifest['evaluations'][number] {
  // Whether CIFAR-10 is there whole is known of the run's own data only.
  const known = dataset?.source === protocol.source ? dataset : null;
  const source = portableSource(protocol.source, known);
  return { step, createdAt, protocol: { ...protocol, source }, rows, pictures };
}

function metricParts({ db }: Store, runId: string): BundlePart[] {
  return (Object.keys(metricUnits) as MetricName[]).flatMap((name) => {
    const matrix = readMetricMatrix(db, runId, name);
    if (matrix.length === 0) return [];
    return [matrixPart(metricTensor(name), [matrixRows, matrix.length / matrixRows], matrix)];
  });
}

function hasSheets(folder: string, { id, pictures }: StoredEvaluation): boolean {
  return (pictures?.sheets ?? []).every((_, sheet) => existsSync(evaluationSheetFile(folder, id, sheet)));
}

function sheetParts(folder: string, { id, pictures }: StoredEvaluation, index: number): BundlePart[] {
  const sheets = pictures?.sheets ?? [];
  return sheets.map((_, sheet) =>
    picturePart(sheetTensor(index, sheet), evaluationSheetFile(folder, id, sheet)),
  );
}
