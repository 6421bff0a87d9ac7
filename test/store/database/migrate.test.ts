import Database from 'better-sqlite3';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openDatabase } from '../../../main/store/database/database.ts';
import { migrations } from '../../../main/store/database/migrate.ts';
import { runQuerySchema } from '../../../shared/runList.ts';
import { listRunPage } from '../../../main/store/runs/runList.ts';
import { readMarks } from '../../../main/store/runs/runMarks.ts';
import { listRuns } from '../../../main/store/runs/runs.ts';
import { listCheckpointRows } from '../../../main/store/runs/checkpoints.ts';
import { readMetrics } from '../../../main/store/runs/metrics.ts';
import { startChild } from '../children/startChild.ts';
import { makeTemporaryFolder } from '../temporaryFolder.ts';

/** A database as schema 1 defined it, which must always be readable. */
const versionOne = `
CREATE TABLE runs (id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, status TEXT NOT NULL, preset TEXT NOT NULL,
  config TEXT NOT NULL, dataset TEXT, backend TEXT, step INTEGER NOT NULL DEFAULT 0, total_steps INTEGER,
  epoch INTEGER NOT NULL DEFAULT 0, process_seconds REAL NOT NULL DEFAULT 0, loss REAL, best_psnr REAL, error TEXT,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL, deleted_at TEXT) STRICT;
CREATE UNIQUE INDEX runs_name ON runs (name) WHERE deleted_at IS NULL;
CREATE TABLE metrics (run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE, step INTEGER NOT NULL,
  name TEXT NOT NULL, value REAL, process_seconds REAL NOT NULL, wall_milliseconds REAL NOT NULL,
  PRIMARY KEY (run_id, step, name)) STRICT, WITHOUT ROWID;
CREATE TABLE checkpoints (run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE, step INTEGER NOT NULL,
  file TEXT NOT NULL, bytes INTEGER NOT NULL, sha256 TEXT NOT NULL, is_best INTEGER NOT NULL, created_at TEXT NOT NULL,
  PRIMARY KEY (run_id, step)) STRICT, WITHOUT ROWID;
CREATE TABLE previews (run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE, step INTEGER NOT NULL,
  file TEXT NOT NULL, created_at TEXT NOT NULL, PRIMARY KEY (run_id, step)) STRICT, WITHOUT ROWID;
CREATE TABLE evaluations (id INTEGER PRIMARY KEY, run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  step INTEGER NOT NULL, created_at TEXT NOT NULL, protocol TEXT NOT NULL, rows TEXT NOT NULL) STRICT;
CREATE TABLE segments (id INTEGER PRIMARY KEY, run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  from_step INTEGER NOT NULL, to_step INTEGER, started_at TEXT NOT NULL, ended_at TEXT, backend TEXT NOT NULL) STRICT;
CREATE TABLE leases (run_id TEXT NOT NULL PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE, pid INTEGER NOT NULL,
  process_start TEXT, boot_id TEXT, pid_namespace TEXT, heartbeat_milliseconds INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO runs (id, name, status, preset, config, dataset, backend, step, total_steps, created_at, updated_at)
  VALUES ('abcdefg2', 'golden', 'paused', 'notebook', '{"seed":3,"field":{"latents":16},"data":{"source":"folder:/pictures/folder"}}',
  '{"source":"synthetic","split":"train","count":8,"height":8,"width":8,"checksum":"00","notes":[]}',
  '{"kind":"tensorflow","device":"CPU","version":"2.21.0"}', 20, 100, '2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z');
INSERT INTO metrics VALUES ('abcdefg2', 10, 'loss', 0.5, 1.5, 1767225600000), ('abcdefg2', 20, 'loss', NULL, 3, 1767225601000);
INSERT INTO metrics VALUES ('abcdefg2', 5, 'evaluation/ssim', 0.75, 1, 1767225600000),
  ('abcdefg2', 15, 'evaluation/ssim', 0.5, 2, 1767225601000);
INSERT INTO checkpoints VALUES ('abcdefg2', 20, 'ckpt-20.safetensors', 123, 'ff', 1, '2026-01-02T00:00:00.000Z');
PRAGMA user_version = 1;
`;

function createVersionOne(): string {
  const file = join(makeTemporaryFolder(), 'lab.sqlite');
  const db = new Database(file);
  db.exec(versionOne);
  db.close();
  return file;
}

function open(file: string, steps = migrations): ReturnType<typeof openDatabase> {
  const opened = openDatabase(file, { steps });
  onTestFinished(() => void opened.db.close());
  return opened;
}

