import Database from 'better-sqlite3';
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { databaseFile } from '../../../main/store/dataFolder.ts';
import {
  closeDatabase,
  isDatabaseBusy,
  openDatabase,
  type OpenedDatabase,
  type OpenOptions,
} from '../../../main/store/database/database.ts';
import { checkRecordFile, isCheckDue } from '../../../main/store/database/databaseCheck.ts';
import { migrations } from '../../../main/store/database/migrate.ts';
import { writeCheckpoint } from '../../../main/store/files/checkpointFile.ts';
import { insertCheckpoint, listCheckpointRows } from '../../../main/store/runs/checkpoints.ts';
import { insertMetrics, readMetrics } from '../../../main/store/runs/metrics.ts';
import { insertRun, softDeleteRun } from '../../../main/store/runs/runLifecycle.ts';
import { listRuns } from '../../../main/store/runs/runs.ts';
import { openStore } from '../../../main/store/store.ts';
import { runConfigSchema } from '../../../shared/config/config.ts';
import { catchError, insertExampleRun, openExampleStore } from '../exampleStore.ts';
import { exampleCheckpoint } from '../files/exampleCheckpoint.ts';
import { insertRows } from '../runs/manyRuns.ts';
import { makeTemporaryFolder } from '../temporaryFolder.ts';

function open(file: string, options?: OpenOptions): OpenedDatabase {
  const opened = openDatabase(file, options);
  onTestFinished(() => void opened.db.close());
  return opened;
}

describe('openDatabase', () => {
  it('sets write-ahead mode, full synchronisation and foreign keys, and waits 5 s for a lock', () => {
    const { db, setAside, backup } = open(join(makeTemporaryFolder(), 'lab.sqlite'));
    const pragmas = ['journal_mode', 'synchronous', 'foreign_keys', 'busy_timeout', 'user_version'];
    expect(pragmas.map((name) => db.pragma(name, { simple: true }))).toEqual([
      'wal',
      2,
      1,
      5000,
      migrations.length,
    ]);
    expect([setAside, backup]).toEqual([null, null]);
  });

  it('reports a missing folder with the next step', () => {
    expect(() => openDatabase(join(makeTemporaryFolder(), 'none', 'lab.sqlite'))).toThrow(
      /cannot be opened .* --data-dir/,
    );
  });

  it('reports a lock as busy within the given time', () => {
    const file = join(makeTemporaryFolder(), 'lab.sqlite');
    const holder = open(file).db;
    holder.pragma('locking_mode = EXCLUSIVE');
    holder.exec('BEGIN EXCLUSIVE');
    holder.pragma('user_version = 1');
    const error = catchError(() => openDatabase(file, { busyTimeout: 50 }));
    holder.exec('ROLLBACK');
    expect(error.message).toMatch(/locked by another process; .* within 50 ms. .* try again/);
    expect(isDatabaseBusy(error)).toBe(true);
    expect(isDatabaseBusy(new Error('another'))).toBe(false);
  });

  it('reports a statement that fails because of a lock as busy, and the same statement succeeds later', () => {
    const file = join(makeTemporaryFolder(), 'lab.sqlite');
    const holder = open(file).db;
    const { db } = open(file, { busyTimeout: 20 });
    const change = (): unknown => db.prepare('DELETE FROM leases').run();
    holder.exec('BEGIN IMMEDIATE');
    expect(isDatabaseBusy(catchError(change))).toBe(true);
    holder.exec('COMMIT');
    expect(change).not.toThrow();
  });
});

/** Creates a data folder with a run, its checkpoint of step 5, and a run in the trash. */
function prepareDataFolder(): string {
  const store = openStore(makeTemporaryFolder());
  const config = runConfigSchema.parse({ preset: 'small', seed: 7 });
  const first = insertRun(store, { name: 'first', config });
  const checkpoint = writeCheckpoint(store.runFolder(first.id), exampleCheckpoint(5));
  insertCheckpoint(store.db, { runId: first.id, ...checkpoint, isBest: true });
  const second = insertExampleRun(store, 'second');
  softDeleteRun(store, second.id);
  store.close();
  return store.dataFolder;
}

function overwrite(file: string, from: number, bytes: Uint8Array): void {
  const content = readFileSync(file);
  content.set(bytes, from);
  writeFileSync(file, content);
}

const damages: readonly [title: string, damage: (file: string) => void][] = [
  [
    'is text',
    (file) => writeFileSync(file, 'no database at all, but a text that is long enough for a header'),
  ],
  ['has a wrong header', (file) => overwrite(file, 0, new Uint8Array(100).fill(65))],
  ['has garbage in its second page', (file) => overwrite(file, 4096, new Uint8Array(4096).fill(0xa5))],
  ['is cut off', (file) => writeFileSync(file, readFileSync(file).subarray(0, 3 * 4096))],
];

