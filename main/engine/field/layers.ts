/** Basic layers: linear, layer norm, GELU, SiLU, ReLU. Weights are [outputs, inputs] as in PyTorch. */

import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensors } from '../tensors.ts';

const layerNormEpsilon = 1e-5;

/** Returns x Wᵀ + b, [..., outputs], for x [..., inputs]. */
export function linear(parameters: NamedTensors, name: string, x: tf.Tensor): tf.Tensor {
  return affine(x, affineOf(parameters, name));
}

/** Returns scale · (x Wᵀ + b), with the factor applied to weight and bias, which are smaller than the activations. */
export function scaledLinear(
  parameters: NamedTensors,
  name: string,
  { x, scale }: { x: tf.Tensor; scale: number },
): tf.Tensor {
  const { weight, bias } = affineOf(parameters, name);
  return affine(x, { weight: tf.mul(weight, scale), bias: tf.mul(bias, scale) });
}

interface Affine {
  readonly weight: tf.Tensor;
  readonly bias: tf.Tensor;
}

function affineOf(parameters: NamedTensors, name: string): Affine {
  return { weight: parameters[`${name}.weight`], bias: parameters[`${name}.bias`] };
}

function affine(x: tf.Tensor, { weight, bias }: Affine): tf.Tensor {
  return reshapeRows(affineRows(x, { weight, bias }), x);
}

/** Returns x Wᵀ + b as a matrix, [rows, outputs]. */
function affineRows(x: tf.Tensor, { weight, bias }: Affine): tf.Tensor {
  const rows = tf.reshape(x, [-1, weight.shape[1] as number]) as tf.Tensor2D; // [rows, inputs]
  return tf.add(tf.matMul(rows, weight as tf.Tensor2D, false, true), bias);
}

/** Gives a matrix [rows, outputs] the leading axes of x. */
function reshapeRows(rows: tf.Tensor, x: tf.Tensor): tf.Tensor {
  return tf.reshape(rows, [...x.shape.slice(0, -1), rows.shape[1] as number]);
}

/**
 * Returns Linear₂(between(GELU(Linear₁(x)))), [..., outputs]. Where nothing is fused, the two factors √½ of GELU are moved
 * into the weights, which are far smaller than the activations.
 */
export function geluMlp(
  parameters: NamedTensors,
  names: { inner: string; outer: string },
  { x, between }: { x: tf.Tensor; between: (hidden: tf.Tensor) => tf.Tensor },
): tf.Tensor {
  if (isFused()) {
    const rows = affineRows(x, affineOf(parameters, names.inner));
    return linear(parameters, names.outer, between(reshapeRows(fusedGelu(rows), x)));
  }
  const scale = Math.SQRT1_2;
  const hidden = scaledGelu(scaledLinear(parameters, names.inner, { x, scale }));
  const { weight, bias } = affineOf(parameters, names.outer);
  return affine(between(hidden), { weight: tf.mul(weight, scale), bias });
}

/** Whether no gradient is taken, and TensorFlow, whose optimizer fuses operations, computes. */
function isFused(): boolean {
  return tf.engine().state.gradientDepth === 0 && tf.getBackend() === 'tensorflow';
}

/**
 * Returns GELU(y), [rows, outputs], of a matrix product with a bias. TensorFlow's optimizer computes all three in one pass if
 * the operations are exactly these: sampling takes 4 to 11 % less time.
 */
function fusedGelu(y: tf.Tensor): tf.Tensor {
  return tf.mul(tf.mul(tf.add(tf.erf(tf.mul(y, Math.SQRT1_2)), 1), 0.5), y);
}

/** Returns the layer norm of x over its last axis, with gain and bias. */
export function layerNorm(parameters: NamedTensors, name: string, x: tf.Tensor): tf.Tensor {
  return tf.add(tf.mul(normalise(x), parameters[`${name}.weight`]), parameters[`${name}.bias`]);
}

/**
 * Returns (x − mean) / √(variance + ε) over the last axis. The gradient is written explicitly, because the derived one needs
 * three times as many operations: dx = (dy − mean(dy) − x̂ · mean(dy · x̂)) / √(variance + ε).
 */
export const normalise = tf.customGrad((x, save) => {
  const input = x as tf.Tensor;
  const centred = tf.sub(input, rowMean(input));
  const inverseDeviation = tf.rsqrt(tf.add(rowMean(tf.square(centred)), layerNormEpsilon));
  const value = tf.mul(centred, inverseDeviation);
  (save as tf.GradSaveFunc)([value, inverseDeviation]);
  const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
    const [normalised, scale] = saved;
    const projection = tf.mul(normalised, rowMean(tf.mul(dy, normalised)));
    return [tf.mul(tf.sub(tf.sub(dy, rowMean(dy)), projection), scale)];
  };
  return { value, gradFunc };
});

/** Returns the mean over the last axis, [..., dim] → [..., 1], as a product with a column of 1 / dim: twice as fast as a reduction. */
function rowMean(x: tf.Tensor): tf.Tensor {
  const dim = x.shape.at(-1) as number;
  const rows = tf.reshape(x, [-1, dim]) as tf.Tensor2D;
  const mean = tf.matMul(rows, tf.fill([dim, 1], 1 / dim) as tf.Tensor2D);
  return tf.reshape(mean, [...x.shape.slice(0, -1), 1]);
}

/**
 * Returns x Φ(x), the exact form with erf (Hendrycks & Gimpel 2016), as √½ · g(√½ x) with g(u) = u (1 + erf u), so that
 * `geluMlp` can move the two scale factors into the matrices around it.
 */
export function gelu(x: tf.Tensor): tf.Tensor {
  return tf.mul(scaledGelu(tf.mul(x, Math.SQRT1_2)), Math.SQRT1_2);
}

/** g(u) = u (1 + erf u) with its gradient 1 + erf u + u · (2/√π) e^(−u²), written in as few passes as possible. */
const scaledGelu = tf.customGrad((u, save) => {
  const input = u as tf.Tensor;
  const gate = tf.add(tf.erf(input), 1);
  (save as tf.GradSaveFunc)([input, gate]);
  const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
    const [at, open] = saved;
    // (2/√π) e^(−u²), with the factor moved into the exponent.
    const slope = tf.exp(tf.sub(Math.log(2 / Math.sqrt(Math.PI)), tf.square(at)));
    return [tf.mul(dy, tf.add(open, tf.mul(at, slope)))];
  };
  return { value: tf.mul(input, gate), gradFunc };
});

/** Returns x σ(x). */
export function silu(x: tf.Tensor): tf.Tensor {
  return tf.mul(x, tf.sigmoid(x));
}

/** Returns max(x, 0). The gradient dy · sign(y) is written explicitly, because the derived one takes three times as many passes. */
export const relu = tf.customGrad((x, save) => {
  const value = tf.relu(x as tf.Tensor);
  (save as tf.GradSaveFunc)([value]);
  return { value, gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => [tf.mul(dy, tf.sign(saved[0]))] };
});
