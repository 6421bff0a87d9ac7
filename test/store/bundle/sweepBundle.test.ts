import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeSweep, readSweepFacts } from '../../../main/jobs/sweeps/sweepState.ts';
import { exportSweep, importSweepFile } from '../../../main/store/bundle/sweepBundle.ts';
import { looksLikeBundle, looksLikeSweepFile } from '../../../shared/runBundle.ts';
import { softDeleteRun } from '../../../main/store/runs/runLifecycle.ts';
import { getRun, listRuns } from '../../../main/store/runs/runs.ts';
import type { Store } from '../../../main/store/store.ts';
import { deleteSweep, getSweep, listMemberRuns, listSweeps } from '../../../main/store/sweeps.ts';
import { openExampleSweeps } from '../../jobs/exampleSweeps.ts';
import { openExampleStore } from '../exampleStore.ts';
import { makeTemporaryFolder } from '../temporaryFolder.ts';

/** A sweep of two rates and two seeds that has been computed, and its file. */
async function exportExample() {
  const { sweeps, create, idle, store } = openExampleSweeps();
  const id = create({
    axes: [{ kind: 'list', path: 'optim.learningRate', values: [1e-3, 2e-3] }],
    seeds: [1, 2],
  });
  sweeps.start(id);
  await idle();
  const path = join(makeTemporaryFolder(), 'rates.sparsefield');
  const exported = exportSweep(store, {
    sweepId: id,
    path,
    checkpoints: 'newest',
    appVersion: '1.2.3',
  });
  return { store, sweeps, idle, id, path, exported };
}

const detailOf = ({ db }: Store, id: string) => describeSweep(readSweepFacts({ db }, getSweep(db, id)));

describe('the file of a sweep', () => {
  it('brings the sweep with its runs and scores to another data folder', async () => {
    const { store, id, path, exported } = await exportExample();
    expect(exported.runs).toBe(4);
    const start = readFileSync(path).subarray(0, 128);
    expect([looksLikeSweepFile(start), looksLikeBundle(start)]).toEqual([true, false]);
    expect(readdirSync(join(path, '..'))).toEqual(['rates.sparsefield']);
    const other = openExampleStore();
    expect(importSweepFile(other, path)).toMatchObject({ id, wasHere: false, imported: 4, present: 0 });
    const [before, after] = [detailOf(store, id), detailOf(other, id)];
    expect(after.state).toBe('finished');
    expect(after.list.map(({ runId, score, values }) => [runId, score, values])).toEqual(
      before.list.map(({ runId, score, values }) => [runId, score, values]),
    );
    expect(after.analysis).toEqual(before.analysis);
    const { runId } = listMemberRuns(other.db, id)[0];
    expect(getRun(other.db, runId).config.optim.learningRate).toBe(1e-3);
  });

  it('stores nothing twice, and completes an import that was interrupted', async () => {
    const { id, path } = await exportExample();
    const other = openExampleStore();
    importSweepFile(other, path);
    expect(importSweepFile(other, path)).toMatchObject({ wasHere: true, imported: 0, present: 4 });
    expect([listSweeps(other.db).length, listRuns(other.db).length]).toEqual([1, 4]);
    other.db.prepare('DELETE FROM sweeps').run();
    other.db.prepare('DELETE FROM runs WHERE sweep_member = 3').run();
    softDeleteRun(other, listMemberRuns(other.db, id)[0].runId);
    expect(importSweepFile(other, path)).toMatchObject({
      wasHere: false,
      imported: 1,
      present: 3,
      restored: 1,
    });
    expect(detailOf(other, id).analysis.settings[0].scored).toBe(2);
    expect(listMemberRuns(other.db, id)).toHaveLength(4);
  });

  it('gives runs that stayed when their sweep was deleted back to it', async () => {
    const { store, id, path } = await exportExample();
    const before = listMemberRuns(store.db, id);
    deleteSweep(store, id);
    expect(importSweepFile(store, path)).toMatchObject({ imported: 0, present: 4, restored: 0 });
    expect(listMemberRuns(store.db, id)).toEqual(before);
  });

  it('leaves a run in the trash whose place the sweep has given to another one', async () => {
    const { store, sweeps, idle, id, path } = await exportExample();
    softDeleteRun(store, listMemberRuns(store.db, id)[0].runId);
    store.db.prepare('DELETE FROM sweep_scores WHERE member = 0').run();
    sweeps.start(id);
    await idle();
    const before = listMemberRuns(store.db, id);
    expect(importSweepFile(store, path)).toMatchObject({ present: 4, restored: 0 });
    expect(listMemberRuns(store.db, id)).toEqual(before);
  });

  it('is checked whole before anything is stored: a damaged last run leaves no trace', async () => {
    const { path } = await exportExample();
    const bytes = readFileSync(path);
    bytes[bytes.length - 20] ^= 1;
    writeFileSync(path, bytes);
    const other = openExampleStore();
    expect(() => importSweepFile(other, path)).toThrow(/run 4: SHA-256 .* found/);
    const text = readFileSync(path);
    writeFileSync(path, Buffer.from(text.toString('latin1').replace('"rates', '"rotes'), 'latin1'));
    expect(() => importSweepFile(other, path)).toThrow('of the header found');
    expect([listSweeps(other.db), listRuns(other.db)]).toEqual([[], []]);
  });
});
