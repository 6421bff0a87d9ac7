/**
 * A time-conditioned Perceiver IO: latents read the tokens block by block, then queries read the latents (Jaegle et al.
 * 2021, "Perceiver IO: a general architecture for structured inputs and outputs"). With every option off it is the
 * notebook's network. Parameter names follow the reference numbers.
 */

import * as tf from '@tensorflow/tfjs-core';
import { areLatentsFixed, type PerceiverConfig } from '../../../shared/config/networks/perceiver.ts';
import type { Context } from '../context/context.ts';
import type { NamedTensors } from '../tensors.ts';
import {
  attend,
  attention,
  attentionSpecs,
  type BlockOptions,
  feedForward,
  mlpSpecs,
  norm,
  normSpecs,
} from './blocks.ts';
import { type Dropout, noDropout } from './dropout.ts';
import {
  adaptiveTimeScale,
  fourierFeatures,
  frequencySpec,
  stepVectorSpecs,
  timeVector,
  timeVectorSpecs,
} from './embeddings.ts';
import type { Field, PathPoint } from './field.ts';
import { gelu, layerNorm, linear } from './layers.ts';
import { layerNormSpecs, linearSpecs, type ParameterSpec } from './parameters.ts';

type PerceiverEncoding = {
  /** Queries before norm and GELU, [B, Nq, dim]. */
  readonly queries: tf.Tensor;
  /** [B, Ni, 3] */
  readonly observedValues: tf.Tensor;
  /** Fourier features of the tokens, [B, Ni, 2F], or [B, Ni + Nq, 2F] when queries are among the tokens. */
  readonly tokenFeatures: tf.Tensor;
  /** [B, Nq, 3] */
  readonly estimate?: tf.Tensor;
  /** [B, L, dim], where they depend on neither state nor time. */
  readonly latents?: tf.Tensor;
};

/** Creates the network of a configuration; it holds no tensors. */
export function createPerceiverField(config: PerceiverConfig): Field<PerceiverEncoding> {
  return {
    takesStepSize: config.stepConditioning,
    parameters: perceiverSpecs(config),
    encode: (parameters, context, dropout) => encodeContext(config, parameters, { context, dropout }),
    predict: (parameters, encoded, point, dropout) =>
      predictAtQueries(config, parameters, { encoded, point, dropout }),
  };
}

function perceiverSpecs(config: PerceiverConfig): ParameterSpec[] {
  const { dim } = config;
  const isAdaptive = config.timeConditioning === 'adaptive';
  const features = 2 * config.fourierFeatures;
  return [
    frequencySpec('perceiver.fourier_B', config),
    ...readerSpecs('perceiver.', config, {
      features: features + 3,
      isAdaptive: isAdaptive && !areLatentsFixed(config),
    }),
    ...embeddingSpecs('perceiver.query', features + 4 * config.patch ** 2, dim),
    ...(config.queryCarriesState ? linearSpecs('perceiver.state_proj', { inputs: 3, outputs: dim }) : []),
    ...readOutSpecs(config, isAdaptive),
    ...timeVectorSpecs(dim),
    ...stepVectorSpecs(config),
  ];
}

/** Size of the backbone. */
export interface PerceiverSize {
  readonly latents: number;
  readonly dim: number;
  readonly blocks: number;
  readonly heads: number;
}

/** Specifies the token embedding, the learned latents and the blocks in which latents read. `prefix` ends in a dot or is empty. */
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

/** Specifies the linear layer `name_proj` and the layer norm `name_norm` of an embedding. */
export function embeddingSpecs(name: string, features: number, dim: number): ParameterSpec[] {
  return [
    ...linearSpecs(`${name}_proj`, { inputs: features, outputs: dim }),
    ...layerNormSpecs(`${name}_norm`, dim),
  ];
}

/** Specifies the notebook's single cross-attention, or residual blocks that end in a norm. */
function readOutSpecs(config: PerceiverConfig, isAdaptive: boolean): ParameterSpec[] {
  const { dim } = config;
  const initial = config.residual === 'none' ? 'uniform' : 'zero';
  const output = linearSpecs('perceiver.output_proj', { inputs: dim, outputs: 3, initial });
  if (config.readBlocks === 0) return [...attentionSpecs('perceiver.decoder', dim), ...output];
  const blocks = Array.from({ length: config.readBlocks }, (_, index) => [
    ...attentionSpecs(`perceiver.read.${index}.cross_attn`, dim),
    ...normSpecs(`perceiver.read.${index}.cross_norm`, dim, isAdaptive),
    ...mlpSpecs(`perceiver.read.${index}`, dim, isAdaptive),
  ]);
  return [...blocks.flat(), ...normSpecs('perceiver.read_norm', dim, isAdaptive), ...output];
}

function encodeContext(
  config: PerceiverConfig,
  parameters: NamedTensors,
  { context, dropout }: { context: Context; dropout: Dropout },
): PerceiverEncoding {
  const { observedValues, estimate } = context;
  const frequencies = parameters['perceiver.fourier_B'];
  const queryFeatures = fourierFeatures(context.queryCoords, frequencies); // [B, Nq, 2F]
  const observedFeatures = fourierFeatures(context.observedCoords, frequencies); // [B, Ni, 2F]
  const known = context.patch ? tf.concat([queryFeatures, context.patch], 2) : queryFeatures;
  const queries = linear(parameters, 'perceiver.query_proj', known);
  const tokenFeatures = config.queryCarriesState
    ? observedFeatures
    : tf.concat([observedFeatures, queryFeatures], 1);
  return {
    queries,
    observedValues,
    tokenFeatures,
    ...(estimate && { estimate }),
    ...(areLatentsFixed(config) && {
      latents: readContext(config, parameters, {
        features: tokenFeatures,
        values: observedValues,
        dropout,
        time: null,
      }),
    }),
  };
}

