import {
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
import { listCheckpointRows } from '../../main/store/runs/checkpoints.ts';
import { databaseFile, trashFolder } from '../../main/store/dataFolder.ts';
import { checkpointPath, writeCheckpoint } from '../../main/store/files/checkpointFile.ts';
import { writePreview } from '../../main/store/files/runImages.ts';
import { findLease } from '../../main/store/runs/leases.ts';
import { insertPreview, listPreviews } from '../../main/store/runs/previews.ts';
import { reconcile } from '../../main/store/recovery/reconcile.ts';
import { commitCheckpoint } from '../../main/store/runs/recording.ts';
import { restoreRun, softDeleteRun } from '../../main/store/runs/runLifecycle.ts';
import { getRun, listRuns, updateRun } from '../../main/store/runs/runs.ts';
import { listSegments, startSegment } from '../../main/store/runs/segments.ts';
import type { Store } from '../../main/store/store.ts';
import { startChild } from './children/startChild.ts';
import { insertExampleRun, openExampleStore } from './exampleStore.ts';
import { exampleCheckpoint } from './files/exampleCheckpoint.ts';

/** A run with committed checkpoints of these steps. */
function insertTrained(store: Store, ...steps: number[]): string {
  const { id } = insertExampleRun(store);
  for (const step of steps) {
    const checkpoint = writeCheckpoint(store.runFolder(id), exampleCheckpoint(step));
    commitCheckpoint(store, { runId: id, ...checkpoint, isBest: false, metrics: [] });
  }
  return id;
}

const kinds = (store: Store): string[] => reconcile(store).map(({ kind }) => kind);
const steps = (store: Store, id: string): number[] =>
  listCheckpointRows(store.db, id).map(({ step }) => step);

describe('reconcile', () => {
  it('finds nothing when all is well, without reading a checkpoint', () => {
    const store = openExampleStore();
    const id = insertTrained(store, 10, 20);
    // Same size, other content: only a reader would notice.
    const file = checkpointPath(store.runFolder(id), 20);
    writeFileSync(file, new Uint8Array(listCheckpointRows(store.db, id)[0].bytes));
    expect(reconcile(store)).toEqual([]);
    expect(steps(store, id)).toEqual([20, 10]);
  });

  it('turns a running run without a living process into an interrupted one, at its newest checkpoint', () => {
    const store = openExampleStore();
    const id = insertTrained(store, 10);
    const backend = { kind: 'wasm', device: 'CPU', version: '4.22.0' } as const;
    startSegment(store.db, { runId: id, fromStep: 0, backend });
    updateRun(store.db, id, { status: 'running', step: 17 });
    const [finding, ...others] = reconcile(store);
    expect(finding).toMatchObject({ kind: 'run interrupted', runId: id });
    expect(finding.message).toMatch(/interrupted at step 17; it can be resumed from step 10/);
    expect(getRun(store.db, id)).toMatchObject({ status: 'interrupted', step: 10 });
    expect(listSegments(store.db, id)).toMatchObject([
      { fromStep: 0, toStep: 10, endedAt: expect.any(String) },
    ]);
    expect([others, reconcile(store)]).toEqual([[], []]);
  });

  it('leaves a run alone that a living process computes, its temporary files included, until that process dies', async () => {
    const store = openExampleStore();
    const id = insertTrained(store, 10);
    const child = startChild('holdLease.ts', databaseFile(store.dataFolder), id);
    await child.waitFor('held by');
    updateRun(store.db, id, { status: 'running' });
    const temporary = join(store.runFolder(id), 'ckpt-20.tmp-0123456789ab');
    writeFileSync(temporary, 'half of it');
    writeCheckpoint(store.runFolder(id), exampleCheckpoint(15));
    expect(reconcile(store)).toEqual([]);
    expect([existsSync(temporary), getRun(store.db, id).status]).toEqual([true, 'running']);
    await child.kill();
    expect(kinds(store)).toEqual(['temporary file removed', 'checkpoint adopted', 'run interrupted']);
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
      expect(kinds(store)).toEqual(['checkpoint adopted']);
      expect(getRun(store.db, id).status).toBe(status);
    },
  );

  /** What a step has: a row, a file, a temporary file. */
  const combinations = Array.from({ length: 8 }, (_, bits) => [
    Boolean(bits & 1),
    Boolean(bits & 2),
    Boolean(bits & 4),
  ]);
  it.each(combinations)('agrees for row %s, file %s, temporary file %s', (hasRow, hasFile, hasTemporary) => {
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
    expect(kinds(store)).toEqual(expected);
    expect(steps(store, id)).toEqual(hasFile ? [20, 10] : [10]);
    expect(getRun(store.db, id).step).toBe(hasFile ? 20 : 10);
    expect(readdirSync(folder).filter((name) => name.includes('tmp'))).toEqual([]);
    expect(kinds(store)).toEqual([]);
  });

  it('sets a damaged checkpoint aside, with a row of another size or without a row', () => {
    const store = openExampleStore();
    const id = insertTrained(store, 10, 20);
    const folder = store.runFolder(id);
    truncateSync(checkpointPath(folder, 20), 100);
    writeFileSync(checkpointPath(folder, 30), 'nothing of the kind');
    expect(kinds(store)).toEqual(['checkpoint damaged', 'checkpoint damaged']);
    expect([steps(store, id), getRun(store.db, id).step]).toEqual([[10], 10]);
    expect(readdirSync(folder)).toEqual(
      expect.arrayContaining(['ckpt-20.safetensors.damaged', 'ckpt-30.safetensors.damaged']),
    );
    expect(kinds(store)).toEqual([]);
  });

  it('puts images back that have no row, and drops rows that have no image', () => {
    const store = openExampleStore();
    const { id } = insertExampleRun(store);
    writePreview({ folder: store.runFolder(id), step: 5, png: Uint8Array.of(1) });
    insertPreview(store.db, { runId: id, step: 6, file: 'preview-6.png' });
    expect(kinds(store)).toEqual(['preview missing', 'preview adopted']);
    expect(listPreviews(store.db, id).map(({ step }) => step)).toEqual([5]);
  });

  it('shows a missing folder as the error of the run, once, and takes it back when the folder is there again', () => {
    const store = openExampleStore();
    const id = insertTrained(store, 10);
    const away = join(store.dataFolder, 'away');
    renameSync(store.runFolder(id), away);
    expect(kinds(store)).toEqual(['folder missing']);
    expect(getRun(store.db, id).error).toMatch(/^The checkpoint files are gone: .*Put the folder back/);
    expect([steps(store, id), kinds(store)]).toEqual([[], []]);
    updateRun(store.db, id, { status: 'running' });
    expect(kinds(store)).toEqual(['run interrupted']);
    renameSync(away, store.runFolder(id));
    expect(kinds(store)).toEqual(['checkpoint adopted']);
    expect(getRun(store.db, id)).toMatchObject({ error: null, step: 10 });
  });

  it('keeps the last step of a finished run whose checkpoints are gone', () => {
    const store = openExampleStore();
    const id = insertTrained(store, 10);
    updateRun(store.db, id, { status: 'finished' });
    rmSync(checkpointPath(store.runFolder(id), 10));
    expect(kinds(store)).toEqual(['checkpoint missing']);
    expect(getRun(store.db, id).step).toBe(10);
  });
});

describe('a run folder without a row', () => {
  it('is put back as an interrupted run with its checkpoints, under a free name', () => {
    const store = openExampleStore();
    const id = insertTrained(store, 10, 20);
    store.db.prepare('DELETE FROM runs').run();
    insertExampleRun(store);
    expect(kinds(store)).toEqual(['run adopted', 'checkpoint adopted', 'checkpoint adopted']);
    expect(getRun(store.db, id)).toMatchObject({ name: 'example 2', status: 'interrupted', step: 20 });
    expect(kinds(store)).toEqual([]);
  });

  it('is found in the trash as well', () => {
    const store = openExampleStore();
    const id = insertTrained(store, 10);
    softDeleteRun(store, id);
    store.db.prepare('DELETE FROM runs').run();
    expect(kinds(store)).toEqual(['run adopted', 'checkpoint adopted']);
    expect(listRuns(store.db)).toEqual([]);
    expect(listRuns(store.db, { trashed: true })).toMatchObject([{ id, step: 10 }]);
    restoreRun(store, id);
    expect(kinds(store)).toEqual([]);
  });

  it('is named when its run.json is missing, unreadable or that of another run; nothing is deleted', () => {
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

  it('goes when it is empty: its run died while it was made', () => {
    const store = openExampleStore();
    mkdirSync(join(store.dataFolder, 'runs', 'aaaaaaaa'));
    expect([kinds(store), existsSync(store.runFolder('aaaaaaaa'))]).toEqual([[], false]);
  });

  it('is not seen when it is a link or has no id for a name', () => {
    const store = openExampleStore();
    const { id } = insertExampleRun(store);
    symlinkSync(store.runFolder(id), join(store.dataFolder, 'runs', 'aaaaaaaa'));
    mkdirSync(join(store.dataFolder, 'runs', 'my notes'));
    expect(kinds(store)).toEqual([]);
    expect(listRuns(store.db)).toHaveLength(1);
  });
});

describe('a crash between folder and row', () => {
  it('of a deletion is finished, that of a restoration as well', () => {
    const store = openExampleStore();
    const { id } = insertExampleRun(store);
    renameSync(store.runFolder(id), trashFolder(store.dataFolder, id));
    expect(kinds(store)).toEqual(['run moved']);
    expect(listRuns(store.db, { trashed: true })).toHaveLength(1);
    insertExampleRun(store);
    renameSync(trashFolder(store.dataFolder, id), store.runFolder(id));
    expect(kinds(store)).toEqual(['run moved']);
    expect(getRun(store.db, id).name).toBe('example 2');
  });
});
