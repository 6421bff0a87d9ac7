/**
 * A network of neighbourhoods: every query reads the observed pixels nearest to it, by their offsets and never by their
 * position in the image (attention among neighbours: Zhao et al. 2021, "Point transformer"). It works at any resolution.
 * With mixing, queries also read the queries around them, so that neighbouring pixels of a sample agree: a depthwise
 * convolution over their grid, then one over the channels (Liu et al. 2022, "A ConvNet for the 2020s"). Mixing uses offsets
 * only as well.
 */

import * as tf from '@tensorflow/tfjs-core';
import type { LocalConfig } from '../../../shared/config/networks/local.ts';
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
import { convolveChannels, depthwiseSpecs, smallestConvolvedPart } from './convolution.ts';
import type { Dropout } from './dropout.ts';
import { adaptiveTimeScale, stepVectorSpecs, timeVector, timeVectorSpecs } from './embeddings.ts';
import type { Field, PathPoint } from './field.ts';
import { geluMlp, linear } from './layers.ts';
import { linearSpecs, type ParameterSpec } from './parameters.ts';

/** Offset, its length, and the colour relative to the estimate. */
const tokenFeatures = 6;
/** State relative to the estimate, and the estimate. */
const queryFeatures = 6;
/** Scales differences of colours to about unit variance. */
const colourScale = 4;

type LocalEncoding = {
  /** Neighbours of every query after all blocks, [B, Nq, k, dim]. */
  readonly tokens: tf.Tensor;
  /** Colour that states and neighbours are relative to, [B, Nq, 3]: the estimate, or grey. */
  readonly base: tf.Tensor;
  /** [B, H, W, 1], 1 where a pixel is observed: the grid of the queries; only with mixing. */
  readonly observed?: tf.Tensor;
};

/** Creates the network of a configuration; it holds no tensors. */
export function createLocalField(config: LocalConfig): Field<LocalEncoding> {
  return {
    takesStepSize: config.stepConditioning,
    smallestPart: config.mixing > 0 ? smallestConvolvedPart : 1,
    parameters: localSpecs(config),
    encode: (parameters, context, dropout) => encodeNeighbours(config, parameters, { context, dropout }),
    predict: (parameters, encoded, point, dropout) =>
      predictAtQueries(config, parameters, { encoded, point, dropout }),
  };
}

function localSpecs(config: LocalConfig): ParameterSpec[] {
  const { dim, blocks, readBlocks, residual } = config;
  const names = (count: number, name: string) =>
    Array.from({ length: count }, (_, index) => `${name}.${index}`);
  return [
    ...timeVectorSpecs(dim),
    ...linearSpecs('local.token_in', { inputs: tokenFeatures, outputs: dim }),
    ...linearSpecs('local.token_out', { inputs: dim, outputs: dim }),
    ...names(blocks, 'local.blocks').flatMap((block) => [
      ...attentionSpecs(`${block}.self_attn`, dim),
      ...normSpecs(`${block}.self_norm`, dim, false),
      ...mlpSpecs(block, dim, false),
    ]),
    ...linearSpecs('local.query_in', { inputs: queryFeatures, outputs: dim }),
    ...names(readBlocks, 'local.read').flatMap((block) => [
      ...attentionSpecs(`${block}.cross_attn`, dim),
      ...normSpecs(`${block}.cross_norm`, dim, true),
      ...mlpSpecs(block, dim, true),
    ]),
    ...normSpecs('local.output_norm', dim, true),
    ...linearSpecs('local.output', {
      inputs: dim,
      outputs: 3,
      initial: residual === 'none' ? 'uniform' : 'zero',
    }),
    ...mixingSpecs(config),
    ...stepVectorSpecs(config),
  ];
}

/** Specifies the layers of mixing. All that they add to a query starts at zero, so that the network starts as it does without mixing. */
function mixingSpecs({ dim, readBlocks, mixing }: LocalConfig): ParameterSpec[] {
  if (mixing === 0) return [];
  const blocks = Array.from({ length: readBlocks }, (_, index) => `local.read.${index}`);
  return [
    ...linearSpecs('local.observed_in', { inputs: 1, outputs: dim, initial: 'zero' }),
    ...blocks.flatMap((block) => [
      ...normSpecs(`${block}.mix_norm`, dim, true),
      ...depthwiseSpecs(`${block}.mix_around`, { side: mixing, channels: dim }),
      ...linearSpecs(`${block}.mix_out`, { inputs: dim, outputs: dim, initial: 'zero' }),
    ]),
  ];
}

