/** Files and rows of a bundled run, unpacked into its staging folder and the database. */

import { join } from 'node:path';
import type { RunConfig } from '../../../shared/config/config.ts';
import type { LabDatabase } from '../database/database.ts';
import { writeDurably, writeFully } from '../files/atomicFile.ts';
import { encodeCheckpointHeader, formatCheckpointName, verifyCheckpoint } from '../files/checkpointFile.ts';
import { type FileSystem, withFile } from '../files/fileSystem.ts';
import { evaluationFolder, previewName } from '../files/runImages.ts';
import { readInChunks } from '../files/safetensors.ts';
import { insertCheckpoint } from '../runs/checkpoints.ts';
import { insertEvaluation, setImageSheets } from '../runs/evaluations.ts';
import { updateBestSsim } from '../runs/metrics.ts';
import { insertPreview } from '../runs/previews.ts';
import { writeReferences } from '../runs/references.ts';
import { hasMarks, restoreMarks, writeMarksFile } from '../runs/runMarks.ts';
import { insertRunRow, updateRun } from '../runs/runs.ts';
import { insertSegment } from '../runs/segments.ts';
import { previewTensor, sheetTensor } from './bundleLayout.ts';
import { insertMetricMatrix } from './metricMatrix.ts';
import { type Bundle, readBundledMetric, readBundledImage } from './readBundle.ts';

export interface BundledRun {
  readonly bundle: Bundle;
  /** Id and name of the run in this store. */
  readonly run: { readonly id: string; readonly name: string; readonly config: RunConfig };
  /** Folder with its files; the sheet folders are renamed to the ids of their evaluations. */
  readonly folder: string;
}

/** Inserts the rows of a bundled run; call it in a transaction. */
export function insertBundledRows(db: LabDatabase, bundled: BundledRun, fileSystem: FileSystem): void {
  const { bundle, run } = bundled;
  const { manifest } = bundle;
  insertRun(db, bundled);
  restoreMarks(db, run.id, manifest.marks);
  if (manifest.references) writeReferences(db, run.id, manifest.references);
  for (const name of bundle.metrics.keys())
    insertMetricMatrix(db, { runId: run.id, name }, readBundledMetric(bundle, name));
  updateBestSsim(db, run.id);
  for (const segment of manifest.segments) insertSegment(db, { runId: run.id, ...segment });
  insertCheckpoints(db, bundled, fileSystem);
  for (const preview of manifest.previews)
    insertPreview(db, { runId: run.id, file: previewName(preview.step), ...preview });
  insertEvaluations(db, bundled, fileSystem);
}

function insertRun(db: LabDatabase, { bundle, run }: BundledRun): void {
  const { status, preset, createdAt, totalSteps, dataset, ...rest } = bundle.manifest.run;
  const { backend, step, epoch, processSeconds, loss, bestPsnr, error, warning } = rest;
  insertRunRow(db, { ...run, status, preset, createdAt, totalSteps });
  const known = dataset && { ...dataset, source: run.config.data.source };
  updateRun(db, run.id, {
    dataset: known,
    backend,
    step,
    epoch,
    processSeconds,
    loss,
    bestPsnr,
    error,
    warning,
  });
}

function insertCheckpoints(
  db: LabDatabase,
  { bundle, run, folder }: BundledRun,
  fileSystem: FileSystem,
): void {
  for (const { step, sha256, isBest, createdAt } of bundle.manifest.checkpoints) {
    const file = formatCheckpointName(step);
    const path = join(folder, file);
    const bytes = withFile({ path, mode: 'read', fileSystem }, (open) => fileSystem.size(open));
    insertCheckpoint(db, { runId: run.id, step, file, bytes, sha256, isBest, createdAt });
  }
}

function insertEvaluations(
  db: LabDatabase,
  { bundle, run, folder }: BundledRun,
  fileSystem: FileSystem,
): void {
  const { evaluations } = bundle.manifest;
  for (const [index, { pictures, ...evaluation }] of evaluations.entries()) {
    const { id } = insertEvaluation(db, { runId: run.id, ...evaluation });
    if (pictures === null) continue;
    fileSystem.rename(stagedSheets(folder, index), evaluationFolder(folder, id));
    setImageSheets(db, id, pictures);
  }
  if (evaluations.some(({ pictures }) => pictures !== null))
    fileSystem.syncFolder(join(folder, 'evaluations'));
}

/** Returns the folder of an evaluation's sheets before it has an id: `evaluations/import-<index in the manifest>`. */
function stagedSheets(folder: string, evaluation: number): string {
  return join(folder, 'evaluations', `import-${evaluation}`);
}

/**
 * Writes the files of a bundled run to its staging folder, each durably.
 * @throws the system's error when writing fails, DamagedFileError when a written file does not read back as expected.
 */
export function writeBundledFiles(bundle: Bundle, folder: string, fileSystem: FileSystem): void {
  const { manifest } = bundle;
  for (const checkpoint of manifest.checkpoints)
    writeCheckpointFile(bundle, { folder, checkpoint }, fileSystem);
  for (const { step } of manifest.previews) {
    writeImage(bundle, { tensor: previewTensor(step), path: join(folder, previewName(step)) }, fileSystem);
  }
  writeSheets(bundle, folder, fileSystem);
  if (hasMarks(manifest.marks)) writeMarksFile(folder, manifest.marks, fileSystem);
}

/** Writes a checkpoint with a rebuilt header and unchanged data: the exported file, except for folders in its configuration. */
function writeCheckpointFile(
  { source, dataStart, checkpoints }: Bundle,
  { folder, checkpoint }: { folder: string; checkpoint: Bundle['manifest']['checkpoints'][number] },
  fileSystem: FileSystem,
): void {
  const { step, sha256, metadata } = checkpoint;
  const place = checkpoints.get(step);
  if (!place) return;
  const { entries, begin, end } = place;
  const header = encodeCheckpointHeader(
    { step, metadata: Object.fromEntries(metadata) },
    { entries, sha256 },
  );
  const path = join(folder, formatCheckpointName(step));
  withFile({ path, mode: 'write', fileSystem }, (file) => {
    writeFully({ file, path, position: 0 }, header, fileSystem);
    const from = { path: source.path, file: source.file, begin: dataStart + begin, end: dataStart + end };
    readInChunks(from, source.reader, (chunk, position) => {
      writeFully({ file, path, position: header.byteLength + position - from.begin }, chunk, fileSystem);
    });
    fileSystem.sync(file);
  });
  verifyCheckpoint(path, fileSystem);
}

function writeSheets(bundle: Bundle, folder: string, fileSystem: FileSystem): void {
  const { evaluations } = bundle.manifest;
  if (evaluations.every(({ pictures }) => pictures === null)) return;
  fileSystem.makeFolder(join(folder, 'evaluations'));
  for (const [index, { pictures }] of evaluations.entries()) {
    if (pictures === null) continue;
    const own = stagedSheets(folder, index);
    fileSystem.makeFolder(own);
    pictures.sheets.forEach((_, sheet) =>
      writeImage(bundle, { tensor: sheetTensor(index, sheet), path: join(own, `${sheet}.png`) }, fileSystem),
    );
    fileSystem.syncFolder(own);
  }
}

function writeImage(
  bundle: Bundle,
  { tensor, path }: { tensor: string; path: string },
  fileSystem: FileSystem,
): void {
  const entry = bundle.images.get(tensor);
  if (entry) writeDurably(path, readBundledImage(bundle, entry), fileSystem);
}
