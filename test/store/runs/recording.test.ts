import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  deleteCheckpoint,
  findBestCheckpoint,
  listCheckpointRows,
} from '../../../main/store/runs/checkpoints.ts';
import { insertEvaluation, listEvaluations } from '../../../main/store/runs/evaluations.ts';
import {
  deleteMetricsAfter,
  insertMetrics,
  newestLoggedStep,
  readMetrics,
} from '../../../main/store/runs/metrics.ts';
import { deletePreview, insertPreview, listPreviews } from '../../../main/store/runs/previews.ts';
import { commitCheckpoint, rewindRun } from '../../../main/store/runs/recording.ts';
import { getRun, updateRun } from '../../../main/store/runs/runs.ts';
import { endSegment, listSegments, startSegment } from '../../../main/store/runs/segments.ts';
import { type Evaluation, evaluationSchema, type MetricPoint } from '../../../shared/metric.ts';
import { randomUniforms } from '../../../shared/numbers/random.ts';
import { startChild } from '../children/startChild.ts';
import { insertExampleRun, openExampleStore } from '../exampleStore.ts';

function point(step: number, value = 1 / step, name: MetricPoint['name'] = 'loss'): MetricPoint {
  return { step, name, value, processSeconds: step / 2, wallTime: 1767225600000 + step };
}

function checkpoint(runId: string, step: number, isBest = false): Parameters<typeof commitCheckpoint>[1] {
  return { runId, step, file: `ckpt-${step}.safetensors`, bytes: 10, sha256: 'ff', isBest, metrics: [] };
}

const evaluation: Evaluation = evaluationSchema.parse({
  protocol: {
    source: 'synthetic',
    datasetChecksum: 'c',
    split: 'test',
    images: 8,
    imageSize: 32,
    maskLaw: 'numpy',
    maskSeed: 42,
    keepRatio: 0.2,
    observedPixels: 204,
    pasted: true,
    range: [0, 1],
    ssimWindow: 'uniform 7×7',
    ssimGaussianWindow: 'Gaussian σ 1.5, 11×11',
    psnrMean: 'per image, then averaged',
    noiseSeed: 0,
    metricVersion: 2,
  },
  rows: [
    {
      method: 'nearest',
      nfe: 0,
      samples: 0,
      psnr: null,
      ssim: 0.5,
      ssimGaussian: 0.4,
      psnrUnobserved: 20.5,
      mse: 0.01,
      mae: 0.05,
      seconds: 1.5,
    },
  ],
});

describe('metrics', () => {
  it('are read as they were logged, including NaN and infinity', () => {
    const store = openExampleStore();
    const { id } = insertExampleRun(store);
    const points = [point(1, NaN), point(2, Infinity), point(3, -Infinity), point(4, 0.1)];
    insertMetrics(store.db, id, points);
    expect(readMetrics(store.db, id)).toEqual(points);
  });

  it('keep the last value of a step and name if they are logged twice', () => {
    const store = openExampleStore();
    const { id } = insertExampleRun(store);
    insertMetrics(store.db, id, [point(1, 5), point(2, 5)]);
    insertMetrics(store.db, id, [point(2, 7), point(3, 7)]);
    expect(readMetrics(store.db, id).map(({ step, value }) => [step, value])).toEqual([
      [1, 5],
      [2, 7],
      [3, 7],
    ]);
  });

  it('can be read by name and from a step, and deleted after a step', () => {
    const store = openExampleStore();
    const { id } = insertExampleRun(store);
    const other = insertExampleRun(store);
    insertMetrics(
      store.db,
      id,
      [1, 2, 3].flatMap((step) => [point(step), point(step, 9, 'gradNorm')]),
    );
    insertMetrics(store.db, other.id, [point(9)]);
    const read = (filter: Parameters<typeof readMetrics>[2]): string[] =>
      readMetrics(store.db, id, filter).map(({ step, name }) => `${step} ${name}`);
    expect(read({ names: ['gradNorm'], fromStep: 2 })).toEqual(['2 gradNorm', '3 gradNorm']);
    expect(read({ names: [] })).toEqual([]);
    expect([id, other.id, 'zzzzzzzz'].map((run) => newestLoggedStep(store.db, run))).toEqual([3, 9, 0]);
    expect(deleteMetricsAfter(store.db, id, 1)).toBe(4);
    expect(newestLoggedStep(store.db, id)).toBe(1);
    expect(read({})).toEqual(['1 gradNorm', '1 loss']);
    expect(readMetrics(store.db, other.id)).toHaveLength(1);
  });

  it('are written all or not at all', () => {
    const store = openExampleStore();
    const { id } = insertExampleRun(store);
    expect(() => insertMetrics(store.db, id, [point(1), point(1.5)])).toThrow(/INTEGER/);
    expect(readMetrics(store.db, id)).toEqual([]);
    expect(() => insertMetrics(store.db, 'aaaaaaaa', [point(1)])).toThrow(/FOREIGN KEY/);
  });
});

