/** Collects the contents of a bundle: a manifest from the rows, and parts that are in memory or in the run's files. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type MetricName, loggedMetrics } from '../../../shared/metric.ts';
import type { CheckpointRecord, RunRecord } from '../../../shared/run.ts';
import {
  type BundledCheckpoints,
  type BundleManifest,
  bundleManifestSchema,
} from '../../../shared/runBundle.ts';
import { runFolder, trashFolder } from '../dataFolder.ts';
import { checkpointPath, type VerifiedCheckpoint, verifyCheckpoint } from '../files/checkpointFile.ts';
import { listCheckpoints } from '../files/checkpointFolder.ts';
import { nodeFileSystem, withFile } from '../files/fileSystem.ts';
import { evaluationSheetFile } from '../files/runImages.ts';
import { readHeader } from '../files/safetensors.ts';
import { DamagedFileError, type TensorEntry } from '../files/safetensorsHeader.ts';
import { listCheckpointRows } from '../runs/checkpoints.ts';
import { listEvaluations, type StoredEvaluation } from '../runs/evaluations.ts';
import { listPreviews } from '../runs/previews.ts';
import { readReferences } from '../runs/references.ts';
import { readMarks } from '../runs/runMarks.ts';
import { getRun } from '../runs/runs.ts';
import { listSegments } from '../runs/segments.ts';
import type { StoreHandle } from '../database/database.ts';
import { checkpointTensor, metricTensor, previewTensor, sheetTensor } from './bundleLayout.ts';
import { matrixRows, readMetricMatrix } from './metricMatrix.ts';
import { portableConfigText, portableDataset, portableError, portableSource } from './portableRun.ts';

export interface GatherOptions {
  readonly runId: string;
  readonly checkpoints: BundledCheckpoints;
  readonly appVersion: string;
}

export interface GatheredBundle {
  readonly manifest: BundleManifest;
  /** In file order. */
  readonly parts: readonly BundlePart[];
}

/** Metadata keys that the checkpoint writer sets itself. */
const writersKeys = ['format', 'step', 'sha256', 'headerSha256'];

/**
 * Collects a consistent snapshot of the rows, also while the run is being computed.
 * @throws UnknownRunError; Error when a file of the run cannot be read, or a requested checkpoint is damaged.
 */
export function gatherBundle(store: StoreHandle, options: GatherOptions): GatheredBundle {
  return store.db.transaction(() => gather(store, options))();
}

function gather(
  store: StoreHandle,
  { runId, checkpoints: wanted, appVersion }: GatherOptions,
): GatheredBundle {
  const { db } = store;
  const run = getRun(db, runId);
  const source = portableSource(run.config.data.source, run.dataset);
  const folder = findFolder(store, runId);
  const checkpoints = chooseCheckpoints(store, { run, folder, wanted });
  // Files lost to a failing disk since the start are left out, as the next start would do.
  const previews = listPreviews(db, runId).filter(({ file }) => existsSync(join(folder, file)));
  const evaluations = listEvaluations(db, runId)
    .toReversed()
    .map((evaluation) => (hasSheets(folder, evaluation) ? evaluation : { ...evaluation, imageSheets: null }));
  const manifest: BundleManifest = {
    appVersion,
    exportedAt: new Date().toISOString(),
    marks: readMarks(db, runId),
    references: readReferences(db, runId),
    run: describeRun(run, { source, step: checkpoints.at(-1)?.file.step ?? 0 }),
    segments: listSegments(db, runId).map(({ runId: _, ...segment }) => segment),
    checkpoints: checkpoints.map((checkpoint) => describeCheckpoint(checkpoint, source)),
    previews: previews.map(({ step, createdAt }) => ({ step, createdAt })),
    evaluations: evaluations.map((evaluation) => describeEvaluation(evaluation, run)),
  };
  // Refuse to write a bundle that could not be imported again.
  bundleManifestSchema.parse(manifest);
  return {
    manifest,
    parts: [
      ...metricParts(store, runId),
      ...checkpoints.map(({ file }) => checkpointPart(checkpointPath(folder, file.step), file.step)),
      ...previews.map(({ step, file }) => imagePart(previewTensor(step), join(folder, file))),
      ...evaluations.flatMap((evaluation, index) => sheetParts(folder, evaluation, index)),
    ],
  };
}

