import { describe, expect, it } from 'vitest';
import {
  deleteComparison,
  forgetReport,
  insertReport,
  listComparisons,
  listStoredReports,
  renameComparison,
  saveComparison,
} from '../../main/store/comparisons.ts';
import { purgeRun, softDeleteRun } from '../../main/store/runs/runLifecycle.ts';
import { insertExampleRun, openExampleStore } from './exampleStore.ts';

function openWithRuns() {
  const store = openExampleStore();
  const runIds = ['flow', 'score'].map((name) => insertExampleRun(store, name).id);
  return { store, db: store.db, runIds };
}

describe('saved comparisons', () => {
  it('are listed by name, with their runs in the order they were saved in', () => {
    const { db, runIds } = openWithRuns();
    const reversed = [...runIds].reverse();
    saveComparison(db, { name: 'width', runIds });
    saveComparison(db, { name: 'Depth', runIds: reversed });
    expect(listComparisons(db).map(({ name, runs }) => [name, runs.map(({ id }) => id)])).toEqual([
      ['Depth', reversed],
      ['width', runIds],
    ]);
  });

  it('keep what their runs are grouped by; one that no version knows any more counts as none', () => {
    const { db, runIds } = openWithRuns();
    saveComparison(db, { name: 'one by one', runIds });
    saveComparison(db, { name: 'settings', runIds, groupBy: 'setting' });
    const id = saveComparison(db, { name: 'unknown', runIds, groupBy: 'tag' });
    db.prepare("UPDATE comparisons SET group_by = 'moon' WHERE id = ?").run(id);
    expect(listComparisons(db).map(({ groupBy }) => groupBy)).toEqual([null, 'setting', null]);
  });

  it('have names of their own', () => {
    const { db, runIds } = openWithRuns();
    saveComparison(db, { name: 'width', runIds });
    const other = saveComparison(db, { name: 'depth', runIds });
    expect(() => saveComparison(db, { name: 'width', runIds })).toThrow('already called “width”');
    expect(() => renameComparison(db, other, 'width')).toThrow('already called “width”');
    renameComparison(db, other, 'depth');
    renameComparison(db, other, 'deeper');
    expect(listComparisons(db).map(({ name }) => name)).toEqual(['deeper', 'width']);
    expect(() => renameComparison(db, 'aaaaaaaa', 'x')).toThrow('not saved any more');
  });

  it('are deleted without their runs, and outlive runs that are deleted permanently', () => {
    const { store, db, runIds } = openWithRuns();
    const id = saveComparison(db, { name: 'width', runIds });
    softDeleteRun(store, runIds[0]);
    expect(listComparisons(db)[0].runs[0].name).toBe('flow');
    purgeRun(store, runIds[0]);
    expect(listComparisons(db)[0].runs.map(({ name }) => name)).toEqual([null, 'score']);
    deleteComparison(db, id);
    expect(listComparisons(db)).toEqual([]);
    expect(db.prepare('SELECT count(*) FROM runs').pluck().get()).toBe(1);
  });
});

describe('recorded reports', () => {
  const report = (id: string, folder: string, day: number) => ({
    id,
    folder,
    title: id,
    createdAt: `2026-11-0${day}T00:00:00.000Z`,
    runIds: ['flowaaaa', 'scoreaaa'],
  });

  it('are listed newest first; one written into the same folder replaces the earlier one', () => {
    const { db } = openWithRuns();
    const [older, newer] = [report('aaaaaaaa', '/a', 1), report('bbbbbbbb', '/b', 2)];
    insertReport(db, older);
    insertReport(db, newer);
    expect(listStoredReports(db)).toEqual([newer, older]);
    const again = report('cccccccc', '/a', 3);
    insertReport(db, again);
    expect(listStoredReports(db)).toEqual([again, newer]);
    forgetReport(db, 'bbbbbbbb');
    expect(listStoredReports(db)).toEqual([again]);
  });
});