describe('commitCheckpoint', () => {
  it('writes checkpoint, metrics and the state of the run together', () => {
    const store = openExampleStore();
    const { id } = insertExampleRun(store);
    commitCheckpoint(store, {
      ...checkpoint(id, 20),
      metrics: [point(20)],
      epoch: 2,
      processSeconds: 7,
      loss: 0.5,
      bestPsnr: 21,
    });
    expect(getRun(store.db, id)).toMatchObject({
      step: 20,
      epoch: 2,
      processSeconds: 7,
      loss: 0.5,
      bestPsnr: 21,
    });
    expect(readMetrics(store.db, id)).toEqual([point(20)]);
    expect(listCheckpointRows(store.db, id)).toEqual([
      {
        runId: id,
        step: 20,
        file: 'ckpt-20.safetensors',
        bytes: 10,
        sha256: 'ff',
        isBest: false,
        createdAt: expect.any(String),
      },
    ]);
  });

  it('writes nothing if one part fails', () => {
    const store = openExampleStore();
    const { id } = insertExampleRun(store);
    expect(() => commitCheckpoint(store, { ...checkpoint(id, 20), metrics: [point(1.5)] })).toThrow(
      /INTEGER/,
    );
    expect(() => commitCheckpoint(store, { ...checkpoint(id, 20), metrics: [point(21)] })).toThrow(
      /step 21 found, steps up to 20/,
    );
    expect(getRun(store.db, id).step).toBe(0);
    expect(listCheckpointRows(store.db, id)).toEqual([]);
    expect(() => commitCheckpoint(store, checkpoint('aaaaaaaa', 1))).toThrow('No run "aaaaaaaa" found');
  });

  it('marks only the latest best checkpoint as the best; without one, the newest is used', () => {
    const store = openExampleStore();
    const { id } = insertExampleRun(store);
    expect(findBestCheckpoint(store.db, id)).toBeUndefined();
    [10, 20].forEach((step) => commitCheckpoint(store, checkpoint(id, step)));
    expect(findBestCheckpoint(store.db, id)?.step).toBe(20);
    commitCheckpoint(store, checkpoint(id, 30, true));
    commitCheckpoint(store, checkpoint(id, 40, true));
    commitCheckpoint(store, checkpoint(id, 50));
    expect(listCheckpointRows(store.db, id).map(({ step, isBest }) => [step, isBest])).toEqual([
      [50, false],
      [40, true],
      [30, false],
      [20, false],
      [10, false],
    ]);
    expect(findBestCheckpoint(store.db, id)?.step).toBe(40);
    deleteCheckpoint(store.db, id, 40);
    expect(findBestCheckpoint(store.db, id)?.step).toBe(50);
  });

  it('is complete or absent after SIGKILL at any time', async () => {
    const store = openExampleStore();
    const { id } = insertExampleRun(store);
    for (const fraction of randomUniforms({ seed: 5, stream: 'order', step: 0 }, 6)) {
      rewindRun(store, id, 0);
      const child = startChild('commitCheckpoints.ts', store.dataFolder, id);
      await child.waitFor('3\n');
      await delay(30 * fraction);
      await child.kill();
      const committed = Number(child.output().trim().split('\n').at(-1));
      const { step, loss } = getRun(store.db, id);
      expect([committed, committed + 1]).toContain(step);
      expect(loss).toBe(1 / step);
      expect(readMetrics(store.db, id)).toHaveLength(step);
      expect(listCheckpointRows(store.db, id)).toHaveLength(step);
      expect(store.db.pragma('integrity_check', { simple: true })).toBe('ok');
    }
  });
});

describe('rewindRun', () => {
  it('removes everything after a step', () => {
    const store = openExampleStore();
    const { id } = insertExampleRun(store);
    for (const step of [10, 20]) {
      commitCheckpoint(store, { ...checkpoint(id, step), metrics: [point(step)] });
      insertPreview(store.db, { runId: id, step, file: `preview-${step}.png` });
      insertEvaluation(store.db, { runId: id, step, ...evaluation });
    }
    rewindRun(store, id, 10);
    const lists = [readMetrics, listCheckpointRows, listPreviews, listEvaluations];
    expect(lists.map((list) => list(store.db, id).map(({ step }) => step))).toEqual([[10], [10], [10], [10]]);
    expect(getRun(store.db, id).step).toBe(10);
  });
});

