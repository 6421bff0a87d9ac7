/** The layers every field is made of: linear, layer norm, GELU, SiLU. Weights are [outputs, inputs] as in PyTorch. */

import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensors } from './parameters.ts';

const layerNormEpsilon = 1e-5;

/** y = x Wᵀ + b for x [..., inputs]; the result is [..., outputs]. */
export function linear(parameters: NamedTensors, name: string, x: tf.Tensor): tf.Tensor {
  const weight = parameters[`${name}.weight`] as tf.Tensor2D;
  const [outputs, inputs] = weight.shape;
  const rows = tf.reshape(x, [-1, inputs]) as tf.Tensor2D; // [rows, inputs]
  const y = tf.add(tf.matMul(rows, weight, false, true), parameters[`${name}.bias`]); // [rows, outputs]
  return tf.reshape(y, [...x.shape.slice(0, -1), outputs]);
}

/** Layer norm over the last axis with gain and bias. */
export function layerNorm(parameters: NamedTensors, name: string, x: tf.Tensor): tf.Tensor {
  return tf.add(tf.mul(normalise(x), parameters[`${name}.weight`]), parameters[`${name}.bias`]);
}

/**
 * (x − mean) / √(variance + ε) over the last axis. The gradient is written out, because the derived one needs three
 * times the operations: dx = (dy − mean(dy) − x̂ · mean(dy · x̂)) / √(variance + ε).
 */
export const normalise = tf.customGrad((x, save) => {
  const input = x as tf.Tensor;
  const centred = tf.sub(input, tf.mean(input, -1, true));
  const inverseDeviation = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), layerNormEpsilon));
  const value = tf.mul(centred, inverseDeviation);
  (save as tf.GradSaveFunc)([value, inverseDeviation]);
  const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
    const [normalised, scale] = saved;
    const projection = tf.mul(normalised, tf.mean(tf.mul(dy, normalised), -1, true));
    return [tf.mul(tf.sub(tf.sub(dy, tf.mean(dy, -1, true)), projection), scale)];
  };
  return { value, gradFunc };
});

/** x Φ(x), the exact form with erf (Hendrycks & Gimpel 2016). Gradient Φ(x) + x φ(x), written out. */
export const gelu = tf.customGrad((x, save) => {
  const input = x as tf.Tensor;
  const cumulative = tf.mul(tf.add(tf.erf(tf.mul(input, Math.SQRT1_2)), 1), 0.5);
  (save as tf.GradSaveFunc)([input, cumulative]);
  const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
    const [at, phi] = saved;
    const density = tf.mul(tf.exp(tf.mul(tf.square(at), -0.5)), 1 / Math.sqrt(2 * Math.PI));
    return [tf.mul(dy, tf.add(phi, tf.mul(at, density)))];
  };
  return { value: tf.mul(input, cumulative), gradFunc };
});

/** x σ(x). */
export function silu(x: tf.Tensor): tf.Tensor {
  return tf.mul(x, tf.sigmoid(x));
}
