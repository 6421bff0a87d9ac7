/** Attention blocks, as all networks over points use them: attention, feed-forward layers, and norms modulated by time. */

import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensors } from '../tensors.ts';
import type { Dropout } from './dropout.ts';
import { geluMlp, layerNorm, linear, normalise, scaledLinear, silu } from './layers.ts';
import { layerNormSpecs, linearSpecs, type ParameterSpec } from './parameters.ts';

/** Options of a block: heads, dropout, and the time vector [B, dim] for norms that are modulated by it. */
export interface BlockOptions {
  readonly heads: number;
  readonly dropout: Dropout;
  readonly time: tf.Tensor | null;
}

/** Specifies the four projections dim → dim of an attention. */
export function attentionSpecs(name: string, dim: number): ParameterSpec[] {
  return ['q_proj', 'k_proj', 'v_proj', 'out_proj'].flatMap((projection) =>
    linearSpecs(`${name}.${projection}`, { inputs: dim, outputs: dim }),
  );
}

/** Specifies an MLP with one hidden layer of width 4 · dim, and its norm. */
export function mlpSpecs(block: string, dim: number, isAdaptive: boolean): ParameterSpec[] {
  return [
    ...normSpecs(`${block}.mlp_norm`, dim, isAdaptive),
    ...linearSpecs(`${block}.mlp_in`, { inputs: dim, outputs: 4 * dim }),
    ...linearSpecs(`${block}.mlp_out`, { inputs: 4 * dim, outputs: dim }),
  ];
}

/** Specifies a norm with gain and bias of its own or, if adaptive, with both computed from the time vector, initially the plain norm. */
export function normSpecs(name: string, dim: number, isAdaptive: boolean): ParameterSpec[] {
  if (!isAdaptive) return layerNormSpecs(name, dim);
  return linearSpecs(`${name}.modulation`, { inputs: dim, outputs: 2 * dim, initial: 'zero' });
}

export interface AttentionInput {
  /** [B, Nq, dim] */
  readonly queries: tf.Tensor;
  /** Keys and values are projections of this: [B, Nk, dim]. */
  readonly context: tf.Tensor;
  readonly heads: number;
  readonly dropout: Dropout;
}

/** Attention weights [B, H, Nq, Nk] by the name of the attention, in the order in which they were computed. */
export type RecordedAttention = ReadonlyMap<string, tf.Tensor>;

let recording: Map<string, tf.Tensor> | null = null;

/** Runs some work, and returns the weights of every `attention` in it: each row [Nk] of a query sums to 1. */
export function recordAttention(work: () => void): RecordedAttention {
  const outer = recording;
  const found = new Map<string, tf.Tensor>();
  recording = found;
  try {
    work();
  } finally {
    recording = outer;
  }
  return found;
}

/**
 * Returns softmax(Q Kᵀ / √headDim) V, projected, [B, Nq, dim]: multi-head attention, Vaswani et al. 2017, §3.2. Heads split
 * the last axis in order.
 */
export function attention(parameters: NamedTensors, name: string, input: AttentionInput): tf.Tensor {
  const { heads, dropout } = input;
  const headDim = (input.queries.shape[2] as number) / heads;
  // Scaling the projection is cheaper than scaling the scores.
  const scaled = scaledLinear(parameters, `${name}.q_proj`, {
    x: input.queries,
    scale: 1 / Math.sqrt(headDim),
  });
  const q = splitHeads(scaled, heads); // [B, H, Nq, d]
  const k = splitHeads(linear(parameters, `${name}.k_proj`, input.context), heads); // [B, H, Nk, d]
  const v = splitHeads(linear(parameters, `${name}.v_proj`, input.context), heads);
  const weights = tf.softmax(tf.matMul(q, k, false, true)); // [B, H, Nq, Nk]
  recording?.set(name, weights);
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

/** Returns x + attention(norm(x), context), [B, N, dim]; without a context, the normed x attends to itself. */
export function attend(
  parameters: NamedTensors,
  step: { block: string; kind: 'cross' | 'self'; x: tf.Tensor; context: tf.Tensor | null },
  options: BlockOptions,
): tf.Tensor {
  const queries = norm(parameters, `${step.block}.${step.kind}_norm`, { x: step.x, time: options.time });
  const input = { ...options, queries, context: step.context ?? queries };
  return tf.add(step.x, attention(parameters, `${step.block}.${step.kind}_attn`, input));
}

/** Returns x + Linear(dropout(GELU(Linear(norm(x))))), [B, N, dim], with hidden width 4 · dim. */
export function feedForward(
  parameters: NamedTensors,
  block: string,
  options: BlockOptions & { x: tf.Tensor },
): tf.Tensor {
  const normed = norm(parameters, `${block}.mlp_norm`, options);
  const names = { inner: `${block}.mlp_in`, outer: `${block}.mlp_out` };
  return tf.add(options.x, geluMlp(parameters, names, { x: normed, between: options.dropout }));
}

/** Returns the layer norm of x [B, N, dim]; with a time vector [B, dim], gain and shift are computed from it (AdaLN, Peebles & Xie 2023, §3.2). */
export function norm(
  parameters: NamedTensors,
  name: string,
  input: { x: tf.Tensor; time: tf.Tensor | null },
): tf.Tensor {
  if (!input.time) return layerNorm(parameters, name, input.x);
  const modulation = linear(parameters, `${name}.modulation`, silu(input.time)); // [B, 2 · dim]
  const [shift, gain] = tf.split(tf.expandDims(modulation, 1), 2, 2); // [B, 1, dim] each
  return tf.add(tf.mul(normalise(input.x), tf.add(gain, 1)), shift);
}
