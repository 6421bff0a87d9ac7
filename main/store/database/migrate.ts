/** Migrates a database to the newest schema: numbered steps in one transaction, after a backup of the file. */

import type Database from 'better-sqlite3';
import { renameSync, rmSync } from 'node:fs';
import { initial } from './migrations/0001-initial.ts';
import { browser } from './migrations/0002-browser.ts';
import { inpaintings } from './migrations/0003-inpaintings.ts';
import { evaluationPictures } from './migrations/0004-evaluation-pictures.ts';
import { metricsByName } from './migrations/0005-metrics-by-name.ts';
import { revisions } from './migrations/0006-revisions.ts';
import { warnings } from './migrations/0007-warnings.ts';
import { references } from './migrations/0008-references.ts';
import { comparisons } from './migrations/0009-comparisons.ts';
import { runLog } from './migrations/0010-run-log.ts';
import { studyJobs } from './migrations/0011-study-jobs.ts';
import { sweeps } from './migrations/0012-sweeps.ts';
import { groupedComparisons } from './migrations/0013-grouped-comparisons.ts';

/** One step; `version` is the value of `user_version` afterwards. */
export interface Migration {
  readonly version: number;
  readonly sql: string;
}

/** Ascending, without gaps. */
export const migrations: readonly Migration[] = [
  initial,
  browser,
  inpaintings,
  evaluationPictures,
  metricsByName,
  revisions,
  warnings,
  references,
  comparisons,
  runLog,
  studyJobs,
  sweeps,
  groupedComparisons,
];

/**
 * Applies the missing steps, all or nothing. An existing database is first copied to `<file>.backup-<version>-<time>`.
 * @returns the backup's path, or null when none was needed.
 * @throws Error when the file was written by a newer version or by another program; the file is untouched then.
 */
export function migrate(db: Database.Database, steps: readonly Migration[] = migrations): string | null {
  const latest = steps.at(-1)?.version ?? 0;
  const found = readVersion(db);
  if (found > latest) {
    throw new Error(
      `${db.name}: schema ${found} found, at most ${latest} expected. It was written by a newer version: update the program, or give another folder with --data-dir.`,
    );
  }
  if (found === latest) return null;
  if (found === 0) checkIsEmpty(db);
  const backup = found === 0 ? null : backUp(db, found);
  const applyMissing = db.transaction(() => {
    // Another process may have migrated it while this one waited for the lock.
    const current = readVersion(db);
    for (const step of steps.filter(({ version }) => version > current)) {
      db.exec(step.sql);
      db.pragma(`user_version = ${step.version}`);
    }
  });
  applyMissing.immediate();
  return backup;
}

function readVersion(db: Database.Database): number {
  return Number(db.pragma('user_version', { simple: true }));
}

function checkIsEmpty(db: Database.Database): void {
  // Version and tables in one query: another process may be creating them right now.
  const query =
    'SELECT (SELECT count(*) FROM sqlite_schema) AS tables, (SELECT user_version FROM pragma_user_version) AS version';
  const { tables, version } = db.prepare<[], { tables: number; version: number }>(query).get() ?? {
    tables: 0,
    version: 0,
  };
  if (tables > 0 && version === 0) {
    throw new Error(
      `${db.name}: ${tables} tables of another program found, a database of this one expected. Move that file away, or give another folder with --data-dir.`,
    );
  }
}

/** Copies the database. `VACUUM INTO` includes the write-ahead log, which a plain copy of the file would miss. */
function backUp(db: Database.Database, version: number): string {
  const time = new Date().toISOString().replace(/[:.]/g, '-');
  const file = `${db.name}.backup-${version}-${time}`;
  rmSync(`${file}.part`, { force: true });
  db.prepare('VACUUM INTO ?').run(`${file}.part`);
  renameSync(`${file}.part`, file);
  return file;
}
