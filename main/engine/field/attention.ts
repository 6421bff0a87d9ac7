/** Multi-head attention: Vaswani et al. 2017, §3.2. Heads split the last axis in order; scale = headDim^−½. */

import * as tf from '@tensorflow/tfjs-core';
import type { Dropout } from './dropout.ts';
import { linear, scaledLinear } from './layers.ts';
import { linearSpecs, type NamedTensors, type ParameterSpec } from './parameters.ts';

/** Parameters of one attention: four projections dim → dim. */
export function attentionSpecs(name: string, dim: number): ParameterSpec[] {
  return ['q_proj', 'k_proj', 'v_proj', 'out_proj'].flatMap((projection) =>
    linearSpecs(`${name}.${projection}`, { inputs: dim, outputs: dim }),
  );
}

export interface AttentionInput {
  /** [B, Nq, dim] */
  readonly queries: tf.Tensor;
  /** Keys and values are projections of this: [B, Nk, dim]. */
  readonly context: tf.Tensor;
  readonly heads: number;
  readonly dropout: Dropout;
}

/** softmax(Q Kᵀ / √headDim) V, projected; [B, Nq, dim]. */
export function attention(parameters: NamedTensors, name: string, input: AttentionInput): tf.Tensor {
  const { heads, dropout } = input;
  const headDim = (input.queries.shape[2] as number) / heads;
  // The small projection is scaled instead of the scores.
  const scaled = scaledLinear(parameters, `${name}.q_proj`, {
    x: input.queries,
    scale: 1 / Math.sqrt(headDim),
  });
  const q = splitHeads(scaled, heads); // [B, H, Nq, d]
  const k = splitHeads(linear(parameters, `${name}.k_proj`, input.context), heads); // [B, H, Nk, d]
  const v = splitHeads(linear(parameters, `${name}.v_proj`, input.context), heads);
  const weights = tf.softmax(tf.matMul(q, k, false, true)); // [B, H, Nq, Nk]
  const mixed = mergeHeads(tf.matMul(dropout(weights), v)); // [B, Nq, dim]
  return linear(parameters, `${name}.out_proj`, mixed);
}

function splitHeads(x: tf.Tensor, heads: number): tf.Tensor {
  const [batch, points, dim] = x.shape;
  return tf.transpose(tf.reshape(x, [batch, points, heads, dim / heads]), [0, 2, 1, 3]);
}

function mergeHeads(x: tf.Tensor): tf.Tensor {
  const [batch, heads, points, headDim] = x.shape;
  return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [batch, points, heads * headDim]);
}