describe('evaluations', () => {
  it('are listed newest first with protocol and rows, even if several have the same step', () => {
    const store = openExampleStore();
    const { id } = insertExampleRun(store);
    [5, 7, 7].forEach((step) => insertEvaluation(store.db, { runId: id, step, ...evaluation }));
    const found = listEvaluations(store.db, id);
    expect(found.map(({ step }) => step)).toEqual([7, 7, 5]);
    expect(found[0]).toEqual({
      id: 3,
      imageSheets: null,
      runId: id,
      step: 7,
      createdAt: expect.any(String),
      ...evaluation,
    });
  });

  it('that do not match the schema are rejected with the reason', () => {
    const store = openExampleStore();
    const { id } = insertExampleRun(store);
    insertEvaluation(store.db, { runId: id, step: 5, ...evaluation });
    store.db.prepare("UPDATE evaluations SET protocol = json_remove(protocol, '$.images')").run();
    expect(() => listEvaluations(store.db, id)).toThrow(
      /at step 5 is not readable: protocol.images: .*evaluate again/,
    );
  });
});

describe('previews', () => {
  it('are listed by step, with one per step', () => {
    const store = openExampleStore();
    const { id } = insertExampleRun(store);
    [20, 0, 20].forEach((step) => insertPreview(store.db, { runId: id, step, file: `preview-${step}.png` }));
    const [first, second] = listPreviews(store.db, id);
    expect(first).toEqual({ runId: id, step: 0, file: 'preview-0.png', createdAt: expect.any(String) });
    expect(second.step).toBe(20);
    deletePreview(store.db, id, 0);
    expect(listPreviews(store.db, id)).toHaveLength(1);
  });
});

describe('segments', () => {
  it('are closed explicitly, or by the next segment at its first step', () => {
    const store = openExampleStore();
    const { id } = insertExampleRun(store);
    const backend = { kind: 'wasm', device: 'CPU', version: '4.22.0' } as const;
    endSegment(store.db, startSegment(store.db, { runId: id, fromStep: 0, backend }), 10);
    startSegment(store.db, { runId: id, fromStep: 10, backend });
    updateRun(store.db, id, { step: 20 });
    const { updatedAt } = getRun(store.db, id);
    startSegment(store.db, { runId: id, fromStep: 15, backend });
    const found = listSegments(store.db, id);
    expect(found.map(({ fromStep, toStep }) => [fromStep, toStep])).toEqual([
      [0, 10],
      [10, 15],
      [15, null],
    ]);
    expect(found[1]).toMatchObject({ runId: id, endedAt: updatedAt, backend });
    expect(found[2].endedAt).toBeNull();
  });
});

/** Protocol and rows of an evaluation as metric version 1 wrote them. */
const protocol =
  '{"source":"synthetic","datasetChecksum":"c","split":"test","images":8,"imageSize":32,"maskLaw":"numpy","maskSeed":42,"keepRatio":0.2,"observedPixels":204,"pasted":true,"range":[0,1],"ssimWindow":"uniform 7×7","ssimGaussianWindow":"Gaussian σ 1.5, 11×11","psnrMean":"per image, then averaged","metricVersion":1}';
const rows =
  '[{"method":"nearest","nfe":0,"samples":0,"psnr":null,"ssim":0.5,"ssimGaussian":0.4,"psnrUnobserved":20.5,"mse":0.01,"mae":0.05,"seconds":1.5}]';

it('Evaluations of metric version 1 are read with null for what they did not measure', () => {
  const store = openExampleStore();
  const { id } = insertExampleRun(store);
  store.db
    .prepare('INSERT INTO evaluations (run_id, step, created_at, protocol, rows) VALUES (?, 5, ?, ?, ?)')
    .run(id, '2026-11-20T10:00:00.000Z', protocol, rows);
  const [found] = listEvaluations(store.db, id);
  expect(found.protocol).toEqual({ ...JSON.parse(protocol), noiseSeed: null });
  expect(found.rows).toEqual([
    {
      ...JSON.parse(rows)[0],
      psnrInterval: null,
      ssimInterval: null,
      rmseObserved: null,
      spectrumError: null,
      distribution: null,
      solver: null,
      solverSteps: null,
      sampling: null,
      parameters: null,
      imagesSeen: null,
      perImage: null,
      // Without a mean, the number of exact images is unknown; with one, none of the images was exact.
      exactImages: null,
      exactUnobserved: 0,
    },
  ]);
});
