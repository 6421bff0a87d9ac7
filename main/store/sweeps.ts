/** Rows of the tables `sweeps` and `sweep_scores`, and the runs of a sweep. */

import type { RunStatus } from '../../shared/run.ts';
import { formatPlural } from '../../shared/text/format.ts';
import {
  type RungScore,
  type SweepPlace,
  sweepPlaceSchema,
  type SweepRecord,
  type SweepSpec,
  sweepSpecSchema,
  type SweepState,
} from '../../shared/sweep/sweep.ts';
import { createShortId } from './dataFolder.ts';
import type { LabDatabase, StoreHandle } from './database/database.ts';
import { identifyThisProcess } from '../runtime/processIdentity.mjs';
import { type Holder, isLeaseLive } from './runs/leases.ts';
import type { Finding } from './recovery/finding.ts';
import { recordSweep } from './runs/runMarks.ts';
import {
  copyScore,
  copySweep,
  copyWholeSweep,
  hasSweepCopy,
  readSweepCopies,
  removeSweepCopy,
} from './sweepFiles.ts';

interface SweepRow {
  readonly id: string;
  readonly name: string;
  readonly spec: string;
  readonly state: SweepState;
  readonly place: string;
  /** JSON of a `Holder`. */
  readonly owner: string | null;
  readonly error: string | null;
  readonly created_at: string;
}

/** No sweep matches a reference. */
export class UnknownSweepError extends Error {
  constructor(reference: string) {
    super(
      `No sweep "${reference}" found. Pass its ID, its name or "latest"; "lab sweep list" lists the sweeps.`,
    );
    this.name = 'UnknownSweepError';
  }
}

/** Creates a sweep in the state `idle`; a number is appended to a name that is taken. `id`: that of an imported sweep. */
export function createSweep(
  db: LabDatabase,
  spec: SweepSpec,
  { place = { kind: 'local' }, id }: { readonly place?: SweepPlace; readonly id?: string } = {},
): SweepRecord {
  const insert = db.transaction(() => {
    const name = findFreeName(db, spec.name);
    const taken = id ?? createShortId((candidate) => findRow(db, candidate) !== undefined);
    db.prepare('INSERT INTO sweeps (id, name, spec, state, place, created_at) VALUES (?, ?, ?, ?, ?, ?)').run(
      taken,
      name,
      JSON.stringify({ ...spec, name }),
      'idle',
      JSON.stringify(place),
      new Date().toISOString(),
    );
    return getSweep(db, taken);
  });
  const created = insert.immediate();
  copySweep(db, created);
  return created;
}

/** Lists the sweeps, newest first. */
export function listSweeps(db: LabDatabase): SweepRecord[] {
  return db.prepare<[], SweepRow>('SELECT * FROM sweeps ORDER BY rowid DESC').all().map(toRecord);
}

/** Returns a sweep; null if there is none. */
export function findSweepById(db: LabDatabase, id: string): SweepRecord | null {
  const row = findRow(db, id);
  return row ? toRecord(row) : null;
}

/** @throws UnknownSweepError. */
export function getSweep(db: LabDatabase, id: string): SweepRecord {
  const row = findRow(db, id);
  if (!row) throw new UnknownSweepError(id);
  return toRecord(row);
}

/** Finds the sweep that a user names: by its ID, the start of one, its name, or `latest`. @throws UnknownSweepError. */
export function findSweep(db: LabDatabase, reference: string): SweepRecord {
  const sweeps = listSweeps(db);
  if (reference === 'latest' && sweeps.length > 0) return sweeps[0];
  const exact = sweeps.find(({ id, name }) => id === reference || name === reference);
  const starting = sweeps.filter(({ id }) => id.startsWith(reference));
  const found = exact ?? (starting.length === 1 ? starting[0] : undefined);
  if (!found) throw new UnknownSweepError(reference);
  return found;
}

/** Sets the state of a sweep that this process computes no longer. `error`: why it was paused by itself. @throws UnknownSweepError. */
export function setSweepState(
  db: LabDatabase,
  id: string,
  { state, error = null }: { readonly state: SweepState; readonly error?: string | null },
): void {
  const change = db.prepare('UPDATE sweeps SET state = ?, error = ?, owner = NULL WHERE id = ?');
  if (change.run(state, error, id).changes === 0) throw new UnknownSweepError(id);
  copySweep(db, getSweep(db, id));
}

