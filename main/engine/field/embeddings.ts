/** Embeddings of coordinates, of the path's time and of the size of a step. */

import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensors } from '../tensors.ts';
import type { PathPoint } from './field.ts';
import { linear, silu } from './layers.ts';
import { linearSpecs, type ParameterSpec } from './parameters.ts';

/**
 * Returns [sin(2π c Bᵀ), cos(2π c Bᵀ)], [B, N, 2F], for coordinates c [B, N, 2] and frequencies B [F, 2]: Gaussian Fourier
 * features, Tancik et al. 2020, "Fourier features let networks learn high frequency functions", eq. 5.
 */
export function fourierFeatures(coords: tf.Tensor, frequencies: tf.Tensor): tf.Tensor {
  const [batch, points] = coords.shape;
  const flat = tf.reshape(coords, [-1, 2]) as tf.Tensor2D;
  const phase = tf.mul(tf.matMul(flat, frequencies as tf.Tensor2D, false, true), 2 * Math.PI); // [B·N, F]
  return tf.reshape(tf.concat([tf.sin(phase), tf.cos(phase)], 1), [batch, points, -1]);
}

/** Specifies the fixed frequencies [F, 2] of the Fourier features, N(0, scale²). */
export function frequencySpec(
  name: string,
  { fourierFeatures: count, fourierScale: scale }: { fourierFeatures: number; fourierScale: number },
): ParameterSpec {
  return { name, shape: [count, 2], initial: { law: 'normal', scale }, isTrainable: false };
}

/** Adaptive networks embed 1000 · t, so that the periods of the sinusoids match the length of the path. */
export const adaptiveTimeScale = 1000;

/**
 * Returns sin, then cos of scale · t · exp(−i · ln 10000 / (half − 1)), i < half = dim / 2, for `time` [B]; the result is
 * [B, dim]. Vaswani et al. 2017, §3.5, with the exponent over half − 1.
 */
export function sinusoidalEmbedding(time: tf.Tensor, dim: number, scale = 1): tf.Tensor {
  const half = dim / 2;
  const frequencies = Float32Array.from({ length: half }, (_, index) =>
    Math.exp((-index * Math.log(10000)) / (half - 1)),
  );
  const scaled = scale === 1 ? time : tf.mul(time, scale);
  const phase = tf.mul(tf.reshape(scaled, [-1, 1]), tf.tensor2d(frequencies, [1, half])); // [B, half]
  return tf.concat([tf.sin(phase), tf.cos(phase)], 1);
}

/** Specifies the parameters of `timeVector` for the time. */
export function timeVectorSpecs(dim: number): ParameterSpec[] {
  return ['time_in', 'time_out'].flatMap((name) => linearSpecs(name, { inputs: dim, outputs: dim }));
}

/** Specifies the parameters of `timeVector` for the step; a network lists them last, so that its other parameters start as they do without them. */
export function stepVectorSpecs({
  dim,
  stepConditioning,
}: {
  readonly dim: number;
  readonly stepConditioning: boolean;
}): ParameterSpec[] {
  if (!stepConditioning) return [];
  return [
    ...linearSpecs('step_in', { inputs: dim, outputs: dim }),
    ...linearSpecs('step_out', { inputs: dim, outputs: dim, initial: 'zero' }),
  ];
}

/** Returns Linear(SiLU(Linear(sinusoid(scale · t)))), [B, dim], plus the same of the step if given; steps of 0 add exactly nothing. */
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
  const hasStep = tf.reshape(tf.sign(step), [-1, 1]);
  return tf.add(vector, tf.mul(embed('step', step), hasStep));
}