function findFolder(store: StoreHandle, runId: string): string {
  const query = store.db.prepare<[string], number>('SELECT deleted_at IS NOT NULL FROM runs WHERE id = ?');
  return query.pluck().get(runId) === 1
    ? trashFolder(store.dataFolder, runId)
    : runFolder(store.dataFolder, runId);
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
    // As after a crash, an unfinished run resumes from its newest checkpoint.
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

/** Returns the chosen checkpoints in ascending steps. The newest is the newest undamaged one, as for resuming. */
function chooseCheckpoints(
  { db }: StoreHandle,
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
  { step, createdAt, protocol, rows, imageSheets }: StoredEvaluation,
  { dataset }: RunRecord,
): BundleManifest['evaluations'][number] {
  // Only for the run's own data is it known whether CIFAR-10 is complete.
  const known = dataset?.source === protocol.source ? dataset : null;
  const source = portableSource(protocol.source, known);
  return { step, createdAt, protocol: { ...protocol, source }, rows, pictures: imageSheets };
}

function metricParts({ db }: StoreHandle, runId: string): BundlePart[] {
  return (Object.keys(loggedMetrics) as MetricName[]).flatMap((name) => {
    const matrix = readMetricMatrix(db, runId, name);
    if (matrix.length === 0) return [];
    return [matrixPart(metricTensor(name), [matrixRows, matrix.length / matrixRows], matrix)];
  });
}

function hasSheets(folder: string, { id, imageSheets }: StoredEvaluation): boolean {
  return (imageSheets?.sheets ?? []).every((_, sheet) => existsSync(evaluationSheetFile(folder, id, sheet)));
}

function sheetParts(folder: string, { id, imageSheets }: StoredEvaluation, index: number): BundlePart[] {
  const sheets = imageSheets?.sheets ?? [];
  return sheets.map((_, sheet) =>
    imagePart(sheetTensor(index, sheet), evaluationSheetFile(folder, id, sheet)),
  );
}

export interface BundlePart {
  /** Offsets relative to the part. */
  readonly entries: readonly TensorEntry[];
  readonly bytes: number;
  readonly from: { readonly data: Uint8Array } | { readonly path: string; readonly position: number };
}

/** Creates a part from a matrix in memory. */
function matrixPart(name: string, shape: readonly number[], values: Float64Array<ArrayBuffer>): BundlePart {
  const bytes = values.byteLength;
  const data = new Uint8Array(values.buffer, values.byteOffset, bytes);
  return { entries: [{ name, dtype: 'F64', shape, begin: 0, end: bytes }], bytes, from: { data } };
}

/** Creates a part from the unchanged data area of a checkpoint file; the step becomes part of the tensor names. */
function checkpointPart(path: string, step: number): BundlePart {
  return withFile({ path, mode: 'read', fileSystem: nodeFileSystem }, (file) => {
    const { header, dataStart, size } = readHeader({ path, file }, nodeFileSystem);
    const entries = header.entries.map((entry) => ({ ...entry, name: checkpointTensor(step, entry.name) }));
    return { entries, bytes: size - dataStart, from: { path, position: dataStart } };
  });
}

/** Creates a part from an image file. */
function imagePart(name: string, path: string): BundlePart {
  const bytes = withFile({ path, mode: 'read', fileSystem: nodeFileSystem }, (file) =>
    nodeFileSystem.size(file),
  );
  return {
    entries: [{ name, dtype: 'U8', shape: [bytes], begin: 0, end: bytes }],
    bytes,
    from: { path, position: 0 },
  };
}