/**
 * Makes this process the one that computes a sweep, and sets its state to `running`; call it again as a heartbeat.
 * @throws Error naming the live process that computes it; UnknownSweepError.
 */
export function claimSweep(db: LabDatabase, id: string): void {
  const claim = db.transaction(() => {
    const other = findSweepOwner(db, id);
    if (other)
      throw new Error(
        `Sweep ${id} is being computed by process ${other.pid}; it was expected to be free. Pause it there first, or end that process.`,
      );
    const owner: Holder = { ...identifyThisProcess(), heartbeatAt: Date.now() };
    const change = db.prepare("UPDATE sweeps SET state = 'running', error = NULL, owner = ? WHERE id = ?");
    if (change.run(JSON.stringify(owner), id).changes === 0) throw new UnknownSweepError(id);
  });
  claim.immediate();
}

/** Returns the other live process that computes a sweep; null if there is none. */
export function findSweepOwner(db: LabDatabase, id: string): Holder | null {
  const owner = db.prepare<[string], string | null>('SELECT owner FROM sweeps WHERE id = ?').pluck().get(id);
  if (owner === null || owner === undefined) return null;
  const holder = JSON.parse(owner) as Holder;
  const own = identifyThisProcess();
  const isOwn =
    holder.pid === own.pid &&
    holder.processStart === own.processStart &&
    holder.pidNamespace === own.pidNamespace;
  return !isOwn && isLeaseLive(holder) ? holder : null;
}

/**
 * Asks for the end of a sweep. Returns whether another process computes it, which then ends it within seconds; otherwise
 * nothing is left to do. @throws UnknownSweepError.
 */
export function requestSweepEnd(db: LabDatabase, id: string, how: 'pause' | 'stop'): boolean {
  const state = how === 'pause' ? 'paused' : 'stopped';
  const isElsewhere = findSweepOwner(db, id) !== null;
  if (isElsewhere) db.prepare('UPDATE sweeps SET state = ? WHERE id = ?').run(state, id);
  else setSweepState(db, id, { state });
  return isElsewhere;
}

/** Sets where the members are computed. @throws UnknownSweepError. */
export function setSweepPlace(db: LabDatabase, id: string, place: SweepPlace): void {
  const change = db.prepare('UPDATE sweeps SET place = ? WHERE id = ?');
  if (change.run(JSON.stringify(place), id).changes === 0) throw new UnknownSweepError(id);
  copySweep(db, getSweep(db, id));
}

/** Renames a sweep; a number is appended when the name is taken. @returns the new name. @throws UnknownSweepError. */
export function renameSweep(db: LabDatabase, id: string, wanted: string): string {
  const rename = db.transaction(() => {
    const { spec } = getSweep(db, id);
    const name = findFreeName(db, wanted, id);
    db.prepare('UPDATE sweeps SET name = ?, spec = ? WHERE id = ?').run(
      name,
      JSON.stringify({ ...spec, name }),
      id,
    );
    return name;
  });
  const name = rename.immediate();
  copySweep(db, getSweep(db, id));
  return name;
}

/** Deletes a sweep and its scores. Its runs stay, and belong to no sweep any more. */
export function deleteSweep(store: StoreHandle, id: string): void {
  const runs = store.db.prepare<[string], string>('SELECT id FROM runs WHERE sweep_id = ?').pluck().all(id);
  removeSweepCopy(store.db, id);
  store.db.transaction(() => {
    store.db.prepare('DELETE FROM sweeps WHERE id = ?').run(id);
    for (const run of runs) recordSweep(store, run, null);
  })();
}

/** Records the score of a member at a rung; the first one stays. */
export function recordRungScore(
  db: LabDatabase,
  sweepId: string,
  { member, rung, runId, step, score, nfe }: Omit<RungScore, 'scoredAt'>,
): void {
  const found: RungScore = { member, rung, runId, step, score, nfe, scoredAt: new Date().toISOString() };
  if (insertScore(db, sweepId, found)) copyScore(db, sweepId, found);
}

