import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { runQuerySchema } from '../../../shared/runList.ts';
import { runConfigSchema } from '../../../shared/config/config.ts';
import { runStatuses } from '../../../shared/run.ts';
import { isRunId, trashFolder } from '../../../main/store/dataFolder.ts';
import { insertEvaluation, listEvaluations } from '../../../main/store/runs/evaluations.ts';
import { findRun, findRunId } from '../../../main/store/runs/findRun.ts';
import { acquireLease, releaseLease } from '../../../main/store/runs/leases.ts';
import { insertMetrics, readMetrics } from '../../../main/store/runs/metrics.ts';
import {
  changeRunConfig,
  insertRun,
  purgeRun,
  renameRun,
  restoreRun,
  softDeleteRun,
} from '../../../main/store/runs/runLifecycle.ts';
import { listRunIds } from '../../../main/store/runs/runList.ts';
import { getRun, insertRunRow, listRuns, recordProgress, updateRun } from '../../../main/store/runs/runs.ts';
import type { Store } from '../../../main/store/store.ts';
import { exampleEvaluation } from '../../reports/exampleEvaluation.ts';
import { insertExampleRun, openExampleStore } from '../exampleStore.ts';

function readRunJson(store: Store, id: string): unknown {
  return JSON.parse(readFileSync(join(store.runFolder(id), 'run.json'), 'utf8'));
}

/** Inserts runs with chosen IDs, which are random in `insertRun`. */
function insertWithIds(store: Store, ...ids: string[]): void {
  const config = runConfigSchema.parse({});
  ids.forEach((id, index) =>
    insertRunRow(store.db, {
      id,
      name: `run ${index}`,
      status: 'queued',
      preset: 'custom',
      config,
      createdAt: '2026-01-01',
    }),
  );
}

describe('insertRun', () => {
  it('creates a queued run with the complete config, its folder and run.json', () => {
    const store = openExampleStore();
    const run = insertExampleRun(store, ' my run ', { preset: 'small', train: { batchSize: 8 } });
    expect(isRunId(run.id)).toBe(true);
    expect(run).toMatchObject({
      name: 'my run',
      status: 'queued',
      preset: 'small',
      step: 0,
      totalSteps: 1000,
    });
    expect(run).toMatchObject({ dataset: null, backend: null, loss: null, bestPsnr: null, error: null });
    expect(run.config).toEqual(runConfigSchema.parse({ preset: 'small', train: { batchSize: 8 } }));
    expect(getRun(store.db, run.id)).toEqual(run);
    const { id, name, preset, config, createdAt } = run;
    expect(readRunJson(store, id)).toEqual({ id, name, preset, config, createdAt });
  });

  it('appends a number to a name that is taken', () => {
    const store = openExampleStore();
    const names = ['a', 'a', 'a', 'a 2'].map((name) => insertExampleRun(store, name).name);
    expect(names).toEqual(['a', 'a 2', 'a 3', 'a 2 2']);
  });

  it.each(['', '  ', 'latest', 'x'.repeat(121), 'two\nlines', 'nul\0'])('rejects the name %j', (name) => {
    const store = openExampleStore();
    const config = runConfigSchema.parse({});
    expect(() => insertRun(store, { name, config })).toThrow(
      /1 to 120 visible characters other than "latest" expected/,
    );
    expect(listRuns(store.db)).toEqual([]);
  });

  it('accepts any other name, even if it looks like a path', () => {
    const store = openExampleStore();
    for (const name of ['../../etc', '/abs', "'; DROP TABLE runs; --", 'CON', '<b>ü</b>']) {
      const run = insertExampleRun(store, name);
      expect(run.name).toBe(name);
      expect(existsSync(join(store.dataFolder, 'runs', run.id, 'run.json'))).toBe(true);
    }
  });
});

