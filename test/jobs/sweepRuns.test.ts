import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { forkHost } from '../../main/jobs/computeHost.ts';
import type { Lane } from '../../main/jobs/lane.ts';
import { createSweeps, type Sweeps } from '../../main/jobs/sweeps/sweeps.ts';
import { describeSweep, readSweepFacts } from '../../main/jobs/sweeps/sweepState.ts';
import { createSweep, getSweep } from '../../main/store/sweeps.ts';
import { type SweepSpecInput, sweepSpecSchema } from '../../shared/sweep/sweep.ts';
import type { SweepDetail } from '../../shared/sweep/sweepViews.ts';
import { openExampleStore } from '../store/exampleStore.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { openSweepLane } from './exampleSweeps.ts';
import { readNewestTensors, smallConfig, writeImages } from './smallRun.ts';

/** Computes a sweep over two learning rates, six steps each, and returns it with the tensors of every member. */
async function compute(source: string, lanes: number, changes: Partial<SweepSpecInput> = {}) {
  const store = openExampleStore();
  const { promise: ended, resolve } = Promise.withResolvers<string | null>();
  const nothing = () => undefined;
  const resources = { store, createHost: forkHost, cacheFolder: store.dataFolder };
  const sweeps: Sweeps = createSweeps(resources, () => lane, {
    onChange: nothing,
    onCreated: nothing,
    onEnd: ({ error }) => resolve(error),
  });
  const lane: Lane = openSweepLane({ ...resources, supply: sweeps, lanes: () => lanes }, sweeps);
  const { id } = createSweep(
    store.db,
    sweepSpecSchema.parse({
      name: 'rates',
      base: smallConfig(source),
      axes: [{ kind: 'list', path: 'optim.learningRate', values: [1e-3, 4e-3] }],
      budget: { steps: 6 },
      objective: { protocol: { images: 2, steps: 1 } },
      ...changes,
    }),
  );
  sweeps.start(id);
  expect(await ended).toBeNull();
  const detail: SweepDetail = describeSweep(readSweepFacts(store, getSweep(store.db, id)));
  return { detail, tensors: detail.list.map(({ runId }) => readNewestTensors(store.runFolder(runId ?? ''))) };
}

describe('the runs of a sweep', () => {
  it('are bit for bit the same one after the other and two at a time, also if they paused at a rung', async () => {
    const source = await writeImages(join(makeTemporaryFolder(), 'pictures'));
    const single = await compute(source, 1);
    const halved = await compute(source, 2, { halving: { minimum: 3, eta: 2 } });
    const { list } = halved.detail;
    const winner = list.findIndex(({ state }) => state === 'done');
    expect(list.map(({ state }) => state).toSorted()).toEqual(['done', 'stopped early']);
    expect(halved.tensors[winner]).toEqual(single.tensors[winner]);
    expect(list[winner].score).toBe(single.detail.list[winner].score);
    expect(list[1 - winner].step).toBe(3);
    expect(single.tensors[0]).not.toEqual(single.tensors[1]);
  });
});
