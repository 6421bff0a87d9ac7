import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createRecorder } from '../../main/jobs/recorder.ts';
import { listCheckpointRows } from '../../main/store/runs/checkpoints.ts';
import { readMetrics } from '../../main/store/runs/metrics.ts';
import { listPreviews } from '../../main/store/runs/previews.ts';
import { listReferences, readReferences } from '../../main/store/runs/references.ts';
import { readSummaries } from '../../main/store/runs/runList.ts';
import { getRun, updateRun } from '../../main/store/runs/runs.ts';
import {
  checkpointEvent,
  endedEvent,
  evaluationEvent,
  previewEvent,
  startedEvent,
  stepEvent,
} from './fakeHost.ts';
import { insertTrainingRun, listLoggedSteps } from './exampleTraining.ts';
import { insertExampleRun } from '../store/exampleStore.ts';
import { readColumns } from '../../main/store/runs/series.ts';
import type { MetricPoint } from '../../shared/metric.ts';

function startRecorder(keepCheckpoints = 3) {
  const example = insertTrainingRun();
  const { store, run } = example;
  const errors: unknown[] = [];
  const written: number[] = [];
  const emitted: MetricPoint[] = [];
  const recorder = createRecorder(
    store,
    { id: run.id, logEverySteps: 2, keepCheckpoints },
    {
      onMetrics: (points) => emitted.push(...points),
      onPreview: (step) => written.push(step),
      onPreviewError: (error) => errors.push(error),
    },
  );
  return { ...example, folder: store.runFolder(run.id), recorder, errors, written, emitted };
}

const scores = (psnr: number) => ({ mse: 0.01, mae: 0.05, psnr, ssim: 0.7 });
const exampleReferences = { linear: scores(22), biharmonic: scores(22.5), 'thin plate': scores(23) };

afterEach(() => void vi.useRealTimers());

