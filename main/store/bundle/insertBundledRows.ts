/** The rows of a bundled run, as they were where it comes from; to be called in a transaction. */

import { join } from 'node:path';
import type { RunConfig } from '../../../shared/config/config.ts';
import { insertCheckpoint } from '../checkpoints.ts';
import type { LabDatabase } from '../database.ts';
import { insertEvaluation, setEvaluationPictures } from '../evaluations.ts';
import { formatCheckpointName } from '../files/checkpointName.ts';
import { type FileSystem, withFile } from '../files/fileSystem.ts';
import { evaluationFolder } from '../files/evaluationFiles.ts';
import { previewName } from '../files/previewFile.ts';
import { insertMetricMatrix } from '../metricMatrix.ts';
import { updateBestSsim } from '../metrics.ts';
import { insertPreview } from '../previews.ts';
import { restoreMarks } from '../runMarks.ts';
import { insertRunRow, updateRun } from '../runs.ts';
import { insertSegment } from '../segments.ts';
import { type Bundle, readBundledMetric } from './readBundle.ts';
import { stagedSheets } from './writeBundledFiles.ts';

export interface BundledRun {
  readonly bundle: Bundle;
  /** As it will be called here. */
  readonly run: { readonly id: string; readonly name: string; readonly config: RunConfig };
  /** Where its files are already; sheets of evaluations get the names of their ids there. */
  readonly folder: string;
}

export function insertBundledRows(db: LabDatabase, bundled: BundledRun, fileSystem: FileSystem): void {
  const { bundle, run } = bundled;
  const { manifest } = bundle;
  insertRun(db, bundled);
  restoreMarks(db, run.id, manifest.marks);
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
  const { backend, step, epoch, processSeconds, loss, bestPsnr, error } = rest;
  insertRunRow(db, { ...run, status, preset, createdAt, totalSteps });
  const known = dataset && { ...dataset, source: run.config.data.source };
  updateRun(db, run.id, { dataset: known, backend, step, epoch, processSeconds, loss, bestPsnr, error });
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
    setEvaluationPictures(db, id, pictures);
  }
  if (evaluations.some(({ pictures }) => pictures !== null))
    fileSystem.syncFolder(join(folder, 'evaluations'));
}
