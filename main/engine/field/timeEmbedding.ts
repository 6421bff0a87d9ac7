/** Sinusoidal embedding of the path's time: Vaswani et al. 2017, §3.5, with the exponent over half − 1. */

import * as tf from '@tensorflow/tfjs-core';
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

/** Linear(SiLU(Linear(sinusoid(scale · t)))): [B] → [B, dim]. */
export function timeVector(
  parameters: NamedTensors,
  time: tf.Tensor,
  of: { dim: number; scale: number },
): tf.Tensor {
  const embedded = sinusoidalEmbedding(time, of.dim, of.scale);
  return linear(parameters, 'time_out', silu(linear(parameters, 'time_in', embedded)));
}