describe('the recorder', () => {
  it('logs the first and every second step, each with loss, gradient norm and learning rate', async () => {
    const { recorder, store, run } = startRecorder();
    for (let step = 1; step <= 5; step++) recorder.record(stepEvent(step));
    await recorder.close();
    expect(listLoggedSteps({ store, run })).toEqual([1, 2, 4]);
    const values = readMetrics(store.db, run.id, { fromStep: 4 }).map(({ name, value }) => [name, value]);
    expect(values).toEqual([
      ['gradNorm', 0.5],
      ['learningRate', 0.5],
      ['loss', 0.25],
    ]);
  });

  it('logs the last step of a session too, so that the curve ends at the loss of the run', async () => {
    const { recorder, store, run } = startRecorder();
    for (let step = 1; step <= 5; step++) recorder.record(stepEvent(step));
    recorder.record(endedEvent('paused', 5));
    await recorder.close();
    expect(listLoggedSteps({ store, run })).toEqual([1, 2, 4, 5]);
    const [last] = readMetrics(store.db, run.id, { names: ['loss'], fromStep: 5 });
    expect(last.value).toBe(getRun(store.db, run.id).loss);
  });

  it('logs the last step with its checkpoint, because the process may be killed before it can report its end', () => {
    const { recorder, store, run, folder } = startRecorder();
    for (let step = 1; step <= 5; step++) recorder.record(stepEvent(step));
    recorder.record(checkpointEvent(folder, 5));
    expect(listLoggedSteps({ store, run })).toEqual([1, 2, 4]);
    recorder.record(checkpointEvent(folder, 5, { isLast: true }));
    expect(listLoggedSteps({ store, run })).toEqual([1, 2, 4, 5]);
  });

  it('stores what the process and the GPU use, in megabytes', async () => {
    const { store, run } = insertTrainingRun();
    const recorder = createRecorder(
      store,
      { id: run.id, logEverySteps: 2, keepCheckpoints: 3 },
      { onPreviewError: () => undefined, readGpu: () => ({ utilisation: 40, memoryBytes: 5e6 }) },
    );
    recorder.record(stepEvent(3));
    const use = { stepsPerSecond: 2, cpuCores: 1.5, memoryBytes: 3e8 };
    recorder.record({ type: 'system', step: 3, processSeconds: 5, ...use });
    await recorder.close();
    expect(readMetrics(store.db, run.id).map(({ name, step, value }) => [name, step, value])).toEqual([
      ['system/cpu', 3, 1.5],
      ['system/gpu', 3, 40],
      ['system/gpuMemory', 3, 5],
      ['system/memory', 3, 300],
      ['system/stepsPerSecond', 3, 2],
    ]);
  });

  it('shares the scores of classical methods among runs of the same images and evaluation settings only', () => {
    const { recorder, store, run } = startRecorder();
    const equal = insertExampleRun(store, 'equal', run.config);
    const masked = insertExampleRun(store, 'masked', {
      ...run.config,
      mask: { ...run.config.mask, keepRatio: 0.4 },
    });
    const started = startedEvent();
    for (const { id } of [equal, masked]) updateRun(store.db, id, { dataset: started.dataset });
    recorder.record(started);
    recorder.record({ type: 'references', scores: exampleReferences });
    updateRun(store.db, run.id, { bestPsnr: 24.5 });
    expect(readReferences(store.db, run.id)).toEqual(exampleReferences);
    expect(readReferences(store.db, equal.id)).toEqual(exampleReferences);
    expect(readReferences(store.db, masked.id)).toBeNull();
    const gains = readSummaries(store.db, [run.id, equal.id, masked.id]).map(({ gain }) => gain);
    expect(gains).toEqual([1.5, null, null]);
    expect(listReferences(store.db, run.config)).toEqual({ [started.dataset.checksum]: exampleReferences });
    expect(listReferences(store.db, masked.config)).toEqual({});
    recorder.record({ ...started, dataChanged: true });
    expect(readReferences(store.db, run.id)).toBeNull();
  });

  it('buffers points for at most a second, then writes them all', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const { recorder, store, run } = startRecorder();
    recorder.record(stepEvent(1));
    expect(listLoggedSteps({ store, run })).toEqual([]);
    vi.advanceTimersByTime(1001);
    recorder.record(stepEvent(2));
    expect(listLoggedSteps({ store, run })).toEqual([1, 2]);
    expect(getRun(store.db, run.id).step).toBe(2);
    recorder.record(stepEvent(4));
    expect(listLoggedSteps({ store, run })).toEqual([1, 2]);
    await recorder.close();
    expect(listLoggedSteps({ store, run })).toEqual([1, 2, 4]);
  });

  it('emits exactly the points that it stored, in the same order', async () => {
    const { recorder, store, run, folder, emitted } = startRecorder();
    for (let step = 1; step <= 4; step++) recorder.record(stepEvent(step));
    recorder.record(evaluationEvent(4));
    recorder.record(checkpointEvent(folder, 4));
    recorder.record(stepEvent(6));
    await recorder.close();
    const byStepAndName = (one: MetricPoint, other: MetricPoint) =>
      one.step - other.step || (one.name < other.name ? -1 : 1);
    expect(emitted.map(({ step }) => step)).toEqual(emitted.map(({ step }) => step).sort((a, b) => a - b));
    expect(emitted.toSorted(byStepAndName)).toEqual(readMetrics(store.db, run.id));
  });

  it('stores the measured unit of the path in the configuration and in the run’s file, and keeps it', () => {
    const { recorder, store, run, folder } = startRecorder();
    const measured = { residual: 0.041, images: 256 };
    recorder.record({ ...startedEvent(), measured });
    recorder.record({ ...startedEvent(), measured: { residual: 0.5, images: 256 } });
    expect(getRun(store.db, run.id).config).toEqual({
      ...run.config,
      path: { ...run.config.path, measured },
    });
    expect(readFileSync(join(folder, 'run.json'), 'utf8')).toContain('0.041');
  });

  it('stores the warning of an evaluation until one withdraws it', () => {
    const { recorder, store, run } = startRecorder();
    const warningAfter = (warning?: string | null) => {
      recorder.record({ ...evaluationEvent(4), ...(warning !== undefined && { warning }) });
      return getRun(store.db, run.id).warning;
    };
    expect([undefined, 'It learns nothing.', undefined, null].map(warningAfter)).toEqual([
      null,
      'It learns nothing.',
      'It learns nothing.',
      null,
    ]);
  });

  it('stores the dataset and the number of steps', () => {
    const { recorder, store, run } = startRecorder();
    recorder.record(startedEvent());
    const found = getRun(store.db, run.id);
    expect(found.totalSteps).toBe(100);
    expect(found.dataset?.checksum).toBe('c0ffee');
  });

  it('commits a checkpoint together with the metrics up to it', () => {
    const { recorder, store, run, folder } = startRecorder();
    recorder.record(stepEvent(1));
    recorder.record(stepEvent(2));
    recorder.record(evaluationEvent(2));
    recorder.record(checkpointEvent(folder, 2, { bestPsnr: 22, isBest: true }));
    expect(getRun(store.db, run.id)).toMatchObject({ step: 2, epoch: 1, loss: 0.5, bestPsnr: 22 });
    expect(listCheckpointRows(store.db, run.id)).toMatchObject([{ step: 2, isBest: true }]);
    const names = readMetrics(store.db, run.id, { fromStep: 2 }).map(({ name }) => name);
    expect(names).toContain('evaluation/psnr');
    expect(listLoggedSteps({ store, run })).toEqual([1, 2]);
  });

  it('keeps the newest checkpoints and the best one, both rows and files', () => {
    const { recorder, store, run, folder } = startRecorder(2);
    for (const step of [2, 4, 6, 8]) recorder.record(checkpointEvent(folder, step, { isBest: step === 4 }));
    expect(listCheckpointRows(store.db, run.id).map(({ step }) => step)).toEqual([8, 6, 4]);
    expect(() => readFileSync(join(folder, 'ckpt-4.safetensors'))).not.toThrow();
    expect(() => readFileSync(join(folder, 'ckpt-2.safetensors'))).toThrow(/ENOENT/);
  });

  it('stores numbers that are not finite', async () => {
    const { recorder, store, run } = startRecorder();
    recorder.record(stepEvent(2, { loss: NaN, gradNorm: Infinity }));
    recorder.record(evaluationEvent(2, Infinity));
    await recorder.close();
    const found = readMetrics(store.db, run.id).map(({ name, value }) => [name, value] as const);
    expect(Object.fromEntries(found)).toMatchObject({
      'evaluation/psnr': Infinity,
      loss: NaN,
      gradNorm: Infinity,
    });
    expect((await readColumns(store.db, run.id, 'evaluation/psnr')).values).toEqual([]);
    expect((await readColumns(store.db, run.id, 'learningRate')).values).toEqual([0.5]);
  });

  it('writes previews as PNG, pixel for pixel', async () => {
    const { recorder, store, run, folder } = startRecorder();
    recorder.record(previewEvent(0));
    recorder.record(previewEvent(9));
    await recorder.close();
    const rows = listPreviews(store.db, run.id);
    expect(rows.map(({ step, file }) => [step, file])).toEqual([
      [0, 'preview-0.png'],
      [9, 'preview-9.png'],
    ]);
    const { data, info } = await sharp(join(folder, 'preview-9.png'))
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.height, info.width, info.channels]).toEqual([2, 4, 3]);
    expect(data.every((byte) => byte === 9)).toBe(true);
  });

  it('reports a preview that cannot be written, and continues', async () => {
    const { recorder, store, run, errors } = startRecorder();
    store.db.exec('DROP TABLE previews');
    recorder.record(previewEvent(4));
    recorder.record(stepEvent(2));
    await recorder.close();
    expect(errors.map(String)).toEqual([expect.stringContaining('previews')]);
    expect(listLoggedSteps({ store, run })).toEqual([2]);
  });
});