describe('a damaged database', () => {
  it.each(damages)('that %s is moved aside and rebuilt from the run folders', (_title, damage) => {
    const dataFolder = prepareDataFolder();
    const file = databaseFile(dataFolder);
    damage(file);
    const content = readFileSync(file);
    const store = openExampleStore(dataFolder);
    const aside = readdirSync(dataFolder).filter((name) => /^lab\.sqlite\.corrupt-[\dTZ-]+$/.test(name));
    expect(aside).toHaveLength(1);
    expect(readFileSync(join(dataFolder, aside[0])).equals(content)).toBe(true);
    const [run] = listRuns(store.db);
    expect(run).toMatchObject({ name: 'first', preset: 'small', status: 'interrupted', step: 5 });
    expect(run.config.seed).toBe(7);
    expect(listCheckpointRows(store.db, run.id)).toMatchObject([{ step: 5 }]);
    expect(listRuns(store.db, { trashed: true })).toMatchObject([{ name: 'second' }]);
    expect(store.findings[0].message).toContain(aside[0]);
    store.close();
    expect(openExampleStore(dataFolder).findings).toEqual([]);
  });

  it('of zero bytes is rebuilt, and a log next to it is kept', () => {
    const dataFolder = prepareDataFolder();
    const file = databaseFile(dataFolder);
    writeFileSync(file, '');
    expect(listRuns(openExampleStore(dataFolder).db).map(({ name }) => name)).toEqual(['first']);
    const other = join(makeTemporaryFolder(), 'lab.sqlite');
    writeFileSync(other, '');
    writeFileSync(`${other}-wal`, 'the log of another database');
    const { setAside } = open(other);
    expect(readFileSync(`${setAside}-wal`, 'utf8')).toBe('the log of another database');
  });

  it('next to the log of another database is rebuilt', () => {
    const dataFolder = prepareDataFolder();
    const file = databaseFile(dataFolder);
    const other = open(join(makeTemporaryFolder(), 'other.sqlite')).db;
    other.exec('CREATE TABLE filler (text TEXT); INSERT INTO filler VALUES (hex(zeroblob(50000)))');
    copyFileSync(`${other.name}-wal`, `${file}-wal`);
    const store = openExampleStore(dataFolder);
    expect(store.db.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(listRuns(store.db).map(({ name, step }) => [name, step])).toEqual([['first', 5]]);
  });

  it('that is missing is rebuilt from the run folders, where the oldest of several runs keeps its name', () => {
    const dataFolder = makeTemporaryFolder();
    const names = ['c', 'a', 'b'];
    names.forEach((name, index) => {
      const id = `${name}aaaaaaa`;
      mkdirSync(join(dataFolder, 'runs', id), { recursive: true });
      const run = {
        id,
        name: 'same',
        preset: 'custom',
        config: {},
        createdAt: `2026-01-0${index + 1}T00:00:00.000Z`,
      };
      writeFileSync(join(dataFolder, 'runs', id, 'run.json'), JSON.stringify(run));
    });
    expect(listRuns(openExampleStore(dataFolder).db).map(({ id, name }) => [id[0], name])).toEqual([
      ['b', 'same 3'],
      ['a', 'same 2'],
      ['c', 'same'],
    ]);
  });

  it('is not assumed without a reason, so that a valid one is kept', () => {
    const dataFolder = prepareDataFolder();
    const store = openExampleStore(dataFolder);
    const [run] = listRuns(store.db);
    insertMetrics(store.db, run.id, [{ step: 1, name: 'loss', value: 2, processSeconds: 1, wallTime: 0 }]);
    store.close();
    const again = openExampleStore(dataFolder);
    expect(again.findings).toEqual([]);
    expect(readMetrics(again.db, run.id)).toHaveLength(1);
    expect(readdirSync(dataFolder).filter((name) => name.includes('corrupt'))).toEqual([]);
  });

  it('is not assumed for a database of another program, which is rejected and not changed', () => {
    const file = join(makeTemporaryFolder(), 'lab.sqlite');
    const other = new Database(file);
    other.exec('CREATE TABLE bookmarks (url TEXT)');
    other.close();
    expect(() => openDatabase(file)).toThrow(/1 tables of another program found/);
    expect(existsSync(`${file}-wal`)).toBe(false);
    const again = new Database(file);
    onTestFinished(() => void again.close());
    expect(again.prepare('SELECT name FROM sqlite_schema').pluck().all()).toEqual(['bookmarks']);
  });
});

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
