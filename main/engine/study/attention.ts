/**
 * Which observed pixels a network reads: its attention weights, combined over heads and layers. Attention rollout: Abnar and
 * Zuidema 2020, "Quantifying attention flow in transformers", §3.
 */

import * as tf from '@tensorflow/tfjs-core';
import type { SparseObservation } from '../../../shared/images/image.ts';
import { recordAttention, type RecordedAttention } from '../field/blocks.ts';
import { noDropout } from '../field/dropout.ts';
import { takeValues } from '../tensors.ts';
import { listNeighbours, type SensitivityProblem } from './sensitivity.ts';

/**
 * Returns how the attention of every query is distributed over the observed pixels of one image, Nq × n numbers in [0, 1]
 * whose rows sum to 1, with every pixel as a query; null for a network that reads no observed pixel by attention. Heads are
 * averaged. Where queries also attend to other states, only the part that reaches observed pixels counts.
 * @param problem One image, B = 1; its context is of `observation`.
 * @param neighbours Observed pixels that each query reads in a local network; 0: all are in a list.
 */
export async function observedAttention(
  { field, parameters, context, state, time }: Omit<SensitivityProblem, 'path'>,
  observation: SparseObservation,
  neighbours: number,
): Promise<Float32Array | null> {
  const count = observation.indices.length;
  const rolled = tf.tidy(() => {
    const record = recordAttention(() => {
      const encoded = field.encode(parameters, context, noDropout);
      const step = field.takesStepSize ? { step: tf.zerosLike(time) } : {};
      field.predict(parameters, encoded, { state, time, ...step }, noDropout);
    });
    return rollOut(record, neighbours > 0 ? Math.min(neighbours, count) : count);
  });
  const values = await takeValues(rolled);
  if (values.length === 0) return null;
  return neighbours > 0 ? scatter(values, observation, neighbours) : values;
}

/**
 * Combines the weights of all layers: every layer passes on half of what it is given and mixes in half by its attention,
 * A′ = (A + I) / 2. The names of attentions say who reads: `…blocks.i.self_attn`: tokens or latents one another;
 * `…blocks.i.cross_attn`: latents the tokens; `…read.i.cross_attn` and `…decoder`: queries what the blocks have made.
 * @param record Weights [B, H, Nq, Nk]; observed pixels are the first `sources` of the tokens.
 * @returns [B, Nq, sources], whose rows sum to 1; empty if queries read nothing.
 */
export function rollOut(record: RecordedAttention, sources: number): tf.Tensor {
  return tf.tidy(() => {
    /** How much of each source is in what the queries read, [B, Nk, sources]; null: they read the sources. */
    let content: tf.Tensor | null = null;
    let queries: tf.Tensor | null = null;
    const half = (one: tf.Tensor | null, other: tf.Tensor) =>
      one ? tf.mul(tf.add(one, other), 0.5) : tf.mul(other, 0.5);
    for (const [name, weights] of record) {
      const mean: tf.Tensor = tf.mean(weights, 1); // [B, Nq, Nk]
      const isRead = /\.read\.\d+\.cross_attn$|decoder$/.test(name);
      if (name.endsWith('self_attn')) {
        const own: tf.Tensor = content ?? tf.expandDims(tf.eye(sources), 0);
        content = half(own, product(mean, own));
      } else if (isRead) queries = half(queries, readContent(mean, { content, queries, sources }));
      else content = half(content, firstColumns(mean, sources));
    }
    return queries ? tf.div(queries, tf.sum(queries, 2, true)) : tf.zeros([0]);
  });
}

/** Returns what queries take in [B, Nq, sources]; keys after those of the content are the queries themselves. */
function readContent(
  weights: tf.Tensor,
  {
    content,
    queries,
    sources,
  }: { readonly content: tf.Tensor | null; readonly queries: tf.Tensor | null; readonly sources: number },
): tf.Tensor {
  const keys = weights.shape[2] ?? 0;
  const given = content?.shape[1] ?? sources;
  const first = firstColumns(weights, given);
  const read = content ? product(first, content) : first;
  if (keys === given || !queries) return read;
  return tf.add(read, product(tf.slice(weights, [0, 0, given], [-1, -1, keys - given]), queries));
}

function firstColumns(weights: tf.Tensor, count: number): tf.Tensor {
  return weights.shape[2] === count ? weights : tf.slice(weights, [0, 0, 0], [-1, -1, count]);
}

/** Returns the matrix product of each of the batch, [B, Nq, Nk] · [B or 1, Nk, n]. */
function product(weights: tf.Tensor, content: tf.Tensor): tf.Tensor {
  const [batch, rows, columns] = content.shape;
  const whole = batch === weights.shape[0] ? content : tf.tile(content, [weights.shape[0], 1, 1]);
  return tf.matMul(weights, tf.reshape(whole, [-1, rows, columns ?? 0]));
}

/** Returns weights of the neighbours of each pixel, Nq × k, as weights of all observed pixels, Nq × n. */
function scatter(weights: Float32Array, observation: SparseObservation, neighbours: number): Float32Array {
  const { height, width, indices } = observation;
  const rowOf = new Int32Array(height * width);
  indices.forEach((pixel, row) => (rowOf[pixel] = row));
  const all = new Float32Array(height * width * indices.length);
  const each = Math.min(neighbours, indices.length);
  listNeighbours(observation, neighbours).forEach((pixel, entry) => {
    all[Math.floor(entry / each) * indices.length + rowOf[pixel]] += weights[entry];
  });
  return all;
}
