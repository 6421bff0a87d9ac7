import Database from 'better-sqlite3';
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { closeDatabase, openDatabase } from '../../../main/store/database/database.ts';
import { checkRecordFile, isCheckDue } from '../../../main/store/database/databaseCheck.ts';
import { insertRows } from '../runs/manyRuns.ts';
import { makeTemporaryFolder } from '../temporaryFolder.ts';

const day = 24 * 60 * 60 * 1000;

/** Creates a database with some rows, and opens it twice so that its check is recorded. */
function prepareDatabase(): string {
  const file = join(makeTemporaryFolder(), 'lab.sqlite');
  for (let round = 0; round < 2; round++) {
    const { db } = openDatabase(file);
    if (round === 0) insertRows(db, [{}, {}, {}]);
    closeDatabase(db);
  }
  return file;
}

/** Returns the number of integrity checks during the work. */
function countChecks(work: () => void): number {
  const pragma = vi.spyOn(Database.prototype, 'pragma');
  onTestFinished(() => pragma.mockRestore());
  work();
  const count = pragma.mock.calls.filter(([source]) => source.startsWith('quick_check')).length;
  pragma.mockRestore();
  return count;
}

const openAndClose = (file: string) => () => closeDatabase(openDatabase(file).db);

describe('the integrity of a database', () => {
  it('is not checked at every opening, regardless of what was written since the last one', () => {
    const file = prepareDatabase();
    expect(countChecks(openAndClose(file))).toBe(0);
    const { db } = openDatabase(file);
    db.exec('UPDATE runs SET loss = 1');
    closeDatabase(db);
    expect(countChecks(openAndClose(file))).toBe(0);
  });

  it('is checked once a day, and if the clock was set back before the last check', () => {
    const file = prepareDatabase();
    expect(isCheckDue(file, Date.now() + day - 60_000)).toBe(false);
    expect(isCheckDue(file, Date.now() + day + 60_000)).toBe(true);
    expect(isCheckDue(file, Date.now() - 60_000)).toBe(true);
    const record = JSON.parse(readFileSync(checkRecordFile(file), 'utf8')) as { checkedAt: number };
    writeFileSync(checkRecordFile(file), JSON.stringify({ ...record, checkedAt: Date.now() - 2 * day }));
    expect(countChecks(openAndClose(file))).toBe(1);
    expect(countChecks(openAndClose(file))).toBe(0);
  });

  it('is checked once after the process was killed', () => {
    const file = prepareDatabase();
    const script = `
      import Database from 'better-sqlite3';
      const db = new Database(process.argv[1]);
      db.exec("UPDATE runs SET loss = 2");
      process.kill(process.pid, 'SIGKILL');`;
    const { signal } = spawnSync(process.execPath, ['--input-type=module', '-e', script, file]);
    expect(signal).toBe('SIGKILL');
    expect(statSync(`${file}-wal`).size).toBeGreaterThan(0);
    expect(countChecks(openAndClose(file))).toBe(1);
    expect(countChecks(openAndClose(file))).toBe(0);
    const { db } = openDatabase(file);
    expect(db.prepare('SELECT DISTINCT loss FROM runs').pluck().all()).toEqual([2]);
    closeDatabase(db);
  });

  it('is not checked while another process writes to it', () => {
    const file = prepareDatabase();
    const { db } = openDatabase(file);
    db.exec('UPDATE runs SET loss = 3');
    expect(statSync(`${file}-wal`).size).toBeGreaterThan(0);
    expect(countChecks(openAndClose(file))).toBe(0);
    closeDatabase(db);
    expect(countChecks(openAndClose(file))).toBe(0);
  });

  it.each([
    {
      reason: 'its file was changed by something else',
      change: (file: string) => writeFileSync(file, readFileSync(file)),
    },
    { reason: 'its file was touched', change: (file: string) => utimesSync(file, 1, 1) },
    { reason: 'the record is damaged', change: (file: string) => writeFileSync(checkRecordFile(file), '{') },
  ])('is checked if $reason', ({ change }) => {
    const file = prepareDatabase();
    change(file);
    expect(countChecks(openAndClose(file))).toBe(1);
  });
});
