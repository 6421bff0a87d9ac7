/** What the layers of a network weigh and cost: the bricks of its size. */

import type { FieldConfig } from './config.ts';

/** Points of one training example. */
export interface Points {
  readonly observed: number;
  readonly queries: number;
}

/** A network, counted for one example. */
export interface NetworkCount {
  /** Trainable numbers. */
  readonly parameters: number;
  /** Fixed numbers that a checkpoint holds. */
  readonly buffers: number;
  /** Multiplications of the forward pass, matrix products and convolutions alone. */
  readonly products: number;
  /** Numbers that the forward pass keeps for the way back, counted coarsely: inputs of products, norms and nonlinearities. */
  readonly kept: number;
}

/** Weights and biases of a linear layer. */
export function countLinear(inputs: number, outputs: number): number {
  return inputs * outputs + outputs;
}

export function countNorm(dim: number, isAdaptive: boolean): number {
  return isAdaptive ? countLinear(dim, 2 * dim) : 2 * dim;
}

export function countEmbedding(features: number, dim: number): number {
  return countLinear(features, dim) + 2 * dim;
}

export function countAttention(dim: number): number {
  return 4 * countLinear(dim, dim);
}

/** With its norm; hidden width 4 · dim. */
function countMlp(dim: number, isAdaptive: boolean): number {
  return countNorm(dim, isAdaptive) + countLinear(dim, 4 * dim) + countLinear(4 * dim, dim);
}

/** Attention with its norm, and the MLP. */
export function countBlock(dim: number, isAdaptive: boolean): number {
  return countAttention(dim) + countNorm(dim, isAdaptive) + countMlp(dim, isAdaptive);
}

/** Numbers that stand for a place, and for a place with the patch around it: estimate, mask and all. */
export function pointWidths({ fourierFeatures, patch }: FieldConfig): { features: number; known: number } {
  const features = 2 * fourierFeatures;
  return { features, known: features + 4 * patch ** 2 };
}

/** Products and kept numbers of attention and MLP over so many points. */
export function work(dim: number, heads: number) {
  return {
    /** `repeats` separate attentions of `points` queries to `context` keys each. */
    attention: (points: number, context: number, repeats = 1) => ({
      products: repeats * (2 * (points + context) * dim ** 2 + 2 * points * context * dim),
      kept: repeats * (6 * points * dim + 2 * context * dim + 3 * heads * points * context),
    }),
    mlp: (points: number) => ({ products: 8 * points * dim ** 2, kept: 14 * points * dim }),
  };
}
