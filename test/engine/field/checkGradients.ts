/** Compares gradients with finite differences, along one direction per parameter. */

import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import type { ParameterSpec } from '../../../main/engine/field/parameters.ts';
import { tf } from '../../support/backend.ts';
import { wave } from './waves.ts';
import type { NamedTensors } from '../../../main/engine/tensors.ts';

/** Large enough for float32 to resolve the change of the loss, small enough for the loss to be nearly linear. */
const step = 1e-2;

/** Expects gradient · direction to equal (loss(+) − loss(−)) / (2 step) for every trainable parameter, within 2 % of the largest. */
export function checkGradients(
  parameters: NamedTensors,
  specs: readonly ParameterSpec[],
  lossOf: (parameters: NamedTensors) => Tensor,
): void {
  const names = specs.filter(({ isTrainable }) => isTrainable).map(({ name }) => name);
  const gradients = tf.grads((...tensors) => {
    const current = Object.fromEntries(names.map((name, index) => [name, tensors[index]]));
    return lossOf({ ...parameters, ...current }) as Scalar;
  })(names.map((name) => parameters[name]));
  const pairs = names.map((name, index) => {
    const direction = wave(`${name} direction`, parameters[name].shape, 1);
    const unit = tf.div(direction, tf.norm(direction));
    const at = (factor: number) =>
      lossOf({ ...parameters, [name]: tf.add(parameters[name], tf.mul(unit, factor * step)) }).dataSync()[0];
    const found = tf.sum(tf.mul(gradients[index], unit)).dataSync()[0];
    return { name, found, expected: (at(1) - at(-1)) / (2 * step) };
  });
  const largest = Math.max(...pairs.map(({ expected }) => Math.abs(expected)));
  expect(largest).toBeGreaterThan(1e-4);
  const wrong = pairs.filter(({ found, expected }) => !(Math.abs(found - expected) <= 0.02 * largest));
  expect(wrong).toEqual([]);
}