describe('findRun', () => {
  it('finds runs by ID, start of an ID, name, and "latest"', () => {
    const store = openExampleStore();
    insertWithIds(store, 'aaaaaaaa', 'aabbbbbb', 'bbbbbbbb');
    const found = ['aaaaaaaa', 'aab', 'b', 'run 1', 'latest'].map(
      (reference) => findRun(store.db, reference).id,
    );
    expect(found).toEqual(['aaaaaaaa', 'aabbbbbb', 'bbbbbbbb', 'aabbbbbb', 'bbbbbbbb']);
  });

  it('prefers a complete name to the start of an ID, and a complete ID to a name', () => {
    const store = openExampleStore();
    insertWithIds(store, 'aaaaaaaa', 'bbbbbbbb', 'cccccccc');
    renameRun(store, 'bbbbbbbb', 'aaa');
    renameRun(store, 'cccccccc', 'aaaaaaaa');
    expect(findRunId(store.db, 'aaa')).toBe('bbbbbbbb');
    expect(findRunId(store.db, 'aaaaaaaa')).toBe('aaaaaaaa');
  });

  it('reports the next step if there is no such run', () => {
    const store = openExampleStore();
    expect(() => findRun(store.db, 'latest')).toThrow('No run "latest" found');
    insertWithIds(store, 'aaaaaaaa');
    for (const reference of ['', 'b', 'aaaaaaaaa', '%', '*', 'run']) {
      expect(() => findRun(store.db, reference)).toThrow(/No run ".*" found\. .*"lab runs" lists them/);
    }
  });

  it('lists the candidates if several IDs match', () => {
    const store = openExampleStore();
    insertWithIds(store, 'aaaaaaaa', 'aabbbbbb', 'bbbbbbbb');
    expect(() => findRun(store.db, 'aa')).toThrow(
      '"aa" matches 2 runs; expected one: aabbbbbb "run 1", aaaaaaaa "run 0". Give more of the id.',
    );
  });
});

describe('listRuns', () => {
  it('sorts newest first and filters by status and text, regardless of case', () => {
    const store = openExampleStore();
    const ids = ['Alpha', 'beta', 'alphabet 50%'].map((name) => insertExampleRun(store, name).id);
    updateRun(store.db, ids[1], { status: 'paused' });
    const names = (filter: Parameters<typeof listRuns>[1]): string[] =>
      listRuns(store.db, filter).map(({ name }) => name);
    expect(names({})).toEqual(['alphabet 50%', 'beta', 'Alpha']);
    expect(names({ text: 'ALPHA' })).toEqual(['alphabet 50%', 'Alpha']);
    expect(names({ text: '%' })).toEqual(['alphabet 50%']);
    expect(names({ status: 'paused' })).toEqual(['beta']);
    expect(names({ status: 'paused', text: 'alpha' })).toEqual([]);
    expect(names({ trashed: true })).toEqual([]);
  });
});

describe('updateRun', () => {
  it('changes only the given fields', () => {
    const store = openExampleStore();
    const run = insertExampleRun(store);
    const backend = { kind: 'tensorflow', device: 'GPU', version: '2.21.0' } as const;
    const dataset = {
      source: 's',
      split: 'train',
      count: 1,
      height: 8,
      width: 8,
      checksum: 'c',
      notes: ['n'],
    } as const;
    updateRun(store.db, run.id, { status: 'running', backend, dataset, bestPsnr: 24.5 });
    recordProgress(store.db, run.id, { step: 30, epoch: 2, processSeconds: 1.5, loss: 0.25 });
    const expected = {
      ...run,
      status: 'running',
      backend,
      dataset,
      bestPsnr: 24.5,
      step: 30,
      epoch: 2,
      processSeconds: 1.5,
      loss: 0.25,
    };
    expect(getRun(store.db, run.id)).toEqual({ ...expected, updatedAt: expect.any(String) });
    updateRun(store.db, run.id, { loss: null, bestPsnr: undefined });
    expect(getRun(store.db, run.id)).toMatchObject({ loss: null, bestPsnr: 24.5 });
  });

  it('accepts exactly the statuses of the schema', () => {
    const store = openExampleStore();
    const { id } = insertExampleRun(store);
    for (const status of runStatuses) updateRun(store.db, id, { status });
    expect(() => updateRun(store.db, id, { status: 'lost' as 'queued' })).toThrow(/CHECK/);
  });

  it('fails for an unknown run', () => {
    expect(() => updateRun(openExampleStore().db, 'aaaaaaaa', { step: 1 })).toThrow(
      'No run "aaaaaaaa" found',
    );
  });
});

describe('a run with an invalid config', () => {
  it('is reported with the reason and can be deleted', () => {
    const store = openExampleStore();
    const { id } = insertExampleRun(store, 'odd');
    store.db.prepare("UPDATE runs SET config = json_set(config, '$.seed', -1)").run();
    expect(() => findRun(store.db, 'odd')).toThrow(
      new RegExp(`config of run ${id} "odd" is not readable: seed: .*`),
    );
    store.db.prepare("UPDATE runs SET config = '{'").run();
    const [listed] = listRuns(store.db);
    expect(listed).toMatchObject({ id, status: 'crashed' });
    expect(listed.error).toMatch(/not readable.*lab delete/);
    softDeleteRun(store, findRunId(store.db, 'odd'));
    expect(listRuns(store.db)).toEqual([]);
  });
});

