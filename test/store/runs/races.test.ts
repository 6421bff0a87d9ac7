/** Races with another process that acts between a check and the following transaction. */

import Database from 'better-sqlite3';
import { readdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type LabDatabase, openDatabase } from '../../../main/store/database/database.ts';
import { acquireLease } from '../../../main/store/runs/leases.ts';
import { migrate } from '../../../main/store/database/migrate.ts';
import { reconcile } from '../../../main/store/recovery/reconcile.ts';
import { getRun, updateRun } from '../../../main/store/runs/runs.ts';
import { insertExampleRun, openExampleStore } from '../exampleStore.ts';
import { makeTemporaryFolder } from '../temporaryFolder.ts';

/** Returns the same database, except that `action` runs once before its next transaction is created. */
function beforeNextTransaction(db: LabDatabase, action: () => void): LabDatabase {
  let isDone = false;
  return new Proxy(db, {
    get(target, name) {
      if (name === 'transaction' && !isDone) {
        isDone = true;
        action();
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

it('A run that another process starts in the meantime is not marked as interrupted', () => {
  const store = openExampleStore();
  const { id } = insertExampleRun(store);
  updateRun(store.db, id, { status: 'running' });
  const db = beforeNextTransaction(store.db, () => acquireLease(store.db, id));
  expect(reconcile({ ...store, db })).toEqual([]);
  expect(getRun(store.db, id).status).toBe('running');
});

it('A migration that another process performs in the meantime is not repeated', () => {
  const file = join(makeTemporaryFolder(), 'lab.sqlite');
  const steps = [
    { version: 1, sql: 'CREATE TABLE first (a INTEGER)' },
    { version: 2, sql: 'CREATE TABLE second (a INTEGER)' },
  ];
  const other = new Database(file);
  const db = new Database(file);
  onTestFinished(() => void [other, db].forEach((one) => one.close()));
  migrate(other, steps.slice(0, 1));
  migrate(
    beforeNextTransaction(db, () => migrate(other, steps)),
    steps,
  );
  expect(db.pragma('user_version', { simple: true })).toBe(2);
});

it('A damaged database that another process replaces in the meantime is not moved aside again', () => {
  const file = join(makeTemporaryFolder(), 'lab.sqlite');
  writeFileSync(file, '');
  let isReplaced = false;
  const step = {
    version: 1,
    get sql() {
      if (isReplaced) return 'CREATE TABLE ours (a INTEGER)';
      isReplaced = true;
      renameSync(file, `${file}.theirs`);
      const theirs = new Database(file);
      theirs.exec('CREATE TABLE theirs (a INTEGER); PRAGMA user_version = 1');
      theirs.close();
      throw new Database.SqliteError('database disk image is malformed', 'SQLITE_CORRUPT');
    },
  };
  const { db, setAside } = openDatabase(file, { steps: [step] });
  onTestFinished(() => void db.close());
  expect(setAside).toBeNull();
  expect(db.prepare('SELECT name FROM sqlite_schema').pluck().all()).toEqual(['theirs']);
  expect(readdirSync(dirname(file)).filter((name) => name.includes('corrupt'))).toEqual([]);
});
