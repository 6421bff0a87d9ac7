import { describe, expect, it } from 'vitest';
import { estimatePace } from '../../main/ipc/requests/estimateRun.ts';
import { runConfigSchema, type RunConfigInput } from '../../shared/config/config.ts';
import type { DoctorReport } from '../../shared/doctor.ts';
import { countStepOperations } from '../../shared/config/networkSize.ts';
import { insertMetrics } from '../../main/store/runs/metrics.ts';
import { listSpeeds, type MeasuredSpeed, updateRun } from '../../main/store/runs/runs.ts';
import { insertRun } from '../../main/store/runs/runLifecycle.ts';
import { openStore } from '../../main/store/store.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { openExampleLaboratory } from './exampleLaboratory.ts';

const cpu = { kind: 'tensorflow', device: 'CPU', version: '2.21.0' } as const;

function configOf(input: RunConfigInput = {}) {
  return runConfigSchema.parse({ field: { dim: 64, latents: 32 }, ...input });
}

function speedOf(name: string, input: RunConfigInput, secondsPerStep: number): MeasuredSpeed {
  return { name, config: configOf(input), backend: cpu, secondsPerStep };
}

describe('the time of a step', () => {
  it('is that of the run with the same network, batch size and image size', () => {
    const speeds = [
      speedOf('other', { train: { batchSize: 8 } }, 9),
      speedOf('same', { seed: 7, optim: { learningRate: 1 } }, 0.25),
    ];
    const { milliseconds, range, explanation } = estimatePace(configOf(), speeds, null);
    expect(explanation).toBe('From run “same”, which had the same network, batch size and image size.');
    expect(milliseconds).toBe(250);
    expect(range?.[0]).toBeLessThan(250);
    expect(range?.[1]).toBeGreaterThan(250);
  });

  it('is the median of runs that nothing slowed down, whatever the newest one took', () => {
    const speeds = [2.5, 0.26, 0.25, 0.3, 5].map((pace, index) => speedOf(`run ${index}`, {}, pace));
    const { milliseconds, range, explanation } = estimatePace(configOf(), speeds, null);
    expect(milliseconds).toBe(260);
    expect(range?.[1]).toBeLessThan(400);
    expect(explanation).toContain('Median of 3 runs');
    expect(explanation).toContain('“run 1”');
  });

  it('has the speed that the doctor measured as the other end of its range if there is a single run', () => {
    const report = { gigaflops: 1000 } as DoctorReport;
    const [fastest, slowest] = estimatePace(configOf(), [speedOf('slow', {}, 60)], report).range ?? [0, 0];
    expect(fastest).toBeCloseTo((1000 * countStepOperations(configOf())) / 400e9, 6);
    expect(slowest).toBeGreaterThan(60_000);
  });

  it('is scaled from the most similar run by the number of operations', () => {
    const config = configOf({ train: { batchSize: 32 } });
    const speeds = [
      speedOf('far', { field: { dim: 512 } }, 100),
      speedOf('near', { train: { batchSize: 16 } }, 0.2),
    ];
    const { milliseconds, explanation } = estimatePace(config, speeds, null);
    expect(milliseconds).toBeCloseTo(400, 6);
    expect(explanation).toBe('From run “near”, scaled by the operations per step (2 times as many).');
  });

  it('ignores runs on other devices than that of the newest run', () => {
    const gpu = { ...speedOf('gpu', {}, 0.001), backend: { ...cpu, device: 'GPU' } as const };
    const newest = speedOf('newest', { train: { batchSize: 8 } }, 1);
    expect(estimatePace(configOf(), [newest, gpu], null).explanation).toContain('“newest”');
  });

  it('ignores runs on WASM once native TensorFlow computes, and the other way round', () => {
    const wasm = { ...speedOf('wasm', {}, 30), backend: { ...cpu, kind: 'wasm' } as const };
    const native = speedOf('native', { train: { batchSize: 32 } }, 0.1);
    expect(estimatePace(configOf(), [native, wasm], null).explanation).toContain('“native”');
    expect(estimatePace(configOf(), [wasm, native], null).explanation).toContain('“wasm”');
    const report = { backend: 'tensorflow', device: 'CPU' } as DoctorReport;
    expect(estimatePace(configOf(), [wasm, native], report).explanation).toContain('“native”');
  });

  it('is not scaled from a run with a fraction of the operations if the doctor has measured the machine', () => {
    const small = speedOf('small', { train: { batchSize: 4 } }, 0.3);
    const report = { backend: 'tensorflow', device: 'CPU', gigaflops: 100 } as DoctorReport;
    const measured = estimatePace(configOf(), [small], report);
    expect(measured).toEqual(estimatePace(configOf(), [], report));
    const scaled = estimatePace(configOf(), [small], null);
    expect(scaled.explanation).toContain('scaled by the operations');
    // Its step may have taken as long for other reasons than its operations.
    const [fastest, slowest] = scaled.range ?? [0, 0];
    expect(fastest).toBeCloseTo(600, 6);
    expect(slowest).toBeCloseTo(2 * (scaled.milliseconds ?? 0), 6);
    const large = speedOf('large', { train: { batchSize: 1024 } }, 16);
    const down = estimatePace(configOf(), [large], null);
    expect(down.range?.[0]).toBeCloseTo((down.milliseconds ?? 0) / 2, 6);
    expect(down.range?.[1]).toBeCloseTo(8000, 6);
  });

  it('is not known from runs that do a tiny fraction of the operations, or vastly more, until it is measured', () => {
    const speeds = [speedOf('toy', { train: { batchSize: 1 } }, 0.3)];
    const { milliseconds, range, explanation } = estimatePace(configOf(), speeds, null);
    expect([milliseconds, range]).toEqual([null, null]);
    expect(explanation).toBe(
      'Not known until it is measured: run “toy”, the closest one, does 64 times fewer operations per step. Run the doctor, or start the run.',
    );
    const other = estimatePace(configOf({ train: { batchSize: 1 } }), [speedOf('vast', {}, 20)], null);
    expect(other.explanation).toContain('does 64 times as many operations');
    const report = { backend: 'tensorflow', device: 'CPU', gigaflops: 100 } as DoctorReport;
    expect(estimatePace(configOf(), speeds, report).milliseconds).not.toBeNull();
  });

  it("is derived from the doctor's measurement without any runs, and is unknown without that", () => {
    const config = configOf();
    const report = { gigaflops: 100 } as DoctorReport;
    const { milliseconds } = estimatePace(config, [], report);
    expect(milliseconds).toBeCloseTo((1000 * countStepOperations(config)) / 40e9, 9);
    expect(estimatePace(config, [], null)).toMatchObject({
      milliseconds: null,
      explanation: expect.stringMatching(/Run the doctor/),
    });
  });
});

