import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runQuerySchema, runSortKeys, type RunQuery, type RunSummary } from '../../../shared/runList.ts';
import { runStatuses } from '../../../shared/run.ts';
import type { z } from 'zod';
import { insertCheckpoint } from '../../../main/store/runs/checkpoints.ts';
import { insertMetrics } from '../../../main/store/runs/metrics.ts';
import { writeReferences } from '../../../main/store/runs/references.ts';
import { rewindRun } from '../../../main/store/runs/recording.ts';
import { countFacets, listRunIds, listRunPage } from '../../../main/store/runs/runList.ts';
import { softDeleteRun } from '../../../main/store/runs/runLifecycle.ts';
import {
  archiveRuns,
  changeTags,
  readMarks,
  recordBranch,
  writeNote,
} from '../../../main/store/runs/runMarks.ts';
import { updateRun } from '../../../main/store/runs/runs.ts';
import type { Store } from '../../../main/store/store.ts';
import { insertExampleRun, openExampleStore } from '../exampleStore.ts';
import { insertRows, runIdOf, type RowOptions } from './manyRuns.ts';

function list(store: Store, query: z.input<typeof runQuerySchema> = {}): readonly RunSummary[] {
  return listRunPage(store.db, runQuerySchema.parse(query), { offset: 0, limit: 500 }).rows;
}

function listNames(store: Store, query: z.input<typeof runQuerySchema> = {}): string[] {
  return list(store, query).map(({ name }) => name);
}

function openWith(...rows: RowOptions[]): Store {
  const store = openExampleStore();
  insertRows(store.db, rows);
  return store;
}

describe('the scores of the run list', () => {
  const insertScored = (store: Store, name: string, source: string, psnr: number | null) => {
    const { id } = insertExampleRun(store, name, { data: { source } });
    updateRun(store.db, id, { bestPsnr: psnr });
  };

  it('are sorted within their data, in both directions, runs without a score last', () => {
    const store = openExampleStore();
    insertScored(store, 'easy 30', 'synthetic', 30);
    insertScored(store, 'hard 22', 'cifar10', 22);
    insertScored(store, 'none', 'cifar10', null);
    insertScored(store, 'easy 31', 'synthetic', 31);
    insertScored(store, 'hard 23', 'cifar10', 23);
    const sorted = (descending: boolean) => listNames(store, { sort: [{ by: 'bestPsnr', descending }] });
    expect(sorted(true)).toEqual(['hard 23', 'hard 22', 'easy 31', 'easy 30', 'none']);
    expect(sorted(false)).toEqual(['hard 22', 'hard 23', 'easy 30', 'easy 31', 'none']);
  });

  it('include losses, which are sorted within equal data and objectives, and gains over the thin plate', () => {
    const store = openExampleStore();
    const scores = { mse: 0.01, mae: 0.05, psnr: 20, ssim: 0.5 };
    const references = { linear: scores, biharmonic: scores, 'thin plate': scores };
    const insertLoss = (name: string, source: string, loss: number, others: object = {}) => {
      const { id } = insertExampleRun(store, name, { data: { source }, ...others });
      updateRun(store.db, id, { loss, bestPsnr: 20 + loss });
      writeReferences(store.db, id, references);
    };
    insertLoss('easy 1', 'synthetic', 1);
    insertLoss('hard 2', 'cifar10', 2);
    insertLoss('other 3', 'cifar10', 3, { objective: { startShare: 0.5 } });
    const unet = { field: { kind: 'unet' }, path: { prediction: 'data' } };
    insertLoss('unet 6', 'cifar10', 6, unet);
    insertLoss('pink 7', 'cifar10', 7, { ...unet, path: { ...unet.path, noise: 'pink' } });
    insertLoss('unet 8', 'cifar10', 8, unet);
    insertLoss('easy 4', 'synthetic', 4);
    insertLoss('hard 5', 'cifar10', 5);
    const sorted = (by: 'loss' | 'gain') => listNames(store, { sort: [{ by, descending: false }] });
    const unets = ['pink 7', 'unet 6', 'unet 8'];
    expect(sorted('loss')).toEqual([...unets, 'hard 2', 'hard 5', 'other 3', 'easy 1', 'easy 4']);
    const byGain = ['hard 2', 'other 3', 'hard 5', 'unet 6', 'pink 7', 'unet 8', 'easy 1', 'easy 4'];
    expect(sorted('gain')).toEqual(byGain);
  });

  it('name what they are measured on, also for configurations of earlier versions', () => {
    const store = openExampleStore();
    const { id } = insertExampleRun(store, 'old', { data: { source: 'cifar10' } });
    insertExampleRun(store, 'new', { data: { source: 'cifar10' } });
    store.db
      .prepare("UPDATE runs SET config = json_remove(config, '$.mask.observationNoise') WHERE id = ?")
      .run(id);
    const [newer, older] = list(store).map(({ scores }) => scores);
    expect(newer).toEqual(older);
    expect(newer.label).toContain('CIFAR-10 32×32 · 20 % known');
  });
});

