/** Rows of the tables `comparisons` and `reports`: what users saved of comparisons, and where reports were written. */

import type { SavedComparison } from '../../shared/comparison/comparison.ts';
import { type Grouping, groupingSchema } from '../../shared/runGroups.ts';
import { createShortId } from './dataFolder.ts';
import type { LabDatabase } from './database/database.ts';

interface ComparisonRow {
  readonly id: string;
  readonly name: string;
  readonly created_at: string;
  /** JSON: ids in the order of the comparison. */
  readonly run_ids: string;
  readonly group_by: string | null;
}

interface ReportRow {
  readonly id: string;
  readonly title: string;
  readonly created_at: string;
  readonly folder: string;
  readonly run_ids: string;
}

/** A report as it was recorded; whether its folder still exists is not known here. */
export interface StoredReport {
  readonly id: string;
  readonly title: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** Absolute. */
  readonly folder: string;
  readonly runIds: readonly string[];
}

/** Lists the saved comparisons by name, with the present names of their runs. */
export function listComparisons(db: LabDatabase): SavedComparison[] {
  const nameOf = prepareRunNames(db);
  return db
    .prepare<[], ComparisonRow>('SELECT * FROM comparisons ORDER BY name COLLATE NOCASE')
    .all()
    .map(({ id, name, created_at: createdAt, run_ids: runIds, group_by: groupBy }) => ({
      id,
      name,
      createdAt,
      groupBy: groupingSchema.nullable().catch(null).parse(groupBy),
      runs: (JSON.parse(runIds) as string[]).map(nameOf),
    }));
}

/**
 * Saves a comparison under a name that no other has, and returns its id.
 * @throws Error when the name is taken.
 */
export function saveComparison(
  db: LabDatabase,
  {
    name,
    runIds,
    groupBy = null,
  }: { readonly name: string; readonly runIds: readonly string[]; readonly groupBy?: Grouping | null },
): string {
  checkNameIsFree(db, name);
  const id = createShortId((candidate) => findRow(db, candidate) !== undefined);
  db.prepare('INSERT INTO comparisons (id, name, created_at, run_ids, group_by) VALUES (?, ?, ?, ?, ?)').run(
    id,
    name,
    new Date().toISOString(),
    JSON.stringify(runIds),
    groupBy,
  );
  return id;
}

/** @throws Error when there is no such comparison, or another one has the name. */
export function renameComparison(db: LabDatabase, id: string, name: string): void {
  const row = findRow(db, id);
  if (!row) throw new Error('This comparison is not saved any more. Save it again under a name.');
  if (row.name !== name) checkNameIsFree(db, name);
  db.prepare('UPDATE comparisons SET name = ? WHERE id = ?').run(name, id);
}

/** Deletes the comparison; its runs stay. Does nothing if there is none. */
export function deleteComparison(db: LabDatabase, id: string): void {
  db.prepare('DELETE FROM comparisons WHERE id = ?').run(id);
}

/** Records a report; one that was written into the same folder before is replaced. */
export function insertReport(db: LabDatabase, { id, title, createdAt, folder, runIds }: StoredReport): void {
  db.transaction(() => {
    db.prepare('DELETE FROM reports WHERE folder = ?').run(folder);
    db.prepare('INSERT INTO reports (id, title, created_at, folder, run_ids) VALUES (?, ?, ?, ?, ?)').run(
      id,
      title,
      createdAt,
      folder,
      JSON.stringify(runIds),
    );
  })();
}

/** Lists the recorded reports, newest first. */
export function listStoredReports(db: LabDatabase): StoredReport[] {
  return db
    .prepare<[], ReportRow>('SELECT * FROM reports ORDER BY created_at DESC, id')
    .all()
    .map(({ id, title, created_at: createdAt, folder, run_ids: runIds }) => {
      return { id, title, createdAt, folder, runIds: JSON.parse(runIds) as string[] };
    });
}

/** Removes a report from the list; its files stay. */
export function forgetReport(db: LabDatabase, id: string): void {
  db.prepare('DELETE FROM reports WHERE id = ?').run(id);
}

/** Returns a function that gives the present name of a run; null for one that was purged. */
export function prepareRunNames(db: LabDatabase): (id: string) => SavedComparison['runs'][number] {
  const query = db.prepare<[string], string>('SELECT name FROM runs WHERE id = ?').pluck();
  return (id) => ({ id, name: query.get(id) ?? null });
}

function findRow(db: LabDatabase, id: string): ComparisonRow | undefined {
  return db.prepare<[string], ComparisonRow>('SELECT * FROM comparisons WHERE id = ?').get(id);
}

function checkNameIsFree(db: LabDatabase, name: string): void {
  const taken = db.prepare<[string], string>('SELECT name FROM comparisons WHERE name = ?').pluck().get(name);
  if (taken !== undefined)
    throw new Error(`A comparison is already called “${name}”. Choose another name, or rename that one.`);
}
