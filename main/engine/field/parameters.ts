/** Named parameters of a network: their shapes, how they start, and how they become tensors. */

import * as tf from '@tensorflow/tfjs-core';
import { randomNormals, randomUniforms } from '../../../shared/numbers/random.ts';

export type NamedTensors = Readonly<Record<string, tf.Tensor>>;

/** A float32 array with its shape: what a tensor is outside the backend. */
export interface NamedArray {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}
export type NamedArrays = Readonly<Record<string, NamedArray>>;

/** The tensor of an array; the caller owns it. */
export function toTensor({ shape, values }: NamedArray): tf.Tensor {
  return tf.tensor(values, [...shape], 'float32');
}

export function toTensors(arrays: NamedArrays): NamedTensors {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, toTensor(array)]));
}

/** `uniform` = U(−scale, scale), `normal` = N(0, scale²), `constant` = scale everywhere. */
export interface Initial {
  readonly law: 'uniform' | 'normal' | 'constant';
  readonly scale: number;
}

export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initial: Initial;
  /** False for fixed buffers such as Fourier frequencies: stored with the run, never trained. */
  readonly isTrainable: boolean;
}

/** Weight [outputs, inputs] and bias [outputs], both U(−1/√inputs, 1/√inputs) as in PyTorch, or zero. */
export function linearSpecs(
  name: string,
  size: { inputs: number; outputs: number; initial?: 'uniform' | 'zero' },
): ParameterSpec[] {
  const bound = 1 / Math.sqrt(size.inputs);
  const initial: Initial =
    size.initial === 'zero' ? { law: 'constant', scale: 0 } : { law: 'uniform', scale: bound };
  return [
    { name: `${name}.weight`, shape: [size.outputs, size.inputs], initial, isTrainable: true },
    { name: `${name}.bias`, shape: [size.outputs], initial, isTrainable: true },
  ];
}

/** Gain [dim] = 1 and bias [dim] = 0. */
export function layerNormSpecs(name: string, dim: number): ParameterSpec[] {
  const constant = (scale: number): Initial => ({ law: 'constant', scale });
  return [
    { name: `${name}.weight`, shape: [dim], initial: constant(1), isTrainable: true },
    { name: `${name}.bias`, shape: [dim], initial: constant(0), isTrainable: true },
  ];
}

/** Initial values; parameter number i of the list draws from its own counter, so adding one moves no other. */
export function initialValues(specs: readonly ParameterSpec[], seed: number): NamedArrays {
  return Object.fromEntries(
    specs.map((spec, index) => {
      const size = spec.shape.reduce((product, length) => product * length, 1);
      return [spec.name, { shape: spec.shape, values: drawInitial(spec.initial, size, { seed, index }) }];
    }),
  );
}

function drawInitial(initial: Initial, size: number, at: { seed: number; index: number }): Float32Array {
  const key = { seed: at.seed, stream: 'initialisation', step: at.index } as const;
  if (initial.law === 'constant') return new Float32Array(size).fill(initial.scale);
  if (initial.law === 'normal') return randomNormals(key, size).map((value) => value * initial.scale);
  return randomUniforms(key, size).map((value) => (2 * value - 1) * initial.scale);
}
