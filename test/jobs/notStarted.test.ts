import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ComputeEvent } from '../../main/compute/protocol.ts';
import { NotStartedError } from '../../main/jobs/followRun.ts';
import { startTraining, type TrainingOptions } from '../../main/jobs/training.ts';
import { listCheckpointRows } from '../../main/store/runs/checkpoints.ts';
import { listLeases } from '../../main/store/runs/leases.ts';
import { changeRunConfig } from '../../main/store/runs/runLifecycle.ts';
import { getRun, updateRun } from '../../main/store/runs/runs.ts';
import { listSegments } from '../../main/store/runs/segments.ts';
import { checkpointEvent, endedEvent, readyEvent, startedEvent, createFakeHost } from './fakeHost.ts';
import { insertTrainingRun, listLoggedSteps, startExample, emitSixSteps } from './exampleTraining.ts';
import { sharedCacheFolder } from '../store/temporaryFolder.ts';

/** Starts the run with a process that only reports that it is ready. */
function startUnready(example: ReturnType<typeof insertTrainingRun>, options: Partial<TrainingOptions> = {}) {
  const host = createFakeHost();
  const training = startTraining(example.store, example.run.id, {
    createHost: () => host,
    cacheFolder: sharedCacheFolder,
    ...options,
  });
  host.emit(readyEvent);
  return { host, training };
}

describe('a training that cannot start', () => {
  const missing = { type: 'failed', cause: 'data', message: 'No images.' } as const;

  it.each(['queued', 'paused', 'stopped', 'interrupted', 'crashed'] as const)(
    'leaves the run %s, with the reason and without a lease',
    async (status) => {
      const example = insertTrainingRun();
      const { store, run } = example;
      updateRun(store.db, run.id, { status });
      const { host, training } = startUnready(example);
      host.emit(missing);
      host.exit();
      await expect(training.ended).rejects.toThrow('No images.');
      expect(getRun(store.db, run.id)).toMatchObject({ status, error: 'No images.', step: 0 });
      expect(listLeases(store.db)).toEqual([]);
      expect(listSegments(store.db, run.id)).toEqual([]);
    },
  );

  it('leaves a finished run unchanged, with its budget, its metrics and its evaluations', async () => {
    const first = startExample();
    emitSixSteps(first);
    first.host.emit(checkpointEvent(first.folder, 6));
    first.host.emit(endedEvent('finished', 6));
    first.host.exit();
    const before = await first.training.ended;
    const { config } = first.run;
    const longer = { ...config, train: { ...config.train, steps: 200 } };
    const { host, training } = startUnready(first, { config: longer });
    host.emit(missing);
    host.exit();
    await expect(training.ended).rejects.toThrow(NotStartedError);
    expect(getRun(first.store.db, before.id)).toEqual({ ...before, updatedAt: expect.any(String) });
    expect(listLoggedSteps(first)).toEqual([1, 2, 4, 6]);
  });

  it('suggests how to locate images that have been moved', async () => {
    const { store, run } = insertTrainingRun();
    const source = 'folder:/moved/away';
    changeRunConfig(store, run.id, { ...run.config, data: { ...run.config.data, source } });
    const { host, training } = startUnready({ store, run });
    host.emit(missing);
    host.exit();
    await expect(training.ended).rejects.toThrow(`lab resume ${run.id} --data SOURCE`);
  });

  it('stores the refused change of images until the run continues with them, which resets its best score', async () => {
    const first = startExample();
    emitSixSteps(first);
    first.host.emit(checkpointEvent(first.folder, 6, { bestPsnr: 30, isBest: true }));
    first.host.emit(endedEvent('paused', 6));
    first.host.exit();
    await first.training.ended;
    const refused = { split: 'train', count: 11, checksum: 'beef' } as const;
    const { host, training } = startUnready(first);
    host.emit({ ...missing, refused });
    host.exit();
    await expect(training.ended).rejects.toThrow(/--accept-changed-data/);
    const { store, run } = first;
    expect(getRun(store.db, run.id)).toMatchObject({
      bestPsnr: 30,
      dataset: { checksum: 'c0ffee', refused },
    });
    const second = startUnready(first, { acceptChangedData: true });
    expect(second.host.sent[0]).toMatchObject({
      job: { known: { checksum: 'c0ffee' }, acceptChangedData: true },
    });
    const started = startedEvent(6) as Extract<ComputeEvent, { type: 'started' }>;
    second.host.emit({ ...started, dataset: { ...started.dataset, checksum: 'beef' }, dataChanged: true });
    const now = getRun(store.db, run.id);
    expect(now).toMatchObject({ bestPsnr: null, status: 'running', dataset: { checksum: 'beef' } });
    expect(now.dataset?.refused).toBeUndefined();
    expect(listCheckpointRows(store.db, run.id).some(({ isBest }) => isBest)).toBe(false);
    second.host.exit();
    await second.training.ended;
  });

  it('is one whose checkpoints are missing; none of its data are replaced by a new start', async () => {
    const first = startExample();
    emitSixSteps(first);
    first.host.emit(endedEvent('paused', 4));
    first.host.exit();
    await first.training.ended;
    rmSync(join(first.folder, 'ckpt-4.safetensors'));
    expect(() => startExample(first)).toThrow(/no checkpoint that can be read \(the files are gone\)/);
    expect(listLoggedSteps(first)).toEqual([1, 2, 4, 6]);
    expect(listLeases(first.store.db)).toEqual([]);
  });
});

describe('a longer budget', () => {
  it('is stored, with the schedule of the learning rate and the source of the images, once the run has started', async () => {
    const example = insertTrainingRun();
    const { store, run } = example;
    const first = startExample(example);
    emitSixSteps(first);
    first.host.emit(endedEvent('finished', 4));
    first.host.exit();
    await first.training.ended;
    const config = { ...run.config, train: { ...run.config.train, steps: 500 } };
    const source = 'synthetic:3';
    const { host, training } = startUnready(first, { config, schedule: 'restart', source });
    expect(getRun(store.db, run.id).config).toEqual(run.config);
    host.emit(startedEvent(4));
    const extension = { schedule: 'restart', fromStep: 4, totalSteps: 100, minutes: null };
    expect(getRun(store.db, run.id).config).toMatchObject({
      train: { steps: 500 },
      data: { source },
      optim: { extensions: [extension] },
    });
    host.exit();
    await training.ended;
  });
});
