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

/** Inserts an archived run with tags, a note and a branch, and returns its ID. */
function insertMarked(store: Store, name = 'marked'): string {
  const { id } = insertExampleRun(store, name);
  changeTags(store, [id], { add: ['b', 'a', 'gone'], remove: [] });
  changeTags(store, [id], { add: [], remove: ['gone'] });
  writeNote(store, id, 'What <b>I</b> saw:\n“better”');
  archiveRuns(store, [id], true);
  recordBranch(store, id, branchedFrom);
  return id;
}

/** Closes the store, destroys its database and opens the folder again. */
function rebuild(store: Store): Store {
  store.close();
  writeFileSync(
    databaseFile(store.dataFolder),
    'no database at all, but a text that is long enough for a header',
  );
  return openExampleStore(store.dataFolder);
}

const marksFile = (store: Store, id: string): string => join(store.runFolder(id), 'marks.json');

describe('the stored marks of a run', () => {
  it('are restored if the database is rebuilt from the folders', () => {
    const store = openExampleStore();
    const id = insertMarked(store);
    const { id: plain } = insertExampleRun(store, 'plain');
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

  it('do not include removed marks after the database is rebuilt', () => {
    const store = openExampleStore();
    const id = insertMarked(store);
    changeTags(store, [id], { add: [], remove: ['a', 'b'] });
    writeNote(store, id, '');
    archiveRuns(store, [id], false);
    expect(readMarks(rebuild(store).db, id)).toEqual({ tags: [], note: '', archivedAt: null, branchedFrom });
  });

  it('move to the trash with the run, can be changed there, and are restored with it', () => {
    const store = openExampleStore();
    const id = insertMarked(store);
    softDeleteRun(store, id);
    changeTags(store, [id], { add: ['late'], remove: [] });
    expect(readFileSync(join(trashFolder(store.dataFolder, id), 'marks.json'), 'utf8')).toContain('late');
    const rebuilt = rebuild(store);
    restoreRun(rebuilt, id);
    expect(readMarks(rebuilt.db, id).tags).toEqual(['a', 'b', 'late']);
  });

  it('are written to folders without them when the store is opened', () => {
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
  ])('are reported if they cannot be read (%s), and the run is added without them', (text) => {
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

  it('are kept in the database if their file cannot be written', () => {
    const store = openExampleStore();
    const { id } = insertExampleRun(store);
    // A folder has the name of the file.
    mkdirSync(marksFile(store, id));
    writeNote(store, id, 'kept');
    expect([readMarks(store.db, id).note, removeStrayTemps(store.runFolder(id))]).toEqual(['kept', []]);
  });

  it('have no outdated file if that cannot be replaced, and get a new one at the next start', () => {
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