describe('a row of the run list', () => {
  it('contains the properties and the progress of the run', () => {
    const store = openExampleStore();
    const run = insertExampleRun(store, 'birds', {
      preset: 'tiny',
      data: { source: 'folder:/home/me/Birds' },
    });
    const backend = { kind: 'tensorflow', device: 'GPU', version: '2.21.0' } as const;
    updateRun(store.db, run.id, {
      status: 'paused',
      backend,
      step: 7,
      loss: 0.5,
      bestPsnr: 21,
      error: 'Why.',
    });
    changeTags(store, [run.id], { add: ['b', 'a'], remove: [] });
    writeNote(store, run.id, 'A note.');
    expect(list(store)).toMatchObject([
      {
        id: run.id,
        name: 'birds',
        status: 'paused',
        preset: 'tiny',
        method: 'flow',
        field: 'perceiver',
        source: 'Birds',
        backend,
        step: 7,
        totalSteps: 1000,
        loss: 0.5,
        bestPsnr: 21,
        bestSsim: null,
        tags: ['a', 'b'],
        hasNote: true,
        archived: false,
        error: 'Why.',
        deletedAt: null,
      },
    ]);
  });

  it('contains the best SSIM of all evaluations, even after the run was rewound', () => {
    const store = openExampleStore();
    const { id } = insertExampleRun(store);
    const point = (step: number, value: number) =>
      ({ step, name: 'evaluation/ssim', value, processSeconds: step, wallTime: 0 }) as const;
    insertMetrics(store.db, id, [point(10, 0.5), point(20, 0.75), point(30, 0.25)]);
    expect(list(store)[0].bestSsim).toBe(0.75);
    rewindRun(store, id, 10);
    expect(list(store)[0].bestSsim).toBe(0.5);
    rewindRun(store, id, 0);
    expect(list(store)[0].bestSsim).toBe(null);
  });
});

describe('filtering the run list', () => {
  it('finds all terms in name, ID, preset, source, tags and note, regardless of case', () => {
    const store = openWith(
      {
        name: 'Größe',
        config: { preset: 'small', data: { source: 'cifar10:/data/Photos' } },
        tags: ['Thesis'],
      },
      { name: 'other', config: { preset: 'tiny' } },
    );
    writeNote(store, runIdOf(0), 'A remark: 100 %_done');
    const matching = [
      'grÖSSE'.replace('SS', 'ß'),
      'photos',
      'THESIS',
      'Small thesis',
      '%_d',
      runIdOf(0),
      ' größe  remark ',
    ];
    for (const text of matching) expect(listNames(store, { text }), text).toEqual(['Größe']);
    for (const text of ['thesis tiny', 'grosse', '%', "' OR 1=1 --"].slice(0, 2))
      expect(listNames(store, { text }), text).toEqual([]);
    expect(listNames(store, { text: '  ' })).toEqual(['other', 'Größe']);
  });

  it('can select runs with a checkpoint', () => {
    const store = openExampleStore();
    insertExampleRun(store, 'without');
    const run = insertExampleRun(store, 'with');
    const checkpoint = { step: 1, file: 'ckpt-1.safetensors', bytes: 1, sha256: 'c0ffee', isBest: false };
    insertCheckpoint(store.db, { runId: run.id, ...checkpoint });
    expect(listNames(store, { hasCheckpoint: true })).toEqual(['with']);
    expect(listNames(store)).toEqual(['with', 'without']);
  });

  it('matches any of the statuses and presets, and all of the tags', () => {
    const store = openWith(
      { name: 'a', status: 'paused', tags: ['x', 'y'] },
      { name: 'b', status: 'finished', config: { preset: 'tiny' }, tags: ['x'] },
      { name: 'c', status: 'crashed' },
    );
    expect(listNames(store, { statuses: ['paused', 'crashed'] })).toEqual(['c', 'a']);
    expect(listNames(store, { presets: ['tiny', 'absent'] })).toEqual(['b']);
    expect(listNames(store, { tags: ['x'] })).toEqual(['b', 'a']);
    expect(listNames(store, { tags: ['x', 'y'] })).toEqual(['a']);
    expect(listNames(store, { tags: ['x'], statuses: ['finished'], presets: ['custom'] })).toEqual([]);
  });

  it('separates active runs, the archive and the trash', () => {
    const store = openExampleStore();
    const [kept, archived, trashed] = ['kept', 'archived', 'trashed'].map(
      (name) => insertExampleRun(store, name).id,
    );
    archiveRuns(store, [archived, trashed], true);
    softDeleteRun(store, trashed);
    const inView = (view: RunQuery['view']) => list(store, { view }).map(({ id }) => id);
    expect([inView('active'), inView('archived'), inView('trash')]).toEqual([[kept], [archived], [trashed]]);
    expect(countFacets(store.db, 'active').views).toEqual({ active: 1, archived: 1, trash: 1 });
    archiveRuns(store, [archived], false);
    expect(inView('active')).toEqual([archived, kept]);
  });
});

