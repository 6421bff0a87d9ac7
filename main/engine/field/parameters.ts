/** Parameters of a network: their names and shapes, and how they are initialised. */

import { randomNormals, randomUniforms } from '../../../shared/numbers/random.ts';
import type { NamedArrays } from '../tensors.ts';

/** `uniform` = U(−scale, scale), `normal` = N(0, scale²), `constant` = scale everywhere. */
export interface Initial {
  readonly law: 'uniform' | 'normal' | 'constant';
  readonly scale: number;
}

export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initial: Initial;
  /** False for fixed buffers such as Fourier frequencies, which are stored with the run but never trained. */
  readonly isTrainable: boolean;
}

/** Specifies a weight [outputs, inputs] and a bias [outputs], both U(−1/√inputs, 1/√inputs) as in PyTorch, or zero. */
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

/** Specifies a gain [dim] of ones and a bias [dim] of zeros. */
export function layerNormSpecs(name: string, dim: number): ParameterSpec[] {
  const constant = (scale: number): Initial => ({ law: 'constant', scale });
  return [
    { name: `${name}.weight`, shape: [dim], initial: constant(1), isTrainable: true },
    { name: `${name}.bias`, shape: [dim], initial: constant(0), isTrainable: true },
  ];
}

/** Samples the initial values. Parameter i of the list uses a counter of its own, so that appending one changes no other. */
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

/** Returns how many trainable numbers a network has. */
export function countParameters(field: { readonly parameters: readonly ParameterSpec[] }): number {
  return field.parameters
    .filter((spec) => spec.isTrainable)
    .reduce((sum, spec) => sum + spec.shape.reduce((product, length) => product * length, 1), 0);
}