function encodeNeighbours(
  config: LocalConfig,
  parameters: NamedTensors,
  { context, dropout }: { context: Context; dropout: Dropout },
): LocalEncoding {
  const { neighbours, estimate } = context;
  if (!neighbours)
    throw new Error('A local network reads the neighbours of each query, and the context has none.');
  const [batch, queries, count] = neighbours.shape;
  const hasBase = config.residual !== 'none' && estimate !== undefined;
  const base = hasBase ? estimate : tf.fill([batch, queries, 3], 0.5);
  const [offsets, colours] = tf.split(neighbours, [2, 3], 3);
  const distance = tf.sqrt(tf.sum(tf.square(offsets), 3, true)); // [B, Nq, k, 1]
  const differences = tf.mul(tf.sub(colours, tf.expandDims(base, 2)), colourScale);
  const features = tf.concat([offsets, distance, differences], 3); // [B, Nq, k, 6]
  const names = { inner: 'local.token_in', outer: 'local.token_out' };
  const points = tf.reshape(features, [batch * queries, count, tokenFeatures]);
  let x = geluMlp(parameters, names, { x: points, between: dropout }); // [B · Nq, k, dim]
  for (let index = 0; index < config.blocks; index++) {
    const block = `local.blocks.${index}`;
    const options = { heads: config.heads, dropout, time: null };
    x = attend(parameters, { block, kind: 'self', x, context: null }, options);
    x = feedForward(parameters, block, { ...options, x });
  }
  const tokens = tf.reshape(x, [batch, queries, count, config.dim]);
  return { tokens, base, ...encodeGrid(config, context) };
}

function encodeGrid({ mixing }: LocalConfig, { observedGrid }: Context): Pick<LocalEncoding, 'observed'> {
  if (mixing === 0) return {};
  if (!observedGrid) {
    throw new Error(
      'A local network with mixing reads the grid of observed pixels, and the context has none.',
    );
  }
  return { observed: tf.slice(observedGrid, [0, 0, 0, 0], [-1, -1, -1, 1]) };
}

function predictAtQueries(
  config: LocalConfig,
  parameters: NamedTensors,
  { encoded, point, dropout }: { encoded: LocalEncoding; point: PathPoint; dropout: Dropout },
): tf.Tensor {
  const { tokens, base, observed } = encoded;
  const time = timeVector(parameters, point, { dim: config.dim, scale: adaptiveTimeScale }); // [B, dim]
  const known = tf.concat([tf.sub(point.state, base), tf.sub(base, 0.5)], 2); // [B, Nq, 6]
  const queries = linear(parameters, 'local.query_in', tf.mul(known, colourScale)); // [B, Nq, dim]
  let x = observed ? markObserved(parameters, queries, observed) : queries;
  for (let index = 0; index < config.readBlocks; index++) {
    const block = `local.read.${index}`;
    const options = { heads: config.heads, dropout, time };
    x = readNeighbours(parameters, block, { ...options, x, tokens });
    if (observed) x = mixQueries(parameters, block, { x, time, observed });
    x = feedForward(parameters, block, { ...options, x });
  }
  const output = linear(parameters, 'local.output', norm(parameters, 'local.output_norm', { x, time }));
  return config.residual === 'none' ? output : tf.add(output, base);
}

/** Returns x + attention(norm(x), tokens): each query [B, Nq, dim] attends to its own tokens [B, Nq, k, dim]. */
function readNeighbours(
  parameters: NamedTensors,
  block: string,
  input: BlockOptions & { x: tf.Tensor; tokens: tf.Tensor },
): tf.Tensor {
  const [batch, points, count, dim] = input.tokens.shape;
  const queries = norm(parameters, `${block}.cross_norm`, input);
  const read = attention(parameters, `${block}.cross_attn`, {
    ...input,
    queries: tf.reshape(queries, [batch * points, 1, dim]),
    context: tf.reshape(input.tokens, [batch * points, count, dim]),
  });
  return tf.add(input.x, tf.reshape(read, [batch, points, dim]));
}

/** Adds an embedding of whether each query is observed to the queries [B, H · W, dim]. */
function markObserved(parameters: NamedTensors, x: tf.Tensor, observed: tf.Tensor): tf.Tensor {
  const [batch, queries] = x.shape;
  return tf.add(x, linear(parameters, 'local.observed_in', tf.reshape(observed, [batch, queries, 1])));
}

/**
 * Returns x + Linear(DepthwiseConv(norm(x))) for x [B, H · W, dim] on the grid of `observed` [B, H, W, 1]; the norm is
 * modulated by the time [B, dim].
 */
function mixQueries(
  parameters: NamedTensors,
  block: string,
  { x, time, observed }: { x: tf.Tensor; time: tf.Tensor; observed: tf.Tensor },
): tf.Tensor {
  const [batch, height, width] = observed.shape;
  const [, queries, dim] = x.shape;
  const normed = norm(parameters, `${block}.mix_norm`, { x, time });
  const grid = tf.reshape(normed, [batch, height, width, dim]);
  const around = tf.reshape(convolveChannels(parameters, `${block}.mix_around`, grid), [batch, queries, dim]);
  return tf.add(x, linear(parameters, `${block}.mix_out`, around));
}
