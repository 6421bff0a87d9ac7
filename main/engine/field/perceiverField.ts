/**
 * The laboratory's first field: a time-conditioned Perceiver IO. With every option off it is the notebook's network;
 * the options are the upgrades of the method notes, one by one.
 */

import * as tf from '@tensorflow/tfjs-core';
import type { FieldConfig } from '../../../shared/config/config.ts';
import { attentionSpecs } from './attention.ts';
import type { Dropout } from './dropout.ts';
import type { Context, Field, PathPoint } from './field.ts';
import { fourierFeatures } from './fourier.ts';
import { gelu, layerNorm, linear } from './layers.ts';
import { linearSpecs, type NamedTensors, type ParameterSpec } from './parameters.ts';
import {
  attend,
  decode,
  embeddingSpecs,
  embedTokens,
  feedForward,
  mlpSpecs,
  norm,
  normSpecs,
  readerSpecs,
  readTokens,
} from './perceiver.ts';
import { adaptiveTimeScale, stepVectorSpecs, timeVector, timeVectorSpecs } from './timeEmbedding.ts';

/** Build the field for a configuration; it holds no tensors. */
export function createPerceiverField(config: FieldConfig): Field {
  return {
    isToldSteps: config.stepConditioning,
    parameters: perceiverFieldSpecs(config),
    encode: (parameters, context, dropout) => encodeContext(config, parameters, { context, dropout }),
    predict: (parameters, encoded, point, dropout) =>
      predictAtQueries(config, parameters, { encoded, point, dropout }),
  };
}

function perceiverFieldSpecs(config: FieldConfig): ParameterSpec[] {
  const { dim } = config;
  const isAdaptive = config.timeConditioning === 'adaptive';
  const features = 2 * config.fourierFeatures;
  return [
    {
      name: 'perceiver.fourier_B',
      shape: [config.fourierFeatures, 2],
      initial: { law: 'normal', scale: config.fourierScale },
      isTrainable: false,
    },
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

/** Latents that see neither state nor time; the plain decoder has no norm for the time to enter by, so there the latents see it. */
function areLatentsFixed(config: FieldConfig): boolean {
  return config.queryCarriesState && config.timeConditioning === 'adaptive' && config.readBlocks > 0;
}

/** The notebook's single cross-attention, or residual blocks that end in a norm. */
function readOutSpecs(config: FieldConfig, isAdaptive: boolean): ParameterSpec[] {
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

/** Once per sampling: features of all coordinates, and the latents where they do not depend on state or time. */
function encodeContext(
  config: FieldConfig,
  parameters: NamedTensors,
  input: { context: Context; dropout: Dropout },
): NamedTensors {
  const { context, dropout } = input;
  const frequencies = parameters['perceiver.fourier_B'];
  const queryFeatures = fourierFeatures(context.queryCoords, frequencies); // [B, Nq, 2F]
  const observedFeatures = fourierFeatures(context.observedCoords, frequencies); // [B, Ni, 2F]
  const known = context.patch ? tf.concat([queryFeatures, context.patch], 2) : queryFeatures;
  const encoded: Record<string, tf.Tensor> = {
    queries: linear(parameters, 'perceiver.query_proj', known), // [B, Nq, dim], before norm and GELU
    observedValues: context.observedValues,
    tokenFeatures: config.queryCarriesState
      ? observedFeatures
      : tf.concat([observedFeatures, queryFeatures], 1), // [B, Ni + Nq, 2F]
  };
  if (context.estimate) encoded['estimate'] = context.estimate;
  if (areLatentsFixed(config)) {
    encoded['latents'] = readContext(config, parameters, {
      features: encoded['tokenFeatures'],
      values: context.observedValues,
      dropout,
      time: null,
    });
  }
  return encoded;
}

function readContext(
  config: FieldConfig,
  parameters: NamedTensors,
  input: { features: tf.Tensor; values: tf.Tensor; dropout: Dropout; time: tf.Tensor | null },
): tf.Tensor {
  const tokens = embedTokens(parameters, 'perceiver.', input);
  const { heads, blocks } = config;
  return readTokens(parameters, 'perceiver.', {
    heads,
    blocks,
    tokens,
    dropout: input.dropout,
    time: input.time,
  });
}

function predictAtQueries(
  config: FieldConfig,
  parameters: NamedTensors,
  input: { encoded: NamedTensors; point: PathPoint; dropout: Dropout },
): tf.Tensor {
  const { encoded, point, dropout } = input;
  const isAdaptive = config.timeConditioning === 'adaptive';
  const scale = isAdaptive ? adaptiveTimeScale : 1;
  const time = timeVector(parameters, point, { dim: config.dim, scale }); // [B, dim]
  // The notebook adds the first three numbers of the time vector to every colour.
  const shift = isAdaptive ? null : tf.expandDims(tf.slice(time, [0, 0], [-1, 3]), 1); // [B, 1, 3]
  const state = shift ? tf.add(point.state, shift) : point.state;
  const latents =
    encoded['latents'] ?? readStateAndContext(config, parameters, { encoded, state, shift, time, dropout });
  const stateProjection = config.queryCarriesState ? linear(parameters, 'perceiver.state_proj', state) : null;
  const projected = stateProjection ? tf.add(encoded['queries'], stateProjection) : encoded['queries'];
  const queries = gelu(layerNorm(parameters, 'perceiver.query_norm', projected)); // [B, Nq, dim]
  const output = readOut(config, parameters, { queries, latents, dropout, time: isAdaptive ? time : null });
  return config.residual === 'none' ? output : tf.add(output, encoded['estimate']);
}

/** Latents that must be computed anew for every state and time: tokens = [observed ; x_t], or observed plus time. */
function readStateAndContext(
  config: FieldConfig,
  parameters: NamedTensors,
  input: {
    encoded: NamedTensors;
    state: tf.Tensor;
    shift: tf.Tensor | null;
    time: tf.Tensor;
    dropout: Dropout;
  },
): tf.Tensor {
  const { encoded, state, shift } = input;
  const observed = shift ? tf.add(encoded['observedValues'], shift) : encoded['observedValues'];
  return readContext(config, parameters, {
    features: encoded['tokenFeatures'],
    values: config.queryCarriesState ? observed : tf.concat([observed, state], 1),
    dropout: input.dropout,
    time: shift ? null : input.time,
  });
}

function readOut(
  config: FieldConfig,
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
