/** Test values that any language can reproduce from a name, and comparisons of tensors with expected values. */

import type { Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import type { ParameterSpec } from '../../../main/engine/field/parameters.ts';
import { tf } from '../../support/backend.ts';
import type { NamedTensors } from '../../../main/engine/tensors.ts';

/** Returns scale · sin(1.7 k + 0.05 k² + 0.9 p + 0.3) as the k-th value, where p is the sum of the name's character codes modulo 97. */
export function wave(name: string, shape: readonly number[], scale = 0.9): Tensor {
  const phase = [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 97;
  const count = shape.reduce((product, length) => product * length, 1);
  const values = Float32Array.from(
    { length: count },
    (_, k) => scale * Math.sin(1.7 * k + 0.05 * k * k + 0.9 * phase + 0.3),
  );
  return tf.tensor(values, [...shape], 'float32');
}

/** Returns every parameter as the wave of its name. */
export function waveParameters(specs: readonly ParameterSpec[]): NamedTensors {
  return Object.fromEntries(specs.map(({ name, shape }) => [name, wave(name, shape)]));
}

/** Expects all values to be within `tolerance` of the expected ones, relative to the largest of them if that is above 1. */
export function expectClose(
  found: Tensor | ArrayLike<number>,
  expected: Tensor | ArrayLike<number>,
  tolerance = 1e-5,
): void {
  const actual = numbersOf(found);
  const wanted = numbersOf(expected);
  expect(actual).toHaveLength(wanted.length);
  const bound = tolerance * Math.max(1, ...wanted.map(Math.abs));
  const wrong = actual.findIndex((value, index) => !(Math.abs(value - wanted[index]) <= bound));
  if (wrong >= 0) expect.fail(`Value ${wrong} is ${actual[wrong]}, expected ${wanted[wrong]} ± ${bound}.`);
}

export function numbersOf(values: Tensor | ArrayLike<number>): number[] {
  return Array.from('dataSync' in values ? values.dataSync() : values);
}
