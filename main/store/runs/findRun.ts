/** Finds the run that a user names: `latest`, an id, a name, or the start of an id. */

import type { RunRecord } from '../../../shared/run.ts';
import type { LabDatabase } from '../database/database.ts';
import { getRun, unknownRun } from './runs.ts';

export interface FindOptions {
  /** Search the trash instead. */
  readonly trashed?: boolean;
}

interface Candidate {
  readonly id: string;
  readonly name: string;
}

/**
 * Returns the run named by `reference`.
 * @throws Error when there is none, when several ids match (they are listed), or when the run's config is not readable.
 */
export function findRun(db: LabDatabase, reference: string, options: FindOptions = {}): RunRecord {
  return getRun(db, findRunId(db, reference, options));
}

/** Returns the id only, so that it also finds a run whose config is not readable. @throws Error as `findRun`. */
export function findRunId(db: LabDatabase, reference: string, options: FindOptions = {}): string {
  const trashed = options.trashed ? 1 : 0;
  const select = (condition: string): Candidate[] =>
    db
      .prepare<[{ trashed: number; reference: string }], Candidate>(
        `SELECT id, name FROM runs WHERE (deleted_at IS NOT NULL) = @trashed AND ${condition}
         ORDER BY rowid DESC LIMIT 10`,
      )
      .all({ trashed, reference });
  if (reference === 'latest') {
    const [newest] = select('TRUE');
    if (!newest) throw unknownRun(reference);
    return newest.id;
  }
  for (const condition of [
    'id = @reference',
    'name = @reference',
    "@reference <> '' AND instr(id, @reference) = 1",
  ]) {
    const found = select(condition);
    if (found.length === 1) return found[0].id;
    if (found.length > 1) throw ambiguous(reference, found);
  }
  throw unknownRun(reference);
}

function ambiguous(reference: string, found: readonly Candidate[]): Error {
  const list = found.map(({ id, name }) => `${id} "${name}"`).join(', ');
  return new Error(
    `"${reference}" matches ${found.length} runs; expected one: ${list}. Give more of the id.`,
  );
}
