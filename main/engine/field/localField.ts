/**
 * A field of neighbourhoods: every query reads the observed pixels nearest to it, by their offsets and never by their place
 * in the picture (attention among neighbours: Zhao et al. 2021, "Point transformer"). It works at any resolution.
 */

import * as tf from '@tensorflow/tfjs-core';
import type { FieldConfig } from '../../../shared/config/config.ts';
import { attention, attentionSpecs } from './attention.ts';
import type { Dropout } from './dropout.ts';
import { smallestConvolvedPart } from './convolution.ts';
import type { Context, Field, PathPoint } from './field.ts';
import { geluMlp, linear } from './layers.ts';
import { encodeGrid, markObserved, mixingSpecs, mixQueries } from './localMixing.ts';
import { linearSpecs, type NamedTensors, type ParameterSpec } from './parameters.ts';
import { attend, type BlockOptions, feedForward, mlpSpecs, norm, normSpecs } from './perceiver.ts';
import { adaptiveTimeScale, stepVectorSpecs, timeVector, timeVectorSpecs } from './timeEmbedding.ts';

/** Offset, its length, colour against the estimate. */
const tokenFeatures = 6;
/** State against the estimate, and the estimate. */
const queryFeatures = 6;
/** Differences of colours become numbers of about unit variance. */
const colourScale = 4;

/** Build the field for a configuration; it holds no tensors. */
export function createLocalField(config: FieldConfig): Field {
  return {
    isToldSteps: config.stepConditioning,
    smallestPart: config.mixing > 0 ? smallestConvolvedPart : 1,
    parameters: localSpecs(config),
    encode: (parameters, context, dropout) => encodeNeighbours(config, parameters, { context, dropout }),
    predict: (parameters, encoded, point, dropout) =>
      predictAtQueries(config, parameters, { encoded, point, dropout }),
  };
}

function localSpecs(config: FieldConfig): ParameterSpec[] {
  const { dim, blocks, readBlocks, residual } = config;
  const count = (length: number, name: string) => Array.from({ length }, (_, index) => `${name}.${index}`);
  return [
    ...timeVectorSpecs(dim),
    ...linearSpecs('local.token_in', { inputs: tokenFeatures, outputs: dim }),
    ...linearSpecs('local.token_out', { inputs: dim, outputs: dim }),
    ...count(blocks, 'local.blocks').flatMap((block) => [
      ...attentionSpecs(`${block}.self_attn`, dim),
      ...normSpecs(`${block}.self_norm`, dim, false),
      ...mlpSpecs(block, dim, false),
    ]),
    ...linearSpecs('local.query_in', { inputs: queryFeatures, outputs: dim }),
    ...count(readBlocks, 'local.read').flatMap((block) => [
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

/** Once per sampling: the neighbours of every query, mixed with one another: [B, Nq, k, dim]. */
function encodeNeighbours(
  config: FieldConfig,
  parameters: NamedTensors,
  { context, dropout }: { context: Context; dropout: Dropout },
): NamedTensors {
  const { neighbours, estimate } = context;
  if (!neighbours)
    throw new Error('This field reads the neighbours of each query, and the context has none.');
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

function predictAtQueries(
  config: FieldConfig,
  parameters: NamedTensors,
  { encoded, point, dropout }: { encoded: NamedTensors; point: PathPoint; dropout: Dropout },
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

/** x + attention(norm(x), tokens): each query [B, Nq, dim] attends to its own tokens [B, Nq, k, dim]. */
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