describe('renameRun', () => {
  it('changes row and run.json, and appends a number to a name of another run', () => {
    const store = openExampleStore();
    const [one, two] = ['one', 'two'].map((name) => insertExampleRun(store, name));
    expect(renameRun(store, two.id, 'one')).toBe('one 2');
    expect(renameRun(store, one.id, 'one')).toBe('one');
    expect(readRunJson(store, two.id)).toMatchObject({ id: two.id, name: 'one 2' });
    expect(() => renameRun(store, one.id, 'latest')).toThrow(/other than "latest"/);
    expect(() => renameRun(store, 'aaaaaaaa', 'x')).toThrow('No run "aaaaaaaa" found');
  });
});

describe('changeRunConfig', () => {
  it('changes row and run.json together or not at all', () => {
    const store = openExampleStore();
    const run = insertExampleRun(store);
    const config = runConfigSchema.parse({ train: { steps: 7 } });
    changeRunConfig(store, run.id, config);
    expect(getRun(store.db, run.id).config.train.steps).toBe(7);
    expect(readRunJson(store, run.id)).toMatchObject({
      id: run.id,
      name: 'example',
      config: { train: { steps: 7 } },
    });
    rmSync(store.runFolder(run.id), { recursive: true });
    expect(() => changeRunConfig(store, run.id, run.config)).toThrow(/ENOENT/);
    expect(getRun(store.db, run.id).config.train.steps).toBe(7);
  });
});

describe('the trash', () => {
  it('receives a run with its files, which is restored under another name if its own is taken', () => {
    const store = openExampleStore();
    const { id } = insertExampleRun(store, 'a');
    writeFileSync(join(store.runFolder(id), 'note.txt'), 'kept');
    softDeleteRun(store, id);
    expect(existsSync(store.runFolder(id))).toBe(false);
    expect(() => findRun(store.db, 'a')).toThrow('No run "a" found');
    expect(findRun(store.db, 'a', { trashed: true }).id).toBe(id);
    insertExampleRun(store, 'a');
    expect(restoreRun(store, id)).toBe('a 2');
    expect(readFileSync(join(store.runFolder(id), 'note.txt'), 'utf8')).toBe('kept');
    expect(findRun(store.db, 'a 2').id).toBe(id);
    expect(() => restoreRun(store, id)).toThrow(/not in the trash/);
  });

  it('does not receive an active run', () => {
    const store = openExampleStore();
    const { id } = insertExampleRun(store);
    acquireLease(store.db, id);
    expect(() => softDeleteRun(store, id)).toThrow(`computed by process ${process.pid}; only a stopped run`);
    expect(existsSync(store.runFolder(id))).toBe(true);
    releaseLease(store.db, id);
    expect(() => softDeleteRun(store, id)).not.toThrow();
  });

  it('is purged run by run with rows and files, and only runs in it can be purged', () => {
    const store = openExampleStore();
    const { id } = insertExampleRun(store);
    insertMetrics(store.db, id, [{ step: 1, name: 'loss', value: 1, processSeconds: 1, wallTime: 1 }]);
    expect(() => purgeRun(store, id)).toThrow(/not in the trash/);
    softDeleteRun(store, id);
    purgeRun(store, id);
    expect(existsSync(trashFolder(store.dataFolder, id))).toBe(false);
    expect(listRuns(store.db, { trashed: true })).toEqual([]);
    expect(readMetrics(store.db, id)).toEqual([]);
  });
});

describe('runs that were created before and after the clock was set back', () => {
  it('are listed in the order of their creation, newest first, and the last one is "latest"', () => {
    const store = openExampleStore();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-06-01') });
    onTestFinished(() => void vi.useRealTimers());
    const first = insertExampleRun(store, 'first');
    vi.setSystemTime(Date.parse('2026-01-01'));
    const second = insertExampleRun(store, 'second');
    expect(listRuns(store.db).map(({ name }) => name)).toEqual(['second', 'first']);
    expect(findRun(store.db, 'latest').id).toBe(second.id);
    const query = runQuerySchema.parse({ sort: [{ by: 'createdAt', descending: true }] });
    expect(listRunIds(store.db, query)).toEqual([second.id, first.id]);
  });

  it('list their newest evaluation first', () => {
    const store = openExampleStore();
    const { id } = insertExampleRun(store);
    const record = (step: number, createdAt: string) =>
      insertEvaluation(store.db, { runId: id, step, createdAt, ...exampleEvaluation });
    record(10, '2026-06-01T00:00:00.000Z');
    record(20, '2026-01-01T00:00:00.000Z');
    expect(listEvaluations(store.db, id).map(({ step }) => step)).toEqual([20, 10]);
  });
});