describe('sorting the run list', () => {
  it('puts the newest run first by default', () => {
    expect(listNames(openWith({ name: 'old' }, { name: 'new' }))).toEqual(['new', 'old']);
  });

  it('breaks ties by the next key, and puts missing values last in both directions', () => {
    const store = openWith(
      { name: 'a', loss: 1, step: 5 },
      { name: 'b', loss: 1, step: 9 },
      { name: 'c', loss: null },
      { name: 'd', loss: 0.5 },
    );
    const byLoss = (descending: boolean) =>
      listNames(store, {
        sort: [
          { by: 'loss', descending },
          { by: 'step', descending: true },
        ],
      });
    expect([byLoss(false), byLoss(true)]).toEqual([
      ['d', 'b', 'a', 'c'],
      ['b', 'a', 'd', 'c'],
    ]);
  });

  it('supports every key of the contract, and orders statuses by the life cycle of a run', () => {
    const store = openWith(...runStatuses.toReversed().map((status) => ({ name: status, status })));
    for (const by of runSortKeys) expect(list(store, { sort: [{ by, descending: false }] }).length).toBe(8);
    expect(listNames(store, { sort: [{ by: 'status', descending: false }] })).toEqual([...runStatuses]);
  });
});

describe('a list of ten thousand runs', () => {
  const store = (() => {
    const rows = Array.from({ length: 10_000 }, (_, index) => ({
      name: `run ${index}`,
      status: runStatuses[index % 8],
      loss: (index * 7919) % 10_007,
      step: index % 13,
      config: { preset: index % 2 ? 'tiny' : 'small' },
      tags: index % 5 ? [] : [`tag ${index % 3}`],
    }));
    let kept: Store | null = null;
    return () => (kept ??= openWith(...rows));
  })();

  it('is paged, counted, searched and sorted without gaps or repetitions', () => {
    const example = store();
    const queries: z.input<typeof runQuerySchema>[] = [
      {},
      {
        sort: [
          { by: 'loss', descending: true },
          { by: 'name', descending: false },
        ],
      },
      { statuses: ['paused'], presets: ['tiny'] },
      { tags: ['tag 1'] },
      { text: 'run 99' },
    ];
    for (const query of queries.map((input) => runQuerySchema.parse(input))) {
      const ids = listRunIds(example.db, query);
      const pages = [0, 100, 200].map((offset) => listRunPage(example.db, query, { offset, limit: 100 }));
      expect(pages.flatMap(({ rows }) => rows.map(({ id }) => id))).toEqual(ids.slice(0, 300));
      expect(pages.map(({ total }) => total)).toEqual(Array(3).fill(ids.length));
    }
    const { statuses } = countFacets(example.db, 'active');
    expect(statuses.reduce((total, { count }) => total + count, 0)).toBe(10_000);
  });
});

describe('the facets of the run list', () => {
  it('count statuses, presets and tags of a view, most frequent first', () => {
    const store = openWith(
      { status: 'paused', tags: ['x', 'y'] },
      { status: 'paused', config: { preset: 'tiny' }, tags: ['y'] },
      { status: 'crashed' },
    );
    expect(countFacets(store.db, 'active')).toMatchObject({
      statuses: [
        { value: 'paused', count: 2 },
        { value: 'crashed', count: 1 },
      ],
      presets: [
        { value: 'custom', count: 2 },
        { value: 'tiny', count: 1 },
      ],
      tags: [
        { value: 'y', count: 2 },
        { value: 'x', count: 1 },
      ],
    });
    expect(countFacets(store.db, 'trash')).toMatchObject({ statuses: [], presets: [], tags: [] });
  });
});

describe('marks of runs', () => {
  it('include tags, which can be changed for many runs at once and ignore missing runs', () => {
    const store = openWith({ tags: ['old'] }, {});
    const ids = [runIdOf(0), runIdOf(1), 'zzzzzzzz'];
    changeTags(store, ids, { add: ['new', 'new'], remove: ['old'] });
    changeTags(store, ids, { add: ['new'], remove: [] });
    expect(list(store).map(({ tags }) => tags)).toEqual([['new'], ['new']]);
  });

  it('include a note with any text', () => {
    const store = openWith({});
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        fc.pre(!text.includes('\0') && text.isWellFormed());
        writeNote(store, runIdOf(0), text);
        expect(readMarks(store.db, runIdOf(0)).note).toBe(text);
      }),
      { numRuns: 50 },
    );
    expect(() => writeNote(store, 'zzzzzzzz', '')).toThrow(/No run "zzzzzzzz"/);
  });

  it('include the step at which a run was branched, even if the original run is gone', () => {
    const store = openWith({});
    expect(readMarks(store.db, runIdOf(0)).branchedFrom).toBe(null);
    recordBranch(store, runIdOf(0), { runId: 'zzzzzzzz', step: 0 });
    expect(readMarks(store.db, runIdOf(0)).branchedFrom).toEqual({ runId: 'zzzzzzzz', step: 0 });
  });
});
