import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { databaseFile, trashFolder } from '../../../main/store/dataFolder.ts';
import { removeStrayTemps } from '../../../main/store/files/atomicFile.ts';
import { nodeFileSystem } from '../../../main/store/files/fileSystem.ts';
import {
  writeMarksFile,
  archiveRuns,
  changeTags,
  readMarks,
  recordBranch,
  writeNote,
} from '../../../main/store/runs/runMarks.ts';
import { reconcile } from '../../../main/store/recovery/reconcile.ts';
import { restoreRun, softDeleteRun } from '../../../main/store/runs/runLifecycle.ts';
import type { Store } from '../../../main/store/store.ts';
import { insertExampleRun, openExampleStore } from '../exampleStore.ts';

const branchedFrom = { runId: 'abcdefgh', step: 7 };

/** Tags, a note and a branch; in the archive. */
function insertMarked(store: Store, name = 'marked'): string {
  const { id } = insertExampleRun(store, name);
  changeTags(store, [id], { add: ['b', 'a', 'gone'], remove: [] });
  changeTags(store, [id], { add: [], remove: ['gone'] });
  writeNote(store, id, 'What <b>I</b> saw:\n“better”');
  archiveRuns(store, [id], true);
  recordBranch(store, id, branchedFrom);
  return id;
}

/** Closes the store, loses its database and opens the folder again. */
function rebuild(store: Store): Store {
  store.close();
  writeFileSync(databaseFile(store.dataFolder), 'no database at all, but a text long enough to be looked at');
  return openExampleStore(store.dataFolder);
}

const marksFile = (store: Store, id: string): string => join(store.runFolder(id), 'marks.json');

describe('the marks of a run', () => {
  it('are there again in a database that was rebuilt from the folders, each as it was', () => {
    const store = openExampleStore();
    const [id, plain] = [insertMarked(store), insertExampleRun(store, 'plain').id];
    const marks = readMarks(store.db, id);
    expect(marks).toEqual({
      tags: ['a', 'b'],
      note: 'What <b>I</b> saw:\n“better”',
      branchedFrom,
      archivedAt: expect.stringMatching(/^\d{4}-/),
    });
    const rebuilt = rebuild(store);
    expect(readMarks(rebuilt.db, id)).toEqual(marks);
    expect(readMarks(rebuilt.db, plain)).toEqual({
      tags: [],
      note: '',
      archivedAt: null,
      branchedFrom: null,
    });
    expect(existsSync(marksFile(rebuilt, plain))).toBe(false);
    expect(rebuilt.findings.map(({ kind }) => kind)).toEqual([
      'database set aside',
      'run adopted',
      'run adopted',
    ]);
  });

  it('that were taken away again do not come back', () => {
    const store = openExampleStore();
    const id = insertMarked(store);
    changeTags(store, [id], { add: [], remove: ['a', 'b'] });
    writeNote(store, id, '');
    archiveRuns(store, [id], false);
    expect(readMarks(rebuild(store).db, id)).toEqual({ tags: [], note: '', archivedAt: null, branchedFrom });
  });

  it('go into the trash with the run, are changed there, and come back with it', () => {
    const store = openExampleStore();
    const id = insertMarked(store);
    softDeleteRun(store, id);
    changeTags(store, [id], { add: ['late'], remove: [] });
    expect(readFileSync(join(trashFolder(store.dataFolder, id), 'marks.json'), 'utf8')).toContain('late');
    const rebuilt = rebuild(store);
    restoreRun(rebuilt, id);
    expect(readMarks(rebuilt.db, id).tags).toEqual(['a', 'b', 'late']);
  });

  it('are copied into folders that have no copy yet, when the store is opened', () => {
    const store = openExampleStore();
    const id = insertMarked(store);
    const text = readFileSync(marksFile(store, id), 'utf8');
    rmSync(marksFile(store, id));
    store.close();
    const again = openExampleStore(store.dataFolder);
    expect([again.findings, readFileSync(marksFile(again, id), 'utf8')]).toEqual([[], text]);
  });

  it.each([
    '',
    '{"tags":',
    '{"tags":["a"]}',
    JSON.stringify({ tags: [1], note: '', archivedAt: null, branchedFrom }),
  ])('that are not readable (%s) are reported, and the run is there without them', (text) => {
    const store = openExampleStore();
    const id = insertMarked(store);
    writeFileSync(marksFile(store, id), text);
    const rebuilt = rebuild(store);
    expect(readMarks(rebuilt.db, id).note).toBe('');
    expect(rebuilt.findings).toMatchObject([
      { kind: 'database set aside' },
      { kind: 'run adopted', runId: id },
      {
        kind: 'folder not readable',
        runId: id,
        message: expect.stringContaining('marks.json is not readable'),
      },
    ]);
  });

  it('are kept where their copy cannot be written', () => {
    const store = openExampleStore();
    const { id } = insertExampleRun(store);
    // A folder in its place.
    mkdirSync(marksFile(store, id));
    writeNote(store, id, 'kept');
    expect([readMarks(store.db, id).note, removeStrayTemps(store.runFolder(id))]).toEqual(['kept', []]);
  });

  it('leave no older copy behind where it cannot be renewed, and get one at the next start', () => {
    const store = openExampleStore();
    const { id } = insertExampleRun(store);
    writeNote(store, id, 'new');
    const rename = () => {
      throw new Error('ENOSPC');
    };
    writeMarksFile(store.runFolder(id), readMarks(store.db, id), { ...nodeFileSystem, rename });
    expect(existsSync(marksFile(store, id))).toBe(false);
    reconcile(store);
    expect(readFileSync(marksFile(store, id), 'utf8')).toContain('new');
  });
});
