/** A field small enough for a test, and a context of waves that it can read. */

import type { PathPoint } from '../../../main/engine/field/field.ts';
import { initialValues, type ParameterSpec } from '../../../main/engine/field/parameters.ts';
import { type RunConfigInput, type FieldConfig, runConfigSchema } from '../../../shared/config/config.ts';
import { tf } from '../../support/backend.ts';
import { wave } from './waves.ts';
import type { Context } from '../../../main/engine/context/context.ts';
import type { NamedTensors } from '../../../main/engine/tensors.ts';

/** Width 8, 1 block, and what the network has of 3 latents, 4 frequencies, 2 heads, no dropout. */
export function smallField(changes: RunConfigInput['field'] = {}): FieldConfig {
  const size = { latents: 3, dim: 8, fourierFeatures: 4, fourierScale: 1, blocks: 1, heads: 2, dropout: 0 };
  const prediction = changes.residual === 'thin-plate' ? 'data' : 'velocity';
  return runConfigSchema.parse({ field: { ...size, ...changes }, path: { prediction } }).field;
}

/** 2 images, each with 3 observed pixels and 2 queries; estimate and patch as the field asks. */
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

/** A state at two different times. */
export function wavePoint(): PathPoint {
  return { state: wave('state', [2, 2, 3]), time: tf.tensor1d([0.25, 0.003]) };
}

/** Parameters as a run begins with them. */
export function initialTensors(specs: readonly ParameterSpec[], seed = 42): NamedTensors {
  return Object.fromEntries(
    Object.entries(initialValues(specs, seed)).map(([name, { shape, values }]) => [
      name,
      tf.tensor(values, [...shape], 'float32'),
    ]),
  );
}
