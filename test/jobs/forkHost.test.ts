import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ComputeEvent } from '../../main/compute/protocol.ts';
import { forkHost } from '../../main/jobs/computeHost.ts';
import { startTraining, type Training } from '../../main/jobs/training.ts';
import { listLeases } from '../../main/store/runs/leases.ts';
import { readMetrics } from '../../main/store/runs/metrics.ts';
import { listPreviews } from '../../main/store/runs/previews.ts';
import { insertRun } from '../../main/store/runs/runLifecycle.ts';
import { getRun } from '../../main/store/runs/runs.ts';
import { listSegments } from '../../main/store/runs/segments.ts';
import { openStore, type Store } from '../../main/store/store.ts';
import type { RunRecord } from '../../shared/run.ts';
import { readLearnedMetrics } from '../store/learnedMetrics.ts';
import { readNewestTensors, smallConfig, smallRunSteps, writeImages } from './smallRun.ts';

let store: Store;
let run: RunRecord;
/** Tensors of a run without interruption. */
let expectedTensors: Record<string, string>;

beforeAll(async () => {
  store = openStore(mkdtempSync(join(tmpdir(), 'sparse-field-lab-')));
  const source = await writeImages(join(store.dataFolder, 'pictures'));
  run = insertRun(store, { name: 'whole', config: smallConfig(source) });
  expect(await train(run.id)).toMatchObject({ status: 'finished', step: 12 });
  expectedTensors = readNewestTensors(store.runFolder(run.id));
});

afterAll(() => {
  store.close();
  rmSync(store.dataFolder, { recursive: true, force: true });
});

/** Starts or resumes a run; `onEvent` may act on the training. */
function train(id: string, onEvent?: (event: ComputeEvent, training: Training) => void): Promise<RunRecord> {
  const training: Training = startTraining(store, id, {
    createHost: forkHost,
    cacheFolder: store.dataFolder,
    onEvent: (event) => onEvent?.(event, training),
  });
  return training.ended;
}

function listSteps(id: string, name: 'loss' | 'evaluation/psnr'): number[] {
  return readMetrics(store.db, id, { names: [name] }).map(({ step }) => step);
}

function expectUninterrupted(id: string): void {
  expect(readNewestTensors(store.runFolder(id))).toEqual(expectedTensors);
  expect(listSteps(id, 'loss')).toEqual(smallRunSteps.logged);
  expect(listSteps(id, 'evaluation/psnr')).toEqual(smallRunSteps.evaluated);
  expect(readLearnedMetrics(store, id)).toEqual(readLearnedMetrics(store, run.id));
  expect(listLeases(store.db)).toEqual([]);
}

describe('training in a separate process', () => {
  it('stores weights, Adam moments and averages, metrics, previews, dataset and backend', () => {
    const kinds = new Set(Object.keys(expectedTensors).map((name) => /^[a-z]+/.exec(name)?.[0]));
    expect([...kinds]).toEqual(expect.arrayContaining(['param', 'adam', 'average']));
    expect(listSteps(run.id, 'loss')).toEqual(smallRunSteps.logged);
    expect(listPreviews(store.db, run.id).map(({ step }) => step)).toEqual([0, 6, 12]);
    const { dataset, backend, totalSteps, bestPsnr } = getRun(store.db, run.id);
    expect(dataset?.count).toBeGreaterThan(8);
    expect(backend?.kind).toMatch(/tensorflow|wasm/);
    expect([totalSteps, Number.isFinite(bestPsnr)]).toEqual([12, true]);
  });

  it('is bit for bit the same if it is paused midway and resumed', async () => {
    const { id } = insertRun(store, { name: 'paused', config: run.config });
    const paused = await train(id, (event, training) => {
      if (event.type === 'step' && event.step === 4) training.pause();
    });
    expect(paused.status).toBe('paused');
    expect(paused.step).toBeGreaterThanOrEqual(4);
    expect(paused.step).toBeLessThan(12);
    expect(await train(id)).toMatchObject({ status: 'finished', step: 12 });
    expectUninterrupted(id);
    expect(listSegments(store.db, id)).toMatchObject([
      { fromStep: 0, toStep: paused.step },
      { fromStep: paused.step, toStep: 12 },
    ]);
  });

  it('reports images that it cannot open before it ends, and the run stays queued with the reason', async () => {
    const config = smallConfig(`folder:${join(store.dataFolder, 'nothing')}`);
    const { id } = insertRun(store, { name: 'without images', config });
    await expect(train(id)).rejects.toThrow(/nothing.*does not exist.*--data SOURCE/);
    const reason = expect.stringContaining('nothing');
    expect(getRun(store.db, id)).toMatchObject({ status: 'queued', step: 0, error: reason });
  });
});
