/** Numbers that any language can make again from a name, and comparison of tensors with expected numbers. */

import type { Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import type { ParameterSpec } from '../../../main/engine/field/parameters.ts';
import { tf } from '../../support/backend.ts';
import type { NamedTensors } from '../../../main/engine/tensors.ts';

/** scale · sin(1.7 k + 0.05 k² + 0.9 p + 0.3) for the k-th number, with p = sum of the name's character codes modulo 97. */
export function wave(name: string, shape: readonly number[], scale = 0.9): Tensor {
  const phase = [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 97;
  const count = shape.reduce((product, length) => product * length, 1);
  const values = Float32Array.from(
    { length: count },
    (_, k) => scale * Math.sin(1.7 * k + 0.05 * k * k + 0.9 * phase + 0.3),
  );
  return tf.tensor(values, [...shape], 'float32');
}

/** Every parameter as the wave of its name. */
export function waveParameters(specs: readonly ParameterSpec[]): NamedTensors {
  return Object.fromEntries(specs.map(({ name, shape }) => [name, wave(name, shape)]));
}

/** All numbers are within `tolerance` of the expected ones, times the largest expected magnitude where that is above 1. */
export function expectClose(
  found: Tensor | ArrayLike<number>,
  expected: Tensor | ArrayLike<number>,
  tolerance = 1e-5,
): void {
  const [a, b] = [numbersOf(found), numbersOf(expected)];
  expect(a).toHaveLength(b.length);
  const scale = Math.max(1, ...b.map(Math.abs));
  const wrong = a.findIndex((value, index) => !(Math.abs(value - b[index]) <= tolerance * scale));
  if (wrong >= 0) expect.fail(`Number ${wrong} is ${a[wrong]}, expected ${b[wrong]} ± ${tolerance * scale}.`);
}

export function numbersOf(of: Tensor | ArrayLike<number>): number[] {
  return Array.from('dataSync' in of ? of.dataSync() : of);
}
