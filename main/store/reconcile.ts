/** Brings database and run folders into agreement after crashes; looks at names and sizes only when nothing is wrong. */

import { existsSync } from 'node:fs';
import type { RunStatus } from '../../shared/run.ts';
import { adoptRuns } from './adoptRuns.ts';
import type { LabDatabase } from './database.ts';
import { runFolder, trashFolder } from './dataFolder.ts';
import type { Finding } from './finding.ts';
import { findLease, isLeaseLive, listLeases } from './leases.ts';
import { findDifferences, reconcileFiles } from './reconcileFiles.ts';
import { copyMissingMarks } from './runMarks.ts';
import { updateRun } from './runs.ts';
import { closeOpenSegments } from './segments.ts';

interface RunState {
  readonly id: string;
  readonly status: RunStatus;
  readonly step: number;
  readonly error: string | null;
  readonly checkpoints: number;
  readonly trashed: number;
}

const stateQuery = `SELECT id, status, step, error, deleted_at IS NOT NULL AS trashed,
  (SELECT count(*) FROM checkpoints WHERE run_id = id) AS checkpoints FROM runs`;
/** Their last step was reached whatever checkpoints are left. */
const endedStatuses: readonly RunStatus[] = ['finished', 'diverged'];
const goneText = 'The checkpoint files are gone';

/**
 * Mends every run that no living process computes. Returns what was found; what could be mended
 * is not found again.
 */
export function reconcile(store: { readonly dataFolder: string; readonly db: LabDatabase }): Finding[] {
  const { dataFolder, db } = store;
  const findings = adoptRuns(dataFolder, db);
  copyMissingMarks(store);
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

/** Looks again under the lock, where no other process can start the run or commit to it. */
function reconcileRun(db: LabDatabase, place: { id: string; folder: string }): Finding[] {
  const mend = db.transaction(() => {
    const lease = findLease(db, place.id);
    const state = db.prepare<[string], RunState>(`${stateQuery} WHERE id = ?`).get(place.id);
    if (!state || (lease && isLeaseLive(lease))) return [];
    const isMissing = !existsSync(place.folder);
    const files = isMissing ? markGone(db, state, place.folder) : reconcileFiles(db, place.id, place.folder);
    if (!isMissing && state.error?.startsWith(goneText)) updateRun(db, state.id, { error: null });
    const newest = db
      .prepare<[string], { step: number | null }>(
        'SELECT max(step) AS step FROM checkpoints WHERE run_id = ?',
      )
      .get(state.id);
    const step = newest?.step ?? 0;
    db.prepare('DELETE FROM leases WHERE run_id = ?').run(state.id);
    if (state.status === 'running') closeOpenSegments(db, state.id, step);
    if (!endedStatuses.includes(state.status)) updateRun(db, state.id, { step });
    return [...files, ...(state.status === 'running' ? [interrupt(db, state, step)] : [])];
  });
  return mend.immediate();
}

function interrupt(db: LabDatabase, state: RunState, step: number): Finding {
  updateRun(db, state.id, { status: 'interrupted' });
  const message = `Run ${state.id} was interrupted at step ${state.step}; it can be resumed from step ${step}.`;
  return { kind: 'run interrupted', runId: state.id, message };
}

/** Rows of files that are gone go too, so that nothing offers them. */
function markGone(db: LabDatabase, state: RunState, folder: string): Finding[] {
  if (state.error?.startsWith(goneText)) return [];
  const error = `${goneText}: ${folder} is missing. Put the folder back, or delete the run.`;
  updateRun(db, state.id, { error });
  db.prepare('DELETE FROM checkpoints WHERE run_id = ?').run(state.id);
  db.prepare('DELETE FROM previews WHERE run_id = ?').run(state.id);
  const message = `Run ${state.id}: ${folder} is missing, and with it ${state.checkpoints} checkpoints.`;
  return [{ kind: 'folder missing', runId: state.id, message }];
}
