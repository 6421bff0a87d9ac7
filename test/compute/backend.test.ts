import * as imported from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { chooseExecution } from '../../main/compute/execution.ts';
import { repairOf } from '../../main/compute/installation.ts';
import type { StepFn } from '../../main/engine/train/step.ts';
import { probeBackend } from '../../main/runtime/probe.ts';
import { createScalarBatch } from '../engine/train/smallRun.ts';
import { backend, describeNative, tf } from '../support/backend.ts';
import { testStatelessRandom } from './statelessRandomTruths.ts';

describe('the backend', () => {
  it('is registered with the same tfjs-core that the engine imports', () => {
    expect(imported.getBackend()).toBe(backend.kind);
    expect(imported.engine()).toBe(tf.engine());
    expect(imported.matMul).toBe(tf.matMul);
  });

  it('prints only its report on stdout, whichever backend is loaded', async () => {
    const probe = await probeBackend({ prefer: 'wasm', depth: 'quick' });
    expect(probe.info).toEqual({ kind: 'wasm', device: 'CPU', version: '4.22.0' });
    expect(probe.reason).toBe('WASM was requested.');
    expect((await probeBackend({ prefer: 'auto', depth: 'quick' })).info).toEqual(backend);
  });

  it('falls back to WASM and gives the reason if native TensorFlow cannot be loaded, unless TensorFlow is required', async () => {
    vi.stubEnv('NODE_OPTIONS', '--no-addons');
    onTestFinished(() => void vi.unstubAllEnvs());
    const { info, reason } = await probeBackend({ prefer: 'auto', depth: 'quick' });
    expect(info.kind).toBe('wasm');
    expect(reason).toMatch(/^Native TensorFlow does not load \(.*\); to install it run: npm run setup$/);
    const required = probeBackend({ prefer: 'tensorflow', depth: 'quick' });
    await expect(required).rejects.toThrow(/Native TensorFlow does not load .*npm run setup/);
  });
});

it('what repairs a packaged application is another installation, and never a command of npm', () => {
  const command = 'run: npm run setup';
  expect(repairOf(command, '/home/me/sparse-field-lab/main/compute')).toBe(command);
  for (const folder of [
    '/opt/Sparse Field Lab/resources/app.asar/dist/main/compute',
    String.raw`C:\Programs\Sparse Field Lab\resources\app.asar\dist\main\compute`,
  ])
    expect(repairOf(command, folder)).toBe('install the application again');
});

describeNative('native TensorFlow', () => {
  it('is a release of version 2 and reports its version', () => {
    expect(backend.version).toMatch(/^2\.\d+\.\d+$/);
  });

  it('measures its speed', async () => {
    const { gigaflops, microsecondsPerOperation, threads } = await probeBackend({
      prefer: 'tensorflow',
      depth: 'full',
    });
    expect(gigaflops).toBeGreaterThan(0);
    expect(microsecondsPerOperation).toBeGreaterThan(0);
    expect(threads).toBeGreaterThanOrEqual(1);
  });
});

testStatelessRandom(tf);

afterEach(() => vi.unstubAllEnvs());

/** x ← x² + one. */
const squareStep: StepFn = ([value], { update: { stepSize: one } }) => {
  const next = tf.add(tf.mul(value, value), one);
  return { state: [next], report: { loss: tf.clone(next), gradNorm: tf.clone(value) } };
};

/** Takes two steps from x = 2 and calls a function once; returns the results and what was reported. */
async function useExecution() {
  const reports: unknown[] = [];
  const { kind, createStepper, run } = chooseExecution((...report) => reports.push(report));
  const stepper = createStepper(squareStep, [tf.scalar(2)]);
  const one = tf.scalar(1);
  const batch = createScalarBatch<Tensor>(one);
  const losses = [(await stepper.step(batch)).loss, (await stepper.step(batch)).loss];
  const { y } = run('negative', {
    parameters: {},
    inputs: { one },
    work: (_, inputs) => ({ y: tf.neg(inputs.one) }),
  });
  const value = y.dataSync()[0];
  stepper.dispose();
  tf.dispose([one, y]);
  return { kind, reports, losses, value };
}

describe('the execution mode of this process', () => {
  it('does not change the numbers, and is reported for training steps', async () => {
    const isNative = backend.kind === 'tensorflow';
    const { kind, reports, losses, value } = await useExecution();
    expect([losses, value]).toEqual([[5, 26], -1]);
    expect(kind).toBe(isNative ? 'compiled' : 'eager');
    expect(reports).toEqual([['training step', kind, isNative ? null : 'graphs need native TensorFlow']]);
  });
});

describeNative('eager execution on native TensorFlow', () => {
  it.each([
    { value: 'eager', reason: 'SPARSE_FIELD_LAB_EXECUTION is eager' },
    { value: 'after-crash', reason: 'the previous compute process crashed' },
  ])('gives the reason "$reason" for SPARSE_FIELD_LAB_EXECUTION=$value', async ({ value, reason }) => {
    vi.stubEnv('SPARSE_FIELD_LAB_EXECUTION', value);
    expect(await useExecution()).toEqual({
      kind: 'eager',
      reports: [['training step', 'eager', reason]],
      losses: [5, 26],
      value: -1,
    });
  });
});
