/**
 * The Perceiver IO backbone: Jaegle et al. 2021, "Perceiver IO: a general architecture for structured inputs and outputs".
 * Latents read the tokens block by block; queries then read the latents. Parameter names follow the reference numbers.
 */

import * as tf from '@tensorflow/tfjs-core';
import { attention, attentionSpecs } from './attention.ts';
import { type Dropout, noDropout } from './dropout.ts';
import { fourierFeatures } from './fourier.ts';
import { gelu, geluMlp, layerNorm, linear, normalise, silu } from './layers.ts';
import { layerNormSpecs, linearSpecs, type NamedTensors, type ParameterSpec } from './parameters.ts';

export interface PerceiverSize {
  readonly latents: number;
  readonly dim: number;
  readonly blocks: number;
  readonly heads: number;
}

/** How a block runs: heads, dropout, and the time vector [B, dim] where norms are modulated by it. */
export interface BlockOptions {
  readonly heads: number;
  readonly dropout: Dropout;
  readonly time: tf.Tensor | null;
}

/** Token embedding, learned latents and the blocks that let the latents read. `prefix` ends in a dot or is empty. */
export function readerSpecs(
  prefix: string,
  size: PerceiverSize,
  options: { features: number; isAdaptive: boolean },
): ParameterSpec[] {
  const { dim } = size;
  const blocks = Array.from({ length: size.blocks }, (_, index) => {
    const block = `${prefix}blocks.${index}`;
    return [
      ...attentionSpecs(`${block}.cross_attn`, dim),
      ...normSpecs(`${block}.cross_norm`, dim, options.isAdaptive),
      ...attentionSpecs(`${block}.self_attn`, dim),
      ...normSpecs(`${block}.self_norm`, dim, options.isAdaptive),
      ...mlpSpecs(block, dim, options.isAdaptive),
    ];
  });
  return [
    {
      name: `${prefix}latents`,
      shape: [size.latents, dim],
      initial: { law: 'normal', scale: 0.02 },
      isTrainable: true,
    },
    ...embeddingSpecs(`${prefix}input`, options.features, dim),
    ...blocks.flat(),
  ];
}

/** Linear and layer norm of an embedding `name_proj`, `name_norm`. */
export function embeddingSpecs(name: string, features: number, dim: number): ParameterSpec[] {
  return [
    ...linearSpecs(`${name}_proj`, { inputs: features, outputs: dim }),
    ...layerNormSpecs(`${name}_norm`, dim),
  ];
}

/** MLP with one hidden layer of 4 · dim and its norm. */
export function mlpSpecs(block: string, dim: number, isAdaptive: boolean): ParameterSpec[] {
  return [
    ...normSpecs(`${block}.mlp_norm`, dim, isAdaptive),
    ...linearSpecs(`${block}.mlp_in`, { inputs: dim, outputs: 4 * dim }),
    ...linearSpecs(`${block}.mlp_out`, { inputs: 4 * dim, outputs: dim }),
  ];
}

/** A norm with its own gain and bias, or — adaptive — with both read from the time vector, starting at the plain norm. */
export function normSpecs(name: string, dim: number, isAdaptive: boolean): ParameterSpec[] {
  if (!isAdaptive) return layerNormSpecs(name, dim);
  return linearSpecs(`${name}.modulation`, { inputs: dim, outputs: 2 * dim, initial: 'zero' });
}

/** GELU(LN(Linear([fourier(coords), values]))): token embeddings [B, N, dim]. */
export function embedTokens(
  parameters: NamedTensors,
  prefix: string,
  tokens: { features: tf.Tensor; values: tf.Tensor },
): tf.Tensor {
  const joined = tf.concat([tokens.features, tokens.values], 2);
  const projected = linear(parameters, `${prefix}input_proj`, joined);
  return gelu(layerNorm(parameters, `${prefix}input_norm`, projected));
}

/** The latents [B, L, dim] after all blocks have read the tokens [B, N, dim]. */
export function readTokens(
  parameters: NamedTensors,
  prefix: string,
  options: BlockOptions & { tokens: tf.Tensor; blocks: number },
): tf.Tensor {
  const learned = parameters[`${prefix}latents`]; // [L, dim]
  const batch = options.tokens.shape[0];
  let latents = tf.tile(tf.expandDims(learned, 0), [batch, 1, 1]); // [B, L, dim]
  for (let index = 0; index < options.blocks; index++) {
    const block = `${prefix}blocks.${index}`;
    latents = attend(parameters, { block, kind: 'cross', x: latents, context: options.tokens }, options);
    latents = attend(parameters, { block, kind: 'self', x: latents, context: null }, options);
    latents = feedForward(parameters, block, { ...options, x: latents });
  }
  return latents;
}

/** x + attention(norm(x), context); without a context x attends to itself, normed. */
export function attend(
  parameters: NamedTensors,
  step: { block: string; kind: 'cross' | 'self'; x: tf.Tensor; context: tf.Tensor | null },
  options: BlockOptions,
): tf.Tensor {
  const queries = norm(parameters, `${step.block}.${step.kind}_norm`, { x: step.x, time: options.time });
  const input = { ...options, queries, context: step.context ?? queries };
  return tf.add(step.x, attention(parameters, `${step.block}.${step.kind}_attn`, input));
}

/** x + Linear(dropout(GELU(Linear(norm(x))))), hidden width 4 · dim. */
export function feedForward(
  parameters: NamedTensors,
  block: string,
  options: BlockOptions & { x: tf.Tensor },
): tf.Tensor {
  const normed = norm(parameters, `${block}.mlp_norm`, options);
  const names = { inner: `${block}.mlp_in`, outer: `${block}.mlp_out` };
  return tf.add(options.x, geluMlp(parameters, names, { x: normed, between: options.dropout }));
}

/** Layer norm of x [B, N, dim]; with a time vector its gain and shift are read from it (AdaLN, Peebles & Xie 2023, §3.2). */
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

/** One plain cross-attention from the queries [B, Nq, dim] to the latents, then the output layer: [B, Nq, 3]. */
export function decode(
  parameters: NamedTensors,
  prefix: string,
  options: { queries: tf.Tensor; latents: tf.Tensor; heads: number; dropout: Dropout },
): tf.Tensor {
  const read = attention(parameters, `${prefix}decoder`, { ...options, context: options.latents });
  return linear(parameters, `${prefix}output_proj`, read);
}

/** The whole backbone, as the reference numbers check it: values [B, Ni, 3] at coords [B, Ni, 2] → [B, Nq, 3] at the query coords. */
export function perceiverIO(
  parameters: NamedTensors,
  size: PerceiverSize,
  input: { coords: tf.Tensor; values: tf.Tensor; queryCoords: tf.Tensor },
): tf.Tensor {
  const frequencies = parameters['fourier_B'];
  const options = { heads: size.heads, dropout: noDropout, time: null, blocks: size.blocks };
  const features = fourierFeatures(input.coords, frequencies);
  const tokens = embedTokens(parameters, '', { features, values: input.values });
  const latents = readTokens(parameters, '', { ...options, tokens });
  const projected = linear(parameters, 'query_proj', fourierFeatures(input.queryCoords, frequencies));
  const queries = gelu(layerNorm(parameters, 'query_norm', projected));
  return decode(parameters, '', { ...options, queries, latents });
}