function readContext(
  { heads, blocks }: PerceiverConfig,
  parameters: NamedTensors,
  input: { features: tf.Tensor; values: tf.Tensor; dropout: Dropout; time: tf.Tensor | null },
): tf.Tensor {
  const { dropout, time } = input;
  const tokens = embedTokens(parameters, 'perceiver.', input);
  return readTokens(parameters, 'perceiver.', { heads, blocks, tokens, dropout, time });
}

function predictAtQueries(
  config: PerceiverConfig,
  parameters: NamedTensors,
  input: { encoded: PerceiverEncoding; point: PathPoint; dropout: Dropout },
): tf.Tensor {
  const { encoded, point, dropout } = input;
  const isAdaptive = config.timeConditioning === 'adaptive';
  const scale = isAdaptive ? adaptiveTimeScale : 1;
  const time = timeVector(parameters, point, { dim: config.dim, scale }); // [B, dim]
  // The notebook adds the first three numbers of the time vector to every colour.
  const shift = isAdaptive ? null : tf.expandDims(tf.slice(time, [0, 0], [-1, 3]), 1); // [B, 1, 3]
  const state = shift ? tf.add(point.state, shift) : point.state;
  const latents =
    encoded.latents ?? readStateAndContext(config, parameters, { encoded, state, shift, time, dropout });
  const stateProjection = config.queryCarriesState ? linear(parameters, 'perceiver.state_proj', state) : null;
  const projected = stateProjection ? tf.add(encoded.queries, stateProjection) : encoded.queries;
  const queries = gelu(layerNorm(parameters, 'perceiver.query_norm', projected)); // [B, Nq, dim]
  const output = readOut(config, parameters, { queries, latents, dropout, time: isAdaptive ? time : null });
  if (config.residual === 'none') return output;
  if (!encoded.estimate)
    throw new Error('This network predicts the difference to an estimate, and the context has none.');
  return tf.add(output, encoded.estimate);
}

/** Returns latents that depend on state and time: they read observed pixels and x_t, or observed pixels and the time. */
function readStateAndContext(
  config: PerceiverConfig,
  parameters: NamedTensors,
  input: {
    encoded: PerceiverEncoding;
    state: tf.Tensor;
    shift: tf.Tensor | null;
    time: tf.Tensor;
    dropout: Dropout;
  },
): tf.Tensor {
  const { encoded, state, shift } = input;
  const observed = shift ? tf.add(encoded.observedValues, shift) : encoded.observedValues;
  return readContext(config, parameters, {
    features: encoded.tokenFeatures,
    values: config.queryCarriesState ? observed : tf.concat([observed, state], 1),
    dropout: input.dropout,
    time: shift ? null : input.time,
  });
}

function readOut(
  config: PerceiverConfig,
  parameters: NamedTensors,
  input: { queries: tf.Tensor; latents: tf.Tensor; dropout: Dropout; time: tf.Tensor | null },
): tf.Tensor {
  const options = { ...input, heads: config.heads };
  if (config.readBlocks === 0) return decode(parameters, 'perceiver.', options);
  let x = input.queries;
  for (let index = 0; index < config.readBlocks; index++) {
    const block = `perceiver.read.${index}`;
    x = attend(parameters, { block, kind: 'cross', x, context: input.latents }, options);
    x = feedForward(parameters, block, { ...options, x });
  }
  const normed = norm(parameters, 'perceiver.read_norm', { x, time: input.time });
  return linear(parameters, 'perceiver.output_proj', normed);
}

/** Returns GELU(LN(Linear([features, values]))), the token embeddings [B, N, dim]. */
export function embedTokens(
  parameters: NamedTensors,
  prefix: string,
  tokens: { features: tf.Tensor; values: tf.Tensor },
): tf.Tensor {
  const joined = tf.concat([tokens.features, tokens.values], 2);
  const projected = linear(parameters, `${prefix}input_proj`, joined);
  return gelu(layerNorm(parameters, `${prefix}input_norm`, projected));
}

/** Returns the latents [B, L, dim] after all blocks have read the tokens [B, N, dim]. */
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

/** Returns [B, Nq, 3]: one plain cross-attention from the queries [B, Nq, dim] to the latents, then the output layer. */
export function decode(
  parameters: NamedTensors,
  prefix: string,
  options: { queries: tf.Tensor; latents: tf.Tensor; heads: number; dropout: Dropout },
): tf.Tensor {
  const read = attention(parameters, `${prefix}decoder`, { ...options, context: options.latents });
  return linear(parameters, `${prefix}output_proj`, read);
}

/**
 * Returns the output [B, Nq, 3] of the bare backbone for values [B, Ni, 3] at coords [B, Ni, 2] and query coordinates
 * [B, Nq, 2]: the network that the reference numbers check.
 */
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
