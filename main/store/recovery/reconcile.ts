/** Reconciles the database with the run folders after a crash; reads only names and sizes when nothing is wrong. */

import { existsSync, readdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { RunStatus } from '../../../shared/run.ts';
import { describeError } from '../../../shared/text/describeError.ts';
import { formatPlural } from '../../../shared/text/format.ts';
import { runFolder, trashFolder } from '../dataFolder.ts';
import type { LabDatabase, StoreHandle } from '../database/database.ts';
import { isStrayTemp, removeStrayTemps } from '../files/atomicFile.ts';
import { verifyCheckpoint, formatCheckpointName, parseCheckpointName } from '../files/checkpointFile.ts';
import { parsePreviewName } from '../files/runImages.ts';
import { DamagedFileError } from '../files/safetensorsHeader.ts';
import { deleteCheckpoint, insertCheckpoint, listCheckpointRows } from '../runs/checkpoints.ts';
import { findLease, isLeaseLive, listLeases } from '../runs/leases.ts';
import { deletePreview, insertPreview, listPreviews } from '../runs/previews.ts';
import { copyMissingMarks } from '../runs/runMarks.ts';
import { insertLogLine } from '../runs/runLog.ts';
import { updateRun } from '../runs/runs.ts';
import { closeOpenSegments } from '../runs/segments.ts';
import { adoptSweeps } from '../sweeps.ts';
import { adoptRuns } from './adoptRuns.ts';
import type { Finding } from './finding.ts';

interface RunState {
  readonly id: string;
  readonly name: string;
  readonly status: RunStatus;
  readonly step: number;
  readonly error: string | null;
  readonly checkpoints: number;
  readonly trashed: number;
}

const stateQuery = `SELECT id, name, status, step, error, deleted_at IS NOT NULL AS trashed,
  (SELECT count(*) FROM checkpoints WHERE run_id = id) AS checkpoints FROM runs`;
/** Statuses whose step stays, independent of the remaining checkpoints. */
const endedStatuses: readonly RunStatus[] = ['finished', 'diverged'];
const goneText = 'The checkpoint files are gone';

/**
 * Repairs every run that no live process computes and returns the findings; what was repaired is not reported again.
 */
export function reconcile(store: StoreHandle): Finding[] {
  const { dataFolder, db } = store;
  const findings = adoptRuns(dataFolder, db);
  copyMissingMarks(store);
  findings.push(...adoptSweeps(db));
  const live = new Set(
    listLeases(db)
      .filter(isLeaseLive)
      .map(({ runId }) => runId),
  );
  const states = db.prepare<[], RunState>(stateQuery).all();
  for (const state of states.filter(({ id }) => !live.has(id))) {
    const folder = state.trashed ? trashFolder(dataFolder, state.id) : runFolder(dataFolder, state.id);
    const isMissing = !existsSync(folder);
    const isMended = isMissing
      ? (state.error?.startsWith(goneText) ?? false)
      : !state.error?.startsWith(goneText) && !findDifferences(db, state.id, folder);
    if (isMended && state.status !== 'running') continue;
    findings.push(...reconcileRun(db, { id: state.id, folder }));
  }
  return findings;
}

/** Repairs one run under the lock, where no other process can start the run or commit to it. */
function reconcileRun(db: LabDatabase, place: { id: string; folder: string }): Finding[] {
  const mend = db.transaction(() => {
    const lease = findLease(db, place.id);
    const state = db.prepare<[string], RunState>(`${stateQuery} WHERE id = ?`).get(place.id);
    if (!state || (lease && isLeaseLive(lease))) return [];
    const isMissing = !existsSync(place.folder);
    const files = isMissing ? markGone(db, state, place.folder) : reconcileFiles(db, place.id, place.folder);
    if (!isMissing && state.error?.startsWith(goneText)) updateRun(db, state.id, { error: null });
    const step = readNewestStep(db, state.id);
    db.prepare('DELETE FROM leases WHERE run_id = ?').run(state.id);
    if (state.status === 'running') closeOpenSegments(db, state.id, step);
    if (!endedStatuses.includes(state.status)) updateRun(db, state.id, { step });
    return [...files, ...(state.status === 'running' ? [interrupt(db, state, step)] : [])];
  });
  return mend.immediate();
}

/** Returns the step of the run's newest checkpoint; 0 without one. */
function readNewestStep(db: LabDatabase, runId: string): number {
  const newest = db
    .prepare<[string], { step: number | null }>('SELECT max(step) AS step FROM checkpoints WHERE run_id = ?')
    .get(runId);
  return newest?.step ?? 0;
}

function interrupt(db: LabDatabase, state: RunState, step: number): Finding {
  updateRun(db, state.id, { status: 'interrupted' });
  const text = `The process that trained the run had vanished when the program was opened again. It can be resumed from step ${step}`;
  insertLogLine(db, state.id, { step: state.step, kind: 'error', text });
  const message = `Run ${state.id} “${state.name}” was interrupted at step ${state.step}; it can be resumed from step ${step}.`;
  return { kind: 'run interrupted', runId: state.id, message };
}

/** Marks a run whose folder is missing, and deletes the rows of its files, so that nothing offers them. */
function markGone(db: LabDatabase, state: RunState, folder: string): Finding[] {
  if (state.error?.startsWith(goneText)) return [];
  const error = `${goneText}: ${folder} is missing. Put the folder back, or delete the run.`;
  updateRun(db, state.id, { error });
  db.prepare('DELETE FROM checkpoints WHERE run_id = ?').run(state.id);
  db.prepare('DELETE FROM previews WHERE run_id = ?').run(state.id);
  const message = `Run ${state.id}: ${folder} is missing, and with it ${formatPlural(state.checkpoints, 'checkpoint')}.`;
  return [{ kind: 'folder missing', runId: state.id, message }];
}

interface Comparison {
  readonly temps: readonly string[];
  /** Steps. */
  readonly missingCheckpoints: readonly number[];
  /** Files without a row, or with another size than in their row. */
  readonly strangeCheckpoints: readonly number[];
  readonly missingPreviews: readonly number[];
  readonly strangePreviews: readonly number[];
}

/** Returns whether the folder differs from the rows, judged by names and sizes alone. */
function findDifferences(db: LabDatabase, runId: string, folder: string): boolean {
  return Object.values(compare(db, runId, folder)).some((list) => list.length > 0);
}

/**
 * Deletes rows without a file and stray temporary files, adopts files without a row if their hashes verify, and renames
 * damaged ones to `….damaged`. Only for runs that no process computes.
 */
function reconcileFiles(db: LabDatabase, runId: string, folder: string): Finding[] {
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
      return finding('preview missing', runId, `The preview of step ${step} is missing.`);
    }),
    ...found.strangePreviews.map((step) => {
      insertPreview(db, { runId, step, file: `preview-${step}.png` });
      return finding('preview adopted', runId, `The preview of step ${step} was restored.`);
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
    // A read error may be temporary: only files that are certainly damaged are renamed.
    if (error instanceof DamagedFileError) renameSync(path, `${path}.damaged`);
    return finding('checkpoint damaged', runId, `The checkpoint of step ${step} is not used: ${reason}`);
  }
}

function finding(kind: Finding['kind'], runId: string, message: string): Finding {
  return { kind, runId, message };
}