function insertScore(
  db: LabDatabase,
  sweepId: string,
  { member, rung, runId, step, score, nfe, scoredAt }: RungScore,
): boolean {
  const insert = db.prepare('INSERT OR IGNORE INTO sweep_scores VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  return insert.run(sweepId, member, rung, runId, step, score, nfe, scoredAt).changes > 0;
}

/**
 * Restores the sweeps of a rebuilt database from their copies, oldest first, and writes the copies that are missing. A sweep that was
 * being computed is paused.
 */
export function adoptSweeps(db: LabDatabase): Finding[] {
  const read = readSweepCopies(db, (id) => findRow(db, id) !== undefined);
  const copies = read.flatMap((copy) => ('record' in copy ? [copy] : []));
  copies.sort((one, other) => (one.record.createdAt < other.record.createdAt ? -1 : 1));
  const adopted = copies.flatMap(({ record, scores }): Finding[] => {
    const name = restoreSweep(db, record, scores);
    if (name === null) return [];
    const message = `Sweep ${record.id} "${name}" was put back from its file, with ${formatPlural(scores.length, 'score')}.`;
    return [{ kind: 'sweep adopted', runId: null, message }];
  });
  for (const record of listSweeps(db))
    if (!hasSweepCopy(db, record.id)) copyWholeSweep(db, record, listRungScores(db, record.id));
  return [
    ...adopted,
    ...read.flatMap((copy): Finding[] =>
      'problem' in copy ? [{ kind: 'folder not readable', runId: null, message: copy.problem }] : [],
    ),
  ];
}

/**
 * Stores a sweep that was exported, or the scores of one that is here already which it lacks. Its runs are stored before.
 * @returns its name, with a number appended when that was taken.
 */
export function importSweep(db: LabDatabase, record: SweepRecord, scores: readonly RungScore[]): string {
  restoreSweep(db, record, scores);
  db.transaction(() => scores.forEach((score) => insertScore(db, record.id, score)))();
  const stored = getSweep(db, record.id);
  copyWholeSweep(db, stored, listRungScores(db, stored.id));
  return stored.name;
}

/** Returns its name; null if another process has just put it back. */
function restoreSweep(db: LabDatabase, record: SweepRecord, scores: readonly RungScore[]): string | null {
  const { id, spec, place, error, createdAt } = record;
  const state = record.state === 'running' ? 'paused' : record.state;
  const restore = db.transaction(() => {
    if (findRow(db, id)) return null;
    const name = findFreeName(db, record.name);
    db.prepare(
      'INSERT INTO sweeps (id, name, spec, state, place, error, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ).run(id, name, JSON.stringify({ ...spec, name }), state, JSON.stringify(place), error, createdAt);
    for (const score of scores) insertScore(db, id, score);
    return name;
  });
  return restore.immediate();
}

/** Lists the scores of a sweep by member, then by rung. */
export function listRungScores(db: LabDatabase, sweepId: string): RungScore[] {
  return db
    .prepare<[string], RungScore>(
      `SELECT member, rung, run_id AS runId, step, score, nfe, scored_at AS scoredAt FROM sweep_scores
       WHERE sweep_id = ? ORDER BY member, rung`,
    )
    .all(sweepId);
}

/** What a sweep needs to know of a member's run. */
export interface MemberRun {
  readonly member: number;
  readonly runId: string;
  readonly status: RunStatus;
  readonly step: number;
  readonly totalSteps: number | null;
  readonly processSeconds: number;
  readonly error: string | null;
}

/** Lists the runs of a sweep that are not in the trash by member: of several with one number, the first one. */
export function listMemberRuns(db: LabDatabase, sweepId: string): MemberRun[] {
  return db
    .prepare<[string], MemberRun>(
      `SELECT sweep_member AS member, id AS runId, status, step, total_steps AS totalSteps,
         process_seconds AS processSeconds, error, min(rowid) AS first FROM runs
       WHERE sweep_id = ? AND deleted_at IS NULL GROUP BY sweep_member ORDER BY sweep_member`,
    )
    .all(sweepId);
}

function findFreeName(db: LabDatabase, wanted: string, ownId = ''): string {
  const isTaken = db.prepare('SELECT 1 FROM sweeps WHERE name = ? AND id <> ?');
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${wanted} ${number}`;
    if (!isTaken.get(name, ownId)) return name;
  }
}

function findRow(db: LabDatabase, id: string): SweepRow | undefined {
  return db.prepare<[string], SweepRow>('SELECT * FROM sweeps WHERE id = ?').get(id);
}

/** The configuration in a specification of an earlier version gets the parameters that came later. */
function toRecord({ id, name, spec, state, place, error, created_at: createdAt }: SweepRow): SweepRecord {
  return {
    id,
    name,
    spec: sweepSpecSchema.parse(JSON.parse(spec)),
    state,
    place: sweepPlaceSchema.parse(JSON.parse(place)),
    error,
    createdAt,
  };
}
