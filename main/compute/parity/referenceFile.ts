/** Reads a reference file of the safetensors layout as tensors by name. */

import * as tf from '@tensorflow/tfjs-core';
import { perceiver, type PerceiverConfig } from '../../../shared/config/networks/perceiver.ts';
import { readSafetensors } from '../../store/files/safetensors.ts';
import type { NamedArrays, NamedTensors } from '../../engine/tensors.ts';

export interface ReferenceFile {
  readonly metadata: Readonly<Record<string, string>>;
  readonly arrays: NamedArrays;
}

/** All tensors of a file as float32 arrays. @throws Error naming the file when it is damaged. */
export function readReference(path: string): ReferenceFile {
  const { metadata, tensors } = readSafetensors(path);
  const arrays = Object.fromEntries(
    Array.from(tensors, ([name, { shape, data }]) => [
      name,
      { shape, values: Float32Array.from(data, Number) },
    ]),
  );
  return { metadata, arrays };
}

/** The tensors whose names start with `prefix`, without it. */
export function tensorsWithPrefix(file: ReferenceFile, prefix: string): NamedTensors {
  return Object.fromEntries(
    Object.entries(file.arrays)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, { shape, values }]) => [
        name.slice(prefix.length),
        tf.tensor(values, [...shape], 'float32'),
      ]),
  );
}

/** Expected values by name. @throws Error when the file has none of that name. */
export function expectedValues(file: ReferenceFile, name: string): Float32Array {
  const found = file.arrays[name];
  if (!found) throw new Error(`The reference file has no tensor "${name}": is it made for this version?`);
  return found.values;
}

/**
 * The largest |value| of all tensors whose names start with `prefix`. Gradients and final parameters are measured
 * against it: float32 rounding of a gradient follows the largest terms of the whole backward pass, and against a float64
 * computation the reference's own smallest gradients are off by 1e-4 of themselves.
 */
export function scaleOf(file: ReferenceFile, prefix: string): number {
  const names = Object.keys(file.arrays).filter((name) => name.startsWith(prefix));
  return Math.max(...names.map((name) => largestMagnitude(file.arrays[name].values)));
}

/** The notebook's network at the size the file names in its metadata. */
export function fieldConfigOf(file: ReferenceFile): PerceiverConfig {
  const size = JSON.parse(file.metadata['config'] ?? '{}') as Record<string, number>;
  return perceiver.schema.parse({
    kind: 'perceiver',
    latents: size['num_latents'],
    dim: size['latent_dim'],
    fourierFeatures: size['num_fourier_feats'],
    blocks: size['num_blocks'],
    heads: size['num_heads'],
    dropout: 0,
  });
}

/** A type, not an interface: only then may it leave a `tf.tidy` scope. */
export type ParityCheck = {
  readonly name: string;
  /** Largest absolute difference over largest absolute value, unless the check says otherwise. */
  readonly error: number;
  readonly tolerance: number;
  readonly ok: boolean;
};

export interface SkippedCheck {
  readonly name: string;
  readonly reason: string;
}

/** A check from a measured error; an error that is not a number fails. */
export function checkError(name: string, error: number, tolerance: number): ParityCheck {
  return { name, error, tolerance, ok: error <= tolerance };
}

/**
 * max |found − expected| / scale, where the scale is max |expected| unless given; absolute where the scale is 0, infinite
 * where the lengths differ.
 */
export function compareArrays(
  name: string,
  arrays: { found: ArrayLike<number>; expected: ArrayLike<number>; scale?: number },
  tolerance: number,
): ParityCheck {
  const { found, expected } = arrays;
  if (found.length !== expected.length) return checkError(name, Number.POSITIVE_INFINITY, tolerance);
  let difference = 0;
  for (let index = 0; index < expected.length; index++) {
    // Math.max keeps NaN, whatever follows: the check then fails.
    difference = Math.max(difference, Math.abs(found[index] - expected[index]));
  }
  const scale = arrays.scale ?? largestMagnitude(expected);
  return checkError(name, scale > 0 ? difference / scale : difference, tolerance);
}

/** max |value|; 0 for nothing. */
export function largestMagnitude(values: ArrayLike<number>): number {
  let largest = 0;
  for (let index = 0; index < values.length; index++) largest = Math.max(largest, Math.abs(values[index]));
  return largest;
}