describe('a database of schema 1', () => {
  it('is opened with all of its values', () => {
    const { db } = open(createVersionOne());
    const [run] = listRuns(db);
    expect(run).toMatchObject({
      id: 'abcdefg2',
      name: 'golden',
      status: 'paused',
      step: 20,
      totalSteps: 100,
      loss: null,
    });
    expect(run.config).toMatchObject({ seed: 3, preset: 'custom', field: { latents: 16, dim: 512 } });
    expect(run.dataset?.count).toBe(8);
    expect(run.backend).toEqual({ kind: 'tensorflow', device: 'CPU', version: '2.21.0' });
    const points = readMetrics(db, run.id, { names: ['loss'] });
    expect(points).toEqual([
      { step: 10, name: 'loss', value: 0.5, processSeconds: 1.5, wallTime: 1767225600000 },
      { step: 20, name: 'loss', value: NaN, processSeconds: 3, wallTime: 1767225601000 },
    ]);
    expect(listCheckpointRows(db, run.id)).toMatchObject([{ step: 20, bytes: 123, isBest: true }]);
  });

  it('is changed so that a curve is found without reading the others', () => {
    const { db } = open(createVersionOne());
    const plan = db
      .prepare(
        "EXPLAIN QUERY PLAN SELECT value FROM metrics WHERE run_id = 'a' AND name = 'loss' AND step > 5",
      )
      .all();
    expect(plan).toMatchObject([{ detail: expect.stringContaining('run_id=? AND name=? AND step>?') }]);
    expect(db.pragma('foreign_key_check')).toEqual([]);
    db.prepare('DELETE FROM runs').run();
    expect(db.prepare('SELECT count(*) FROM metrics').pluck().get()).toBe(0);
  });

  it('is listed with the values of its config and metrics', () => {
    const { db } = open(createVersionOne());
    const { rows } = listRunPage(db, runQuerySchema.parse({}), { offset: 0, limit: 10 });
    expect(rows).toMatchObject([
      { id: 'abcdefg2', method: 'flow', field: 'perceiver', source: 'folder', bestSsim: 0.75, tags: [] },
    ]);
    expect(rows[0]).toMatchObject({ hasNote: false, archived: false, deletedAt: null });
    expect(readMarks(db, 'abcdefg2')).toEqual({ tags: [], note: '', archivedAt: null, branchedFrom: null });
  });

  it('is opened even if a config cannot be parsed', () => {
    const file = createVersionOne();
    const db = new Database(file);
    db.exec("UPDATE runs SET config = '{not JSON'");
    db.close();
    const page = listRunPage(open(file).db, runQuerySchema.parse({}), { offset: 0, limit: 10 });
    expect(page.rows).toMatchObject([{ source: 'synthetic images' }]);
  });

  it('has the same tables and columns as a new one', () => {
    const query = `SELECT t.name || '.' || c.name FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table' ORDER BY 1`;
    const columns = (file: string): unknown => open(file).db.prepare(query).pluck().all();
    expect(columns(createVersionOne())).toEqual(columns(join(makeTemporaryFolder(), 'lab.sqlite')));
  });
});

/** The version after the current one. */
const next = migrations.length + 1;
const newer = [
  ...migrations,
  { version: next, sql: "ALTER TABLE runs ADD COLUMN colour TEXT NOT NULL DEFAULT '-'" },
];

describe('migrate', () => {
  it('has steps with consecutive versions from 1', () => {
    expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, index) => index + 1));
  });

  it('applies the missing steps and keeps a copy of the old database', () => {
    const file = createVersionOne();
    const { db, backup } = open(file, newer);
    expect(db.prepare('SELECT name, colour FROM runs').all()).toEqual([{ name: 'golden', colour: '-' }]);
    expect(db.pragma('user_version', { simple: true })).toBe(next);
    expect(backup).toMatch(/lab\.sqlite\.backup-1-/);
    const old = open(backup ?? '', [migrations[0]]);
    expect(old.db.pragma('user_version', { simple: true })).toBe(1);
    expect(listRuns(old.db).map(({ name }) => name)).toEqual(['golden']);
  });

  it('makes no copy if there is nothing to change', () => {
    const file = createVersionOne();
    open(file, [migrations[0]]);
    expect(readdirSync(join(file, '..')).filter((name) => name.includes('backup'))).toEqual([]);
  });

  it('changes nothing if a later statement fails', () => {
    const file = createVersionOne();
    const failing = [
      ...newer,
      { version: next + 1, sql: "UPDATE runs SET name = 'changed'; DROP TABLE absent;" },
    ];
    expect(() => openDatabase(file, { steps: failing })).toThrow(/no such table: absent/);
    const { db } = open(file, [migrations[0]]);
    expect(db.pragma('user_version', { simple: true })).toBe(1);
    expect(db.prepare('SELECT name FROM runs').pluck().all()).toEqual(['golden']);
  });

  it('changes nothing if the process is killed during a migration', async () => {
    const file = createVersionOne();
    const child = startChild('migrateAndDie.ts', file);
    await new Promise((resolve) => child.process.once('close', resolve));
    expect(child.process.signalCode).toBe('SIGKILL');
    const { db } = open(file);
    expect(db.prepare('SELECT name FROM runs').pluck().all()).toEqual(['golden']);
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(open(file, newer).db.pragma('user_version', { simple: true })).toBe(next);
  });

  it('rejects a database of a newer version and names both versions', () => {
    const file = createVersionOne();
    open(file, newer).db.close();
    const expected = `schema ${next} found, at most ${next - 1} expected. .* update the program`;
    expect(() => openDatabase(file)).toThrow(new RegExp(expected));
    expect(open(file, newer).db.pragma('user_version', { simple: true })).toBe(next);
  });
});
