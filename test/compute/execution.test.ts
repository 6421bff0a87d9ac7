import type { Tensor } from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { chooseExecution } from '../../main/compute/execution.ts';
import type { StepFn } from '../../main/engine/train/step.ts';
import { scalarBatch } from '../engine/train/scalarBatch.ts';
import { backend, describeNative, tf } from '../support/backend.ts';

afterEach(() => vi.unstubAllEnvs());

/** x ← x² + one. */
const squareStep: StepFn = ([value], { update: { stepSize: one } }) => {
  const next = tf.add(tf.mul(value, value), one);
  return { state: [next], report: { loss: tf.clone(next), gradNorm: tf.clone(value) } };
};

/** Two steps from x = 2, a function called once, and what was said of either. */
function useExecution() {
  const told: unknown[] = [];
  const { kind, createStepper, run } = chooseExecution((...what) => told.push(what));
  const stepper = createStepper(squareStep, [tf.scalar(2)]);
  const one = tf.scalar(1);
  const batch = scalarBatch<Tensor>(one);
  const losses = [stepper.step(batch), stepper.step(batch)].map(({ loss }) => loss);
  const { y } = run('negative', {
    parameters: {},
    inputs: { one },
    work: (_, inputs) => ({ y: tf.neg(inputs.one) }),
  });
  const value = y.dataSync()[0];
  stepper.dispose();
  tf.dispose([one, y]);
  return { kind, told, losses, value };
}

describe('the execution chosen for this process', () => {
  it('gives the same numbers whichever it is, and says how training steps run', () => {
    const isNative = backend.kind === 'tensorflow';
    const { kind, told, losses, value } = useExecution();
    expect([losses, value]).toEqual([[5, 26], -1]);
    expect(kind).toBe(isNative ? 'compiled' : 'eager');
    expect(told).toEqual([['training step', kind, isNative ? null : 'graphs need native TensorFlow']]);
  });
});

describeNative('eager execution on native TensorFlow', () => {
  it.each([
    { value: 'eager', reason: 'SPARSE_FIELD_LAB_EXECUTION is eager' },
    { value: 'after-crash', reason: 'the previous compute process crashed' },
  ])('gives the reason "$reason" for SPARSE_FIELD_LAB_EXECUTION=$value', ({ value, reason }) => {
    vi.stubEnv('SPARSE_FIELD_LAB_EXECUTION', value);
    expect(useExecution()).toEqual({
      kind: 'eager',
      told: [['training step', 'eager', reason]],
      losses: [5, 26],
      value: -1,
    });
  });
});
