import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { databaseFile, trashFolder } from '../../main/store/dataFolder.ts';
import { checkpointPath, writeCheckpoint } from '../../main/store/files/checkpointFile.ts';
import { writePreview } from '../../main/store/files/runImages.ts';
import { reconcile } from '../../main/store/recovery/reconcile.ts';
import { listCheckpointRows } from '../../main/store/runs/checkpoints.ts';
import { acquireLease, findLease } from '../../main/store/runs/leases.ts';
import { insertPreview, listPreviews } from '../../main/store/runs/previews.ts';
import { commitCheckpoint } from '../../main/store/runs/recording.ts';
import { insertRun, restoreRun, softDeleteRun } from '../../main/store/runs/runLifecycle.ts';
import { readRunLog } from '../../main/store/runs/runLog.ts';
import { getRun, listRuns, updateRun } from '../../main/store/runs/runs.ts';
import { listSegments, startSegment } from '../../main/store/runs/segments.ts';
import { openStore, type Store } from '../../main/store/store.ts';
import {
  claimSweep,
  createSweep,
  deleteSweep,
  listMemberRuns,
  listRungScores,
  listSweeps,
  recordRungScore,
  renameSweep,
} from '../../main/store/sweeps.ts';
import { exampleSpec } from '../shared/sweep/exampleSweep.ts';
import { runConfigSchema } from '../../shared/config/config.ts';
import { startChild } from './children/startChild.ts';
import { insertExampleRun, openExampleStore } from './exampleStore.ts';
import { exampleCheckpoint } from './files/exampleCheckpoint.ts';

/** Inserts a run with committed checkpoints of these steps, and returns its ID. */
function insertTrained(store: Store, ...steps: number[]): string {
  const { id } = insertExampleRun(store);
  for (const step of steps) {
    const checkpoint = writeCheckpoint(store.runFolder(id), exampleCheckpoint(step));
    commitCheckpoint(store, { runId: id, ...checkpoint, isBest: false, metrics: [] });
  }
  return id;
}

const findKinds = (store: Store): string[] => reconcile(store).map(({ kind }) => kind);
const listSteps = (store: Store, id: string): number[] =>
  listCheckpointRows(store.db, id).map(({ step }) => step);

