import { describe, expect, it } from 'vitest';
import { updateRun } from '../../../main/store/runs/runs.ts';
import { listRunGroups } from '../../../main/store/runs/runGroups.ts';
import { listRunIds } from '../../../main/store/runs/runList.ts';
import { changeTags, recordSweep } from '../../../main/store/runs/runMarks.ts';
import type { Store } from '../../../main/store/store.ts';
import { createSweep } from '../../../main/store/sweeps.ts';
import type { RunConfigInput } from '../../../shared/config/config.ts';
import { configurationWords, pageWords } from '../../../shared/runGroups.ts';
import { runQuerySchema, type RunQuery } from '../../../shared/runList.ts';
import { exampleSpec } from '../../shared/sweep/exampleSweep.ts';
import { insertExampleRun, openExampleStore } from '../exampleStore.ts';

function insertScored(store: Store, config: RunConfigInput, psnr: number | null, name = 'run'): string {
  const { id } = insertExampleRun(store, name, config);
  store.db
    .prepare('UPDATE runs SET best_psnr = ?, best_ssim = ? WHERE id = ?')
    .run(psnr, psnr === null ? null : psnr / 100, id);
  return id;
}

function group(store: Store, by: string, sort: RunQuery['sort'] = [], words = configurationWords) {
  return listRunGroups(store.db, listRunIds(store.db, runQuerySchema.parse({ sort })), { by, sort }, words);
}

const titles = (groups: ReturnType<typeof group>) =>
  groups.map(({ title, ids }) => `${title}: ${ids.length}`);
const rate = (learningRate: number, seed = 0): RunConfigInput => ({ seed, optim: { learningRate } });

describe('groups of runs by a parameter', () => {
  it('are in the order of its values, with the mean of their scores and its t interval', () => {
    const store = openExampleStore();
    insertScored(store, rate(0.01), 20);
    for (const [seed, psnr] of [21, 22, 23].entries()) insertScored(store, rate(0.002, seed), psnr);
    const groups = group(store, 'optim.learningRate');
    expect(titles(groups)).toEqual(['0.002: 3', '0.01: 1']);
    const { psnr, ssim, averaged, scored } = groups[0].scores ?? {};
    expect([averaged, scored, psnr?.mean, psnr?.deviation]).toEqual([3, 3, 22, 1]);
    expect(psnr?.interval?.[1]).toBeCloseTo(22 + 4.302652729749464 / Math.sqrt(3), 9);
    expect(ssim?.mean).toBeCloseTo(0.22, 12);
    expect(groups[1].scores?.psnr).toEqual({ mean: 20, deviation: null, interval: null });
    expect(groups[0].statuses).toEqual({ queued: 3 });
  });

  it('average only runs with the same data and masks, of several those of the most runs', () => {
    const store = openExampleStore();
    insertScored(store, { data: { source: 'synthetic' } }, 40);
    insertScored(store, { data: { source: 'cifar10' } }, 20);
    insertScored(store, { data: { source: 'cifar10' }, mask: { keepRatio: 0.5 } }, 30);
    insertScored(store, { data: { source: 'cifar10' } }, 22);
    insertScored(store, { data: { source: 'cifar10' } }, null);
    const [{ scores, ids }] = group(store, 'optim.learningRate');
    expect(ids).toHaveLength(5);
    expect([scores?.psnr.mean, scores?.averaged, scores?.scored]).toEqual([21, 2, 4]);
    expect(scores?.basis.label).toContain('CIFAR-10 32×32 · 20 % known');
  });

  it('put runs whose network lacks the parameter last', () => {
    const store = openExampleStore();
    insertScored(store, { field: { kind: 'unet' } }, 20);
    insertScored(store, { field: { kind: 'perceiver' } }, 20);
    expect(titles(group(store, 'field.latents')).at(-1)).toBe('no such parameter: 1');
  });

  it('are in the order of their means if the list is sorted by the score', () => {
    const store = openExampleStore();
    insertScored(store, rate(0.001), 20);
    insertScored(store, rate(0.002), 24);
    insertScored(store, rate(0.003), 22);
    insertScored(store, rate(0.004), null);
    const sorted = (descending: boolean) =>
      group(store, 'optim.learningRate', [{ by: 'bestPsnr', descending }]).map(({ title }) => title);
    expect(sorted(true)).toEqual(['0.002', '0.003', '0.001', '0.004']);
    expect(sorted(false)).toEqual(['0.001', '0.003', '0.002', '0.004']);
  });
});

describe('groups of runs by what they belong to', () => {
  it('contain a run once for each of its tags, and those without a tag last', () => {
    const store = openExampleStore();
    const [one, two] = [insertScored(store, {}, 20), insertScored(store, {}, 21)];
    insertScored(store, {}, 22);
    changeTags(store, [one, two], { add: ['b'], remove: [] });
    changeTags(store, [one], { add: ['a'], remove: [] });
    expect(titles(group(store, 'tag'))).toEqual(['a: 1', 'b: 2', 'no tag: 1']);
  });

  it('are named by their sweeps, also by one that is not here', () => {
    const store = openExampleStore();
    const sweep = createSweep(store.db, exampleSpec());
    recordSweep(store, insertScored(store, {}, 20), { sweepId: sweep.id, member: 0 });
    recordSweep(store, insertScored(store, {}, 20), { sweepId: 'aaaabbbb', member: 0 });
    insertScored(store, {}, 20);
    expect(titles(group(store, 'sweep'))).toEqual([
      'sweep aaaabbbb, which is not here: 1',
      `${sweep.name}: 1`,
      'no sweep: 1',
    ]);
  });

  it('have one setting if they differ in their seed only, and are named by what differs between settings', () => {
    const store = openExampleStore();
    insertScored(store, rate(0.001, 1), 20);
    insertScored(store, { ...rate(0.001, 2), path: { measured: { residual: 0.3, images: 10 } } }, 22);
    insertScored(store, rate(0.002, 1), 24);
    expect(titles(group(store, 'setting'))).toEqual(['learningRate 0.002: 1', 'learningRate 0.001: 2']);
    expect(titles(group(store, 'setting', [], pageWords))).toEqual([
      'Learning rate 0.002: 1',
      'Learning rate 0.001: 2',
    ]);
    expect(titles(group(store, 'sampler.solver'))).toEqual(['heun: 3']);
    expect(titles(group(store, 'sampler.solver', [], pageWords))).toEqual(['Heun: 3']);
  });

  it('have one dataset if their checksums are the same, known from another run before they have read it', () => {
    const store = openExampleStore();
    const first = insertScored(store, { data: { source: 'cifar10' } }, 20);
    insertScored(store, { data: { source: 'cifar10' } }, null);
    insertScored(store, { data: { source: 'synthetic' } }, 20);
    updateRun(store.db, first, {
      dataset: {
        source: 'cifar10',
        checksum: 'c'.repeat(64),
        split: 'train',
        count: 10,
        width: 32,
        height: 32,
        notes: [],
      },
    });
    expect(titles(group(store, 'data'))).toEqual(['CIFAR-10: 2', 'synthetic images: 1']);
  });
});
