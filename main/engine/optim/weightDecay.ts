/**
 * Decoupled weight decay: Loshchilov & Hutter 2019, "Decoupled weight decay regularization", algorithm 2 (AdamW). The
 * gradient and its moments know nothing of it.
 */

import * as tf from '@tensorflow/tfjs-core';

/**
 * Whether a parameter decays: only what multiplies features, matrices and kernels of convolutions. By name and shape: the
 * `weight` of a layer with at least two axes. Biases and gains of norms have one, embeddings such as latents another name.
 */
export function isDecayed({ name, shape }: { name: string; shape: readonly number[] }): boolean {
  return name.endsWith('.weight') && shape.length >= 2;
}

/** What is left of a decaying weight after a step, before Adam moves it: 1 − η λ, η the learning rate of the step. */
export function keptShare(learningRate: number, weightDecay: number): number {
  return 1 - learningRate * weightDecay;
}

/** The parameters with those that decay made smaller; `kept` is the scalar tensor of keptShare, absent where nothing decays. */
export function decayWeights(
  parameters: readonly { readonly name: string; readonly value: tf.Tensor }[],
  kept: tf.Tensor | undefined,
): tf.Tensor[] {
  return parameters.map(({ name, value }) =>
    kept && isDecayed({ name, shape: value.shape }) ? tf.mul(value, kept) : value,
  );
}
