/**
 * Sinusoidal embedding of the path's time, and of the size of a step: Vaswani et al. 2017, §3.5, with the exponent over
 * half − 1.
 */

import * as tf from '@tensorflow/tfjs-core';
import type { FieldConfig } from '../../../shared/config/config.ts';
import type { PathPoint } from './field.ts';
import { linear, silu } from './layers.ts';
import { linearSpecs, type NamedTensors, type ParameterSpec } from './parameters.ts';

/** Adaptive networks see 1000 · t, so that the sinusoid's periods fit the path's length. */
export const adaptiveTimeScale = 1000;

/** sin then cos of scale · t · exp(−i · ln 10000 / (half − 1)), i < half = dim / 2. `time` is [B], the result [B, dim]. */
export function sinusoidalEmbedding(time: tf.Tensor, dim: number, scale = 1): tf.Tensor {
  const half = dim / 2;
  const frequencies = Float32Array.from({ length: half }, (_, index) =>
    Math.exp((-index * Math.log(10000)) / (half - 1)),
  );
  const scaled = scale === 1 ? time : tf.mul(time, scale);
  const phase = tf.mul(tf.reshape(scaled, [-1, 1]), tf.tensor2d(frequencies, [1, half])); // [B, half]
  return tf.concat([tf.sin(phase), tf.cos(phase)], 1);
}

/** Parameters of a time vector. */
export function timeVectorSpecs(dim: number): ParameterSpec[] {
  return ['time_in', 'time_out'].flatMap((name) => linearSpecs(name, { inputs: dim, outputs: dim }));
}

/** Parameters of a step's vector; they come last in a network, so that the others start as they do without them. */
export function stepVectorSpecs({
  dim,
  stepConditioning,
}: Pick<FieldConfig, 'dim' | 'stepConditioning'>): ParameterSpec[] {
  if (!stepConditioning) return [];
  return [
    ...linearSpecs('step_in', { inputs: dim, outputs: dim }),
    ...linearSpecs('step_out', { inputs: dim, outputs: dim, initial: 'zero' }),
  ];
}

/** Linear(SiLU(Linear(sinusoid(scale · t)))), and as much of the step: [B] → [B, dim]. Steps of 0 add nothing, ever. */
export function timeVector(
  parameters: NamedTensors,
  { time, step }: Pick<PathPoint, 'time' | 'step'>,
  of: { dim: number; scale: number },
): tf.Tensor {
  const embed = (name: string, x: tf.Tensor) => {
    const embedded = sinusoidalEmbedding(x, of.dim, of.scale);
    return linear(parameters, `${name}_out`, silu(linear(parameters, `${name}_in`, embedded)));
  };
  const vector = embed('time', time);
  if (!step) return vector;
  const isStep = tf.reshape(tf.sign(step), [-1, 1]);
  return tf.add(vector, tf.mul(embed('step', step), isStep));
}
