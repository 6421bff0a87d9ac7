/** Configurations of fields small enough for a test, and contexts of waves that they can read. */

import type { Context } from '../../../main/engine/context/context.ts';
import type { PathPoint } from '../../../main/engine/field/field.ts';
import { initialValues, type ParameterSpec } from '../../../main/engine/field/parameters.ts';
import type { NamedTensors } from '../../../main/engine/tensors.ts';
import { type FieldConfig, type RunConfigInput, runConfigSchema } from '../../../shared/config/config.ts';
import { tf } from '../../support/backend.ts';
import { wave } from './waves.ts';

/** Returns a configuration with 3 latents, width 8, 4 frequencies, 1 block, 2 heads, no dropout. */
export function smallField(changes: RunConfigInput['field'] = {}): FieldConfig {
  const size = { latents: 3, dim: 8, fourierFeatures: 4, fourierScale: 1, blocks: 1, heads: 2, dropout: 0 };
  const prediction = changes.residual === 'thin-plate' ? 'data' : 'velocity';
  return runConfigSchema.parse({ field: { ...size, ...changes }, path: { prediction } }).field;
}

/** Returns the context of 2 images, each with 3 observed pixels and 2 queries, with estimate and patch as the field requires. */
export function waveContext(config: FieldConfig): Context {
  const entries = 'patch' in config ? 4 * config.patch ** 2 : 0;
  return {
    observedCoords: wave('observedCoords', [2, 3, 2]),
    observedValues: wave('observedValues', [2, 3, 3]),
    queryCoords: wave('queryCoords', [2, 2, 2]),
    ...(config.residual === 'none' ? {} : { estimate: wave('estimate', [2, 2, 3]) }),
    ...(entries > 0 ? { patch: wave('patch', [2, 2, entries]) } : {}),
  };
}

/** Returns the states of two images at different times. */
export function wavePoint(): PathPoint {
  return { state: wave('state', [2, 2, 3]), time: tf.tensor1d([0.25, 0.003]) };
}

/** Returns the parameters with which a run begins. */
export function initialTensors(specs: readonly ParameterSpec[], seed = 42): NamedTensors {
  return Object.fromEntries(
    Object.entries(initialValues(specs, seed)).map(([name, { shape, values }]) => [
      name,
      tf.tensor(values, [...shape], 'float32'),
    ]),
  );
}

/** Returns the context of two images with every pixel queried, as a list and as a grid; the first two pixels of every row are observed. */
export function createGridContext(height: number, width: number): { context: Context; point: PathPoint } {
  const pixels = height * width;
  const mask = tf.concat([tf.ones([2, height, 2, 1]), tf.zeros([2, height, width - 2, 1])], 2);
  const colours = tf.reshape(wave('estimate', [2, pixels, 3]), [2, height, width, 3]);
  const observedGrid = tf.concat([mask, tf.mul(colours, mask)], 3);
  const observed = 2 * height;
  return {
    context: {
      observedCoords: wave('observedCoords', [2, observed, 2]),
      observedValues: wave('observedValues', [2, observed, 3]),
      queryCoords: wave('queryCoords', [2, pixels, 2]),
      estimate: wave('estimate', [2, pixels, 3]),
      observedGrid,
    },
    point: { state: wave('state', [2, pixels, 3]), time: tf.tensor1d([0.25, 0.003]) },
  };
}
