import { mkdirSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { acquireLease } from '../../main/store/runs/leases.ts';
import { insertRun } from '../../main/store/runs/runLifecycle.ts';
import { getRun, listRuns, updateRun } from '../../main/store/runs/runs.ts';
import { openStore } from '../../main/store/store.ts';
import { runConfigSchema } from '../../shared/config/config.ts';
import { insertExampleRun, openExampleStore } from './exampleStore.ts';

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