describe('reconcile', () => {
  it('finds nothing in a consistent store, without reading checkpoints', () => {
    const store = openExampleStore();
    const id = insertTrained(store, 10, 20);
    // The file has the same size but other content, which only reading would reveal.
    const file = checkpointPath(store.runFolder(id), 20);
    writeFileSync(file, new Uint8Array(listCheckpointRows(store.db, id)[0].bytes));
    expect(reconcile(store)).toEqual([]);
    expect(listSteps(store, id)).toEqual([20, 10]);
  });

  it('marks a running run of a dead process as interrupted at its newest checkpoint', () => {
    const store = openExampleStore();
    const id = insertTrained(store, 10);
    const backend = { kind: 'wasm', device: 'CPU', version: '4.22.0' } as const;
    startSegment(store.db, { runId: id, fromStep: 0, backend });
    updateRun(store.db, id, { status: 'running', step: 17 });
    const [finding, ...others] = reconcile(store);
    expect(finding).toMatchObject({ kind: 'run interrupted', runId: id });
    expect(finding.message).toMatch(/interrupted at step 17; it can be resumed from step 10/);
    expect(getRun(store.db, id)).toMatchObject({ status: 'interrupted', step: 10 });
    expect(readRunLog(store.db, id, ['error'])).toMatchObject([
      { step: 17, text: expect.stringContaining('had vanished') },
    ]);
    expect(listSegments(store.db, id)).toMatchObject([
      { fromStep: 0, toStep: 10, endedAt: expect.any(String) },
    ]);
    expect([others, reconcile(store)]).toEqual([[], []]);
  });

  it('does not touch a run and its temporary files while its process is alive', async () => {
    const store = openExampleStore();
    const id = insertTrained(store, 10);
    const child = startChild('holdLease.ts', databaseFile(store.dataFolder), id);
    await child.waitFor('held by');
    updateRun(store.db, id, { status: 'running' });
    const temporary = join(store.runFolder(id), 'ckpt-20.tmp-0123456789ab');
    writeFileSync(temporary, 'partial');
    writeCheckpoint(store.runFolder(id), exampleCheckpoint(15));
    expect(reconcile(store)).toEqual([]);
    expect([existsSync(temporary), getRun(store.db, id).status]).toEqual([true, 'running']);
    await child.kill();
    expect(findKinds(store)).toEqual(['temporary file removed', 'checkpoint adopted', 'run interrupted']);
    expect(existsSync(temporary)).toBe(false);
    expect(getRun(store.db, id)).toMatchObject({ status: 'interrupted', step: 15 });
    expect(findLease(store.db, id)).toBeUndefined();
  });

  it.each(['paused', 'finished', 'queued', 'crashed', 'stopped', 'diverged'] as const)(
    'keeps the status %s',
    (status) => {
      const store = openExampleStore();
      const id = insertTrained(store, 10);
      updateRun(store.db, id, { status });
      writeCheckpoint(store.runFolder(id), exampleCheckpoint(20));
      expect(findKinds(store)).toEqual(['checkpoint adopted']);
      expect(getRun(store.db, id).status).toBe(status);
    },
  );

  /** Whether a step has a row, a file and a temporary file. */
  const combinations = Array.from({ length: 8 }, (_, bits) => [
    Boolean(bits & 1),
    Boolean(bits & 2),
    Boolean(bits & 4),
  ]);
  it.each(combinations)(
    'makes rows and files agree for row %s, file %s, temporary file %s',
    (hasRow, hasFile, hasTemporary) => {
      const store = openExampleStore();
      const id = insertTrained(store, 10);
      const folder = store.runFolder(id);
      const checkpoint = writeCheckpoint(folder, exampleCheckpoint(20));
      if (hasRow) commitCheckpoint(store, { runId: id, ...checkpoint, isBest: false, metrics: [] });
      if (!hasFile) rmSync(checkpointPath(folder, 20));
      if (hasTemporary) writeFileSync(join(folder, 'ckpt-20.tmp-0123456789ab'), 'half');
      const expected = [
        ...(hasTemporary ? ['temporary file removed'] : []),
        ...(hasRow && !hasFile ? ['checkpoint missing'] : []),
        ...(!hasRow && hasFile ? ['checkpoint adopted'] : []),
      ];
      expect(findKinds(store)).toEqual(expected);
      expect(listSteps(store, id)).toEqual(hasFile ? [20, 10] : [10]);
      expect(getRun(store.db, id).step).toBe(hasFile ? 20 : 10);
      expect(readdirSync(folder).filter((name) => name.includes('tmp'))).toEqual([]);
      expect(findKinds(store)).toEqual([]);
    },
  );

  it('renames a damaged checkpoint, whether its row has another size or there is none', () => {
    const store = openExampleStore();
    const id = insertTrained(store, 10, 20);
    const folder = store.runFolder(id);
    truncateSync(checkpointPath(folder, 20), 100);
    writeFileSync(checkpointPath(folder, 30), 'not a checkpoint');
    expect(findKinds(store)).toEqual(['checkpoint damaged', 'checkpoint damaged']);
    expect([listSteps(store, id), getRun(store.db, id).step]).toEqual([[10], 10]);
    expect(readdirSync(folder)).toEqual(
      expect.arrayContaining(['ckpt-20.safetensors.damaged', 'ckpt-30.safetensors.damaged']),
    );
    expect(findKinds(store)).toEqual([]);
  });

  it('adds rows for previews without one, and removes rows without a preview', () => {
    const store = openExampleStore();
    const { id } = insertExampleRun(store);
    writePreview({ folder: store.runFolder(id), step: 5, png: Uint8Array.of(1) });
    insertPreview(store.db, { runId: id, step: 6, file: 'preview-6.png' });
    expect(findKinds(store)).toEqual(['preview missing', 'preview adopted']);
    expect(listPreviews(store.db, id).map(({ step }) => step)).toEqual([5]);
  });

  it('reports a missing folder once as the error of its run, and removes the error when the folder is back', () => {
    const store = openExampleStore();
    const id = insertTrained(store, 10);
    const away = join(store.dataFolder, 'away');
    renameSync(store.runFolder(id), away);
    expect(findKinds(store)).toEqual(['folder missing']);
    expect(getRun(store.db, id).error).toMatch(/^The checkpoint files are gone: .*Put the folder back/);
    expect([listSteps(store, id), findKinds(store)]).toEqual([[], []]);
    updateRun(store.db, id, { status: 'running' });
    expect(findKinds(store)).toEqual(['run interrupted']);
    renameSync(away, store.runFolder(id));
    expect(findKinds(store)).toEqual(['checkpoint adopted']);
    expect(getRun(store.db, id)).toMatchObject({ error: null, step: 10 });
  });

  it('keeps the step of a finished run whose checkpoints are missing', () => {
    const store = openExampleStore();
    const id = insertTrained(store, 10);
    updateRun(store.db, id, { status: 'finished' });
    rmSync(checkpointPath(store.runFolder(id), 10));
    expect(findKinds(store)).toEqual(['checkpoint missing']);
    expect(getRun(store.db, id).step).toBe(10);
  });
});

