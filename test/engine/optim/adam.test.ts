import { describe, it } from 'vitest';
import { adamScalars, adamUpdate, type AdamSlot } from '../../../main/engine/optim/adam.ts';
import { tf } from '../../support/backend.ts';
import { expectClose } from '../field/waves.ts';

const options = { beta1: 0.9, beta2: 0.999, epsilon: 0.1 };

function update(slot: AdamSlot, gradient: number[], count: number): AdamSlot {
  const { stepSize, secondCorrection } = adamScalars(count, 0.1, options);
  const scalars = { stepSize: tf.scalar(stepSize), secondCorrection: tf.scalar(secondCorrection) };
  return adamUpdate(slot, tf.tensor1d(gradient), { ...options, ...scalars });
}

const beginning = (): AdamSlot => ({
  value: tf.tensor1d([1, -2]),
  first: tf.zeros([2]),
  second: tf.zeros([2]),
});

describe('Adam', () => {
  it('moves as computed by hand in its first two steps, ε beside the corrected root', () => {
    // Gradients 0.5 then −0.25 for the first number: m̂ = 0.5, v̂ = 0.25; then m̂ = 0.02 / 0.19, v̂ = 0.00031225 / 0.001999.
    const one = update(beginning(), [0.5, 0], 1);
    expectClose(one.value, [1 - (0.1 * 0.5) / (0.5 + 0.1), -2], 1e-6);
    expectClose(one.first, [0.05, 0], 1e-7);
    expectClose(one.second, [0.00025, 0], 1e-9);
    const two = update(one, [-0.25, 0], 2);
    const root = Math.sqrt(0.00031225 / 0.001999);
    expectClose(two.value, [1 - 0.05 / 0.6 - (0.1 * (0.02 / 0.19)) / (root + 0.1), -2], 1e-6);
    expectClose(two.second, [0.00031225, 0], 1e-9);
  });

  it('begins with a step of the learning rate against the sign of the gradient, however large that is', () => {
    const exact = { ...options, epsilon: 1e-8 };
    const { stepSize, secondCorrection } = adamScalars(1, 0.1, exact);
    const scalars = { stepSize: tf.scalar(stepSize), secondCorrection: tf.scalar(secondCorrection) };
    const { value } = adamUpdate(beginning(), tf.tensor1d([1000, -0.001]), { ...exact, ...scalars });
    expectClose(value, [0.9, -1.9]);
  });
});
