/** Reads a reference file of the safetensors layout as tensors by name. */

import * as tf from '@tensorflow/tfjs-core';
import { type FieldConfig, runConfigSchema } from '../../../shared/config/config.ts';
import type { NamedArrays, NamedTensors } from '../../engine/field/parameters.ts';
import { readSafetensors } from '../../store/files/safetensors.ts';
import { largestMagnitude } from './parityCheck.ts';

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
export function fieldConfigOf(file: ReferenceFile): FieldConfig {
  const size = JSON.parse(file.metadata['config'] ?? '{}') as Record<string, number>;
  return runConfigSchema.parse({
    field: {
      latents: size['num_latents'],
      dim: size['latent_dim'],
      fourierFeatures: size['num_fourier_feats'],
      blocks: size['num_blocks'],
      heads: size['num_heads'],
      dropout: 0,
    },
  }).field;
}
