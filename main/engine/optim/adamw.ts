/**
 * Adam: Kingma & Ba 2015, algorithm 1, with ε added after the bias-corrected root as in PyTorch; and decoupled weight
 * decay: Loshchilov & Hutter 2019, "Decoupled weight decay regularization", algorithm 2, which neither the gradient nor its
 * moments see.
 */

import * as tf from '@tensorflow/tfjs-core';

export interface AdamOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** One parameter with its two moments, all of the same shape. */
export interface AdamSlot {
  readonly value: tf.Tensor;
  readonly first: tf.Tensor;
  readonly second: tf.Tensor;
}

/** Scalars of one update, computed in double precision from the step count, so that resuming needs no other state. */
export interface AdamScalars {
  /** learningRate / (1 − β₁ᵏ) */
  readonly stepSize: number;
  /** √(1 − β₂ᵏ) */
  readonly secondCorrection: number;
}

/** Returns the scalars of the `update`-th update, counted from 1. */
export function adamScalars(update: number, learningRate: number, options: AdamOptions): AdamScalars {
  return {
    stepSize: learningRate / (1 - options.beta1 ** update),
    secondCorrection: Math.sqrt(1 - options.beta2 ** update),
  };
}

/** Updates a parameter; `stepSize` and `secondCorrection` are scalar tensors, `gradient` has the parameter's shape. */
export function adamUpdate(
  slot: AdamSlot,
  gradient: tf.Tensor,
  options: AdamOptions & { stepSize: tf.Tensor; secondCorrection: tf.Tensor },
): AdamSlot {
  const first = tf.add(tf.mul(slot.first, options.beta1), tf.mul(gradient, 1 - options.beta1));
  const second = tf.add(tf.mul(slot.second, options.beta2), tf.mul(tf.square(gradient), 1 - options.beta2));
  // The correction of the root is moved into the two scalars (§2, last paragraph).
  const correctedStep = tf.mul(options.stepSize, options.secondCorrection);
  const correctedEpsilon = tf.mul(options.secondCorrection, options.epsilon);
  const quotient = tf.div(first, tf.add(tf.sqrt(second), correctedEpsilon));
  const value = tf.sub(slot.value, tf.mul(quotient, correctedStep));
  return { value, first, second };
}

/**
 * Returns whether a parameter decays: matrices and kernels of convolutions do, recognised by a name that ends in `.weight`
 * and at least two axes. Biases and gains of norms have one axis, embeddings such as latents another name.
 */
export function isDecayed({ name, shape }: { name: string; shape: readonly number[] }): boolean {
  return name.endsWith('.weight') && shape.length >= 2;
}

/** Returns 1 − η λ, the fraction of a decaying weight that remains before Adam moves it; η is the learning rate of the step. */
export function keptFraction(learningRate: number, weightDecay: number): number {
  return 1 - learningRate * weightDecay;
}

/** Returns the parameters, decaying ones multiplied by the scalar `kept`; without it nothing decays. */
export function decayWeights(
  parameters: readonly { readonly name: string; readonly value: tf.Tensor }[],
  kept: tf.Tensor | undefined,
): tf.Tensor[] {
  return parameters.map(({ name, value }) =>
    kept && isDecayed({ name, shape: value.shape }) ? tf.mul(value, kept) : value,
  );
}

/**
 * Returns the decay of the EMA of the weights (Polyak & Juditsky 1992) that is in effect at a step: min(decay,
 * (1 + step) / (10 + step)). It starts small, so that early weights are forgotten.
 */
export function averageDecayAt(step: number, decay: number): number {
  return Math.min(decay, (1 + step) / (10 + step));
}

/** Returns average · decay + value · (1 − decay); `decay` is a scalar tensor. */
export function updateAverage(average: tf.Tensor, value: tf.Tensor, decay: tf.Tensor): tf.Tensor {
  return tf.add(value, tf.mul(tf.sub(average, value), decay));
}