describe('a run folder without a row', () => {
  it('is added as an interrupted run with its checkpoints, under a free name', () => {
    const store = openExampleStore();
    const id = insertTrained(store, 10, 20);
    store.db.prepare('DELETE FROM runs').run();
    insertExampleRun(store);
    expect(findKinds(store)).toEqual(['run adopted', 'checkpoint adopted', 'checkpoint adopted']);
    expect(getRun(store.db, id)).toMatchObject({ name: 'example 2', status: 'interrupted', step: 20 });
    expect(findKinds(store)).toEqual([]);
  });

  it('is also added from the trash', () => {
    const store = openExampleStore();
    const id = insertTrained(store, 10);
    softDeleteRun(store, id);
    store.db.prepare('DELETE FROM runs').run();
    expect(findKinds(store)).toEqual(['run adopted', 'checkpoint adopted']);
    expect(listRuns(store.db)).toEqual([]);
    expect(listRuns(store.db, { trashed: true })).toMatchObject([{ id, step: 10 }]);
    restoreRun(store, id);
    expect(findKinds(store)).toEqual([]);
  });

  it('is reported and kept if its run.json is missing, damaged or that of another run', () => {
    const store = openExampleStore();
    const runs = join(store.dataFolder, 'runs');
    const copy = { ...insertExampleRun(store), config: {} };
    const contents = {
      aaaaaaaa: '{',
      bbbbbbbb: '{"id":"bbbbbbbb"}',
      cccccccc: JSON.stringify(copy),
      dddddddd: undefined,
      ffffffff: 'null',
      gggggggg: `${' '.repeat(1_000_000)}${JSON.stringify({ ...copy, id: 'gggggggg' })}`,
    };
    for (const [id, text] of Object.entries(contents)) {
      mkdirSync(join(runs, id));
      writeFileSync(join(runs, id, text === undefined ? 'note.txt' : 'run.json'), text ?? '');
    }
    const bad = { ...copy, id: 'eeeeeeee', config: { seed: 'x' } };
    mkdirSync(join(runs, 'eeeeeeee'));
    writeFileSync(join(runs, 'eeeeeeee', 'run.json'), JSON.stringify(bad));
    const findings = reconcile(store);
    expect(findings.map(({ kind }) => kind)).toEqual(Array(7).fill('folder not readable'));
    const messages = findings.map(({ message }) => message).join('\n');
    for (const part of [
      'no JSON object',
      'incomplete record',
      `run.json of run ${copy.id}`,
      'no run.json',
      'a config with',
      'characters found',
    ]) {
      expect(messages).toContain(part);
    }
    expect(readdirSync(runs)).toHaveLength(8);
    expect(listRuns(store.db)).toHaveLength(1);
  });

  it('is removed if it is empty', () => {
    const store = openExampleStore();
    mkdirSync(join(store.dataFolder, 'runs', 'aaaaaaaa'));
    expect([findKinds(store), existsSync(store.runFolder('aaaaaaaa'))]).toEqual([[], false]);
  });

  it('is ignored if it is a link or its name is not a run ID', () => {
    const store = openExampleStore();
    const { id } = insertExampleRun(store);
    symlinkSync(store.runFolder(id), join(store.dataFolder, 'runs', 'aaaaaaaa'));
    mkdirSync(join(store.dataFolder, 'runs', 'my notes'));
    expect(findKinds(store)).toEqual([]);
    expect(listRuns(store.db)).toHaveLength(1);
  });
});

describe('a crash between moving a folder and changing its row', () => {
  it('is repaired by completing the deletion or restoration', () => {
    const store = openExampleStore();
    const { id } = insertExampleRun(store);
    renameSync(store.runFolder(id), trashFolder(store.dataFolder, id));
    expect(findKinds(store)).toEqual(['run moved']);
    expect(listRuns(store.db, { trashed: true })).toHaveLength(1);
    insertExampleRun(store);
    renameSync(trashFolder(store.dataFolder, id), store.runFolder(id));
    expect(findKinds(store)).toEqual(['run moved']);
    expect(getRun(store.db, id).name).toBe('example 2');
  });
});