describe('the speed of an earlier run', () => {
  it('is the median of its logged steps, without evaluations and whatever compiling took', () => {
    const store = openStore(makeTemporaryFolder());
    const { id } = insertRun(store, { name: 'before', config: configOf() });
    updateRun(store.db, id, { backend: cpu, step: 100, processSeconds: 500 });
    const points = Array.from({ length: 10 }, (_, index) => ({
      step: 10 * (index + 1),
      name: 'loss' as const,
      value: 1,
      // Half a second per step, an evaluation of 90 s after step 50.
      processSeconds: 300 + 5 * index + (index > 4 ? 90 : 0),
      wallTime: 0,
    }));
    insertMetrics(store.db, id, points);
    expect(listSpeeds(store.db)).toMatchObject([{ name: 'before', secondsPerStep: 0.5 }]);
    store.close();
  });
});

describe('the estimate of a run', () => {
  it('counts steps by the size of the dataset, and is limited by the minutes of the budget', async () => {
    const folder = makeTemporaryFolder();
    const store = openStore(folder);
    const { id } = insertRun(store, { name: 'before', config: configOf() });
    updateRun(store.db, id, { backend: cpu, step: 100, processSeconds: 50 });
    store.close();
    const { ask } = await openExampleLaboratory({}, folder);
    const estimate = (train: RunConfigInput['train']) =>
      ask('training.estimate', { config: configOf({ train }), datasetId: 'synthetic' });
    // 4000 images in batches of 64 make 62 steps per epoch.
    expect(await estimate({ epochs: 2 })).toMatchObject({
      totalSteps: 124,
      stepMilliseconds: 500,
      totalSeconds: 62,
    });
    expect(await estimate({ steps: 10 })).toMatchObject({
      totalSteps: 10,
      stepsRange: null,
      totalSeconds: 5,
    });
    // The minutes end it long before its epochs, after about 120 steps.
    const timed = await estimate({ epochs: 1000, minutes: 1 });
    expect(timed).toMatchObject({ totalSeconds: 60, secondsRange: null, totalSteps: 120 });
    expect(timed.stepsRange?.[0]).toBeLessThan(120);
    expect(timed.stepsRange?.[1]).toBeGreaterThan(120);
    const { memoryBytes, checkpointBytes } = await estimate({ steps: 10 });
    expect(memoryBytes).toBeGreaterThan(2 * checkpointBytes);
  });
});
