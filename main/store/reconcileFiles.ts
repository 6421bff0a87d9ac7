/** Files of one run's folder against its rows of checkpoints and previews, in every combination. */

import { readdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describeError } from '../../shared/text/describeError.ts';
import { deleteCheckpoint, insertCheckpoint, listCheckpointRows } from './checkpoints.ts';
import type { LabDatabase } from './database.ts';
import { isStrayTemp, removeStrayTemps } from './files/atomicFile.ts';
import { verifyCheckpoint } from './files/checkpointFile.ts';
import { formatCheckpointName, parseCheckpointName } from './files/checkpointName.ts';
import { parsePreviewName } from './files/previewFile.ts';
import { DamagedFileError } from './files/safetensorsHeader.ts';
import { deletePreview, insertPreview, listPreviews } from './previews.ts';
import type { Finding } from './finding.ts';

interface Comparison {
  readonly temps: readonly string[];
  /** Steps. */
  readonly missingCheckpoints: readonly number[];
  /** Files without a row, or of another size than their row says. */
  readonly strangeCheckpoints: readonly number[];
  readonly missingPreviews: readonly number[];
  readonly strangePreviews: readonly number[];
}

/** Whether anything in the folder differs from the rows, told from names and sizes alone. */
export function findDifferences(db: LabDatabase, runId: string, folder: string): boolean {
  return Object.values(compare(db, runId, folder)).some((list) => list.length > 0);
}

/**
 * Removes rows without file and stray temporary files, adopts files without row once their hashes are right, and
 * renames damaged ones to `….damaged`. Only for runs that nobody computes.
 */
export function reconcileFiles(db: LabDatabase, runId: string, folder: string): Finding[] {
  const found = compare(db, runId, folder);
  const removed = found.temps.length > 0 ? removeStrayTemps(folder) : [];
  return [
    ...removed.map((name) =>
      finding('temporary file removed', runId, `${name} was left by a process that died.`),
    ),
    ...found.missingCheckpoints.map((step) => {
      deleteCheckpoint(db, runId, step);
      return finding('checkpoint missing', runId, `The file of the checkpoint of step ${step} is gone.`);
    }),
    ...found.strangeCheckpoints.map((step) => adoptCheckpoint(db, { runId, step, folder })),
    ...found.missingPreviews.map((step) => {
      deletePreview(db, runId, step);
      return finding('preview missing', runId, `The picture of step ${step} is gone.`);
    }),
    ...found.strangePreviews.map((step) => {
      insertPreview(db, { runId, step, file: `preview-${step}.png` });
      return finding('preview adopted', runId, `The picture of step ${step} was put back.`);
    }),
  ];
}

function compare(db: LabDatabase, runId: string, folder: string): Comparison {
  const files = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
  const checkpoints = new Map(listCheckpointRows(db, runId).map(({ step, bytes }) => [step, bytes]));
  const previews = new Set(listPreviews(db, runId).map(({ step }) => step));
  const checkpointFiles = new Set(files.map(parseCheckpointName).filter((step) => step !== undefined));
  const previewFiles = new Set(files.map(parsePreviewName).filter((step) => step !== undefined));
  return {
    temps: files.filter(isStrayTemp),
    missingCheckpoints: [...checkpoints.keys()].filter((step) => !checkpointFiles.has(step)),
    strangeCheckpoints: [...checkpointFiles].filter(
      (step) => checkpoints.get(step) !== statSync(join(folder, formatCheckpointName(step))).size,
    ),
    missingPreviews: [...previews].filter((step) => !previewFiles.has(step)),
    strangePreviews: [...previewFiles].filter((step) => !previews.has(step)),
  };
}

function adoptCheckpoint(db: LabDatabase, place: { runId: string; step: number; folder: string }): Finding {
  const { runId, step, folder } = place;
  const path = join(folder, formatCheckpointName(step));
  try {
    const { file, bytes, sha256 } = verifyCheckpoint(path);
    insertCheckpoint(db, { runId, step, file, bytes, sha256, isBest: false });
    return finding(
      'checkpoint adopted',
      runId,
      `The checkpoint of step ${step} was whole and is listed now.`,
    );
  } catch (error) {
    const reason = describeError(error);
    deleteCheckpoint(db, runId, step);
    // A disk that cannot be read today may be readable tomorrow: only what is surely damaged gets another name.
    if (error instanceof DamagedFileError) renameSync(path, `${path}.damaged`);
    return finding('checkpoint damaged', runId, `The checkpoint of step ${step} is not used: ${reason}`);
  }
}

function finding(kind: Finding['kind'], runId: string, message: string): Finding {
  return { kind, runId, message };
}