describe('openStore', () => {
  it('creates missing folders and reports repairs', () => {
    const store = openExampleStore();
    expect(readdirSync(store.dataFolder)).toEqual(expect.arrayContaining(['lab.sqlite', 'runs', 'trash']));
    expect(store.findings).toEqual([]);
    const { id } = insertRun(store, { name: 'a', config: runConfigSchema.parse({}) });
    updateRun(store.db, id, { status: 'running' });
    store.close();
    const again = openExampleStore(store.dataFolder);
    expect(again.findings).toMatchObject([{ kind: 'run interrupted', runId: id }]);
    expect(() => again.runFolder('../..')).toThrow(/Run id/);
  });

  it('can be called twice for the same data folder without interrupting an active run', () => {
    const store = openExampleStore();
    const { id } = insertExampleRun(store);
    acquireLease(store.db, id);
    updateRun(store.db, id, { status: 'running' });
    const other = openStore(store.dataFolder);
    expect(other.findings).toEqual([]);
    other.close();
    expect(getRun(store.db, id).status).toBe('running');
  });

  it('opens a thousand consistent runs without findings', () => {
    const store = openExampleStore();
    const config = runConfigSchema.parse({});
    const insertAll = store.db.transaction(() => {
      for (let index = 0; index < 1000; index++) {
        const id = index.toString(8).padStart(8, 'a').replaceAll('0', 'x').replaceAll('1', 'y');
        mkdirSync(store.runFolder(id));
        store.db
          .prepare(
            `INSERT INTO runs (id, name, status, preset, config, created_at, updated_at) VALUES (?, ?, 'paused', '', ?, '', '')`,
          )
          .run(id, `run ${index}`, JSON.stringify(config));
      }
    });
    insertAll();
    store.close();
    const again = openExampleStore(store.dataFolder);
    expect(again.findings).toEqual([]);
    expect(listRuns(again.db)).toHaveLength(1000);
  });
});

describe('the sweeps of a lost database', () => {
  it('are restored with their scores from their copies, up to a damaged line', () => {
    const store = openExampleStore();
    const spec = exampleSpec();
    const { id, name } = createSweep(store.db, spec);
    const score = { member: 0, rung: 0, runId: 'aaaabbbb', step: 100, score: 23.5, nfe: 4 };
    recordRungScore(store.db, id, score);
    recordRungScore(store.db, id, { ...score, member: 1, score: null, nfe: null });
    recordRungScore(store.db, id, { ...score, member: 2, score: Infinity });
    renameSweep(store.db, id, 'renamed');
    claimSweep(store.db, id);
    const gone = createSweep(store.db, spec);
    deleteSweep(store, gone.id);
    const run = insertRun(store, {
      name: 'member',
      config: spec.base,
      totalSteps: 10,
      sweep: { sweepId: id, member: 0 },
    });
    expect(name).not.toBe('renamed');
    store.close();
    appendFileSync(join(store.dataFolder, 'sweeps', `${id}.scores.jsonl`), '{"member":2,"ru');
    for (const ending of ['', '-wal', '-shm'])
      rmSync(databaseFile(store.dataFolder) + ending, { force: true });

    const rebuilt = openExampleStore(store.dataFolder);
    const [found, ...others] = listSweeps(rebuilt.db);
    expect(others).toEqual([]);
    expect(found).toMatchObject({ id, name: 'renamed', state: 'idle', spec: { ...spec, name: 'renamed' } });
    expect(listRungScores(rebuilt.db, id)).toMatchObject([
      score,
      { member: 1, score: null },
      { member: 2, score: Infinity },
    ]);
    expect(listMemberRuns(rebuilt.db, id)).toMatchObject([{ member: 0, runId: run.id }]);
    expect(rebuilt.findings.map(({ kind }) => kind)).toContain('sweep adopted');
    expect(reconcile(rebuilt)).toEqual([]);
  });

  it('are copied at the next start if the copy is missing, and reported if it is damaged', () => {
    const store = openExampleStore();
    const { id } = createSweep(store.db, exampleSpec());
    const file = join(store.dataFolder, 'sweeps', `${id}.json`);
    rmSync(file);
    expect(reconcile(store)).toEqual([]);
    expect(existsSync(file)).toBe(true);
    writeFileSync(join(store.dataFolder, 'sweeps', 'aaaabbbb.json'), '{}');
    expect(reconcile(store)).toMatchObject([
      { kind: 'folder not readable', message: expect.stringContaining('the record of a sweep expected') },
    ]);
  });
});
