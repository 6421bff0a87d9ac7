/** Adam: Kingma & Ba 2015, algorithm 1, with ε added after the bias-corrected root as in PyTorch. State is keyed by parameter name. */

import * as tf from '@tensorflow/tfjs-core';

export interface AdamOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** One parameter with its two moments, all of one shape. */
export interface AdamSlot {
  readonly value: tf.Tensor;
  readonly first: tf.Tensor;
  readonly second: tf.Tensor;
}

/** Scalars of one step, computed in double precision from the step count, so that resuming needs nothing else. */
export interface AdamScalars {
  /** learningRate / (1 − β₁ᵏ) */
  readonly stepSize: number;
  /** √(1 − β₂ᵏ) */
  readonly secondCorrection: number;
}

/** Scalars of the `update`-th update, counted from 1. */
export function adamScalars(update: number, learningRate: number, options: AdamOptions): AdamScalars {
  return {
    stepSize: learningRate / (1 - options.beta1 ** update),
    secondCorrection: Math.sqrt(1 - options.beta2 ** update),
  };
}

/** One update; `stepSize` and `secondCorrection` are scalar tensors, `gradient` has the parameter's shape. */
export function adamUpdate(
  slot: AdamSlot,
  gradient: tf.Tensor,
  options: AdamOptions & { stepSize: tf.Tensor; secondCorrection: tf.Tensor },
): AdamSlot {
  const first = tf.add(tf.mul(slot.first, options.beta1), tf.mul(gradient, 1 - options.beta1));
  const second = tf.add(tf.mul(slot.second, options.beta2), tf.mul(tf.square(gradient), 1 - options.beta2));
  // The correction of the root is moved into the two scalars beside it (§2, last paragraph).
  const correctedStep = tf.mul(options.stepSize, options.secondCorrection);
  const correctedEpsilon = tf.mul(options.secondCorrection, options.epsilon);
  const quotient = tf.div(first, tf.add(tf.sqrt(second), correctedEpsilon));
  const value = tf.sub(slot.value, tf.mul(quotient, correctedStep));
  return { value, first, second };
}
