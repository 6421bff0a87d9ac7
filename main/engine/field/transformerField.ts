/**
 * A transformer over pixels: observed pixels are tokens that attend to one another, queried pixels are tokens that attend to
 * them and, with `queriesAttend`, to one another (Vaswani et al. 2017; read–process–write as in Jabri et al. 2023, with the
 * observed pixels in the latents' place).
 */

import * as tf from '@tensorflow/tfjs-core';
import type { FieldConfig } from '../../../shared/config/config.ts';
import { attention, attentionSpecs } from './attention.ts';
import type { Dropout } from './dropout.ts';
import type { Context, Field, PathPoint } from './field.ts';
import { fourierFeatures } from './fourier.ts';
import { linear } from './layers.ts';
import { linearSpecs, type NamedTensors, type ParameterSpec } from './parameters.ts';
import { attend, type BlockOptions, feedForward, mlpSpecs, norm, normSpecs } from './perceiver.ts';
import { adaptiveTimeScale, stepVectorSpecs, timeVector, timeVectorSpecs } from './timeEmbedding.ts';

/** Build the field for a configuration; it holds no tensors. */
export function createTransformerField(config: FieldConfig): Field {
  return {
    isToldSteps: config.stepConditioning,
    parameters: transformerSpecs(config),
    encode: (parameters, context, dropout) => encodeContext(config, parameters, { context, dropout }),
    predict: (parameters, encoded, point, dropout) =>
      predictAtQueries(config, parameters, { encoded, point, dropout }),
  };
}

function transformerSpecs(config: FieldConfig): ParameterSpec[] {
  const { dim, fourierFeatures: frequencies, patch } = config;
  const blockSpecs = (count: number, name: string, kind: 'self' | 'cross') =>
    Array.from({ length: count }, (_, index) => `${name}.${index}`).flatMap((block) => [
      ...attentionSpecs(`${block}.${kind}_attn`, dim),
      ...normSpecs(`${block}.${kind}_norm`, dim, kind === 'cross'),
      ...mlpSpecs(block, dim, kind === 'cross'),
    ]);
  return [
    {
      name: 'transformer.fourier_B',
      shape: [frequencies, 2],
      initial: { law: 'normal', scale: config.fourierScale },
      isTrainable: false,
    },
    ...timeVectorSpecs(dim),
    ...linearSpecs('transformer.token_in', { inputs: 2 * frequencies + 3, outputs: dim }),
    ...blockSpecs(config.blocks, 'transformer.blocks', 'self'),
    ...normSpecs('transformer.token_norm', dim, false),
    ...linearSpecs('transformer.query_in', { inputs: 2 * frequencies + 4 * patch ** 2, outputs: dim }),
    ...linearSpecs('transformer.state_in', { inputs: 3, outputs: dim }),
    ...blockSpecs(config.readBlocks, 'transformer.read', 'cross'),
    ...normSpecs('transformer.output_norm', dim, true),
    ...linearSpecs('transformer.output', {
      inputs: dim,
      outputs: 3,
      initial: config.residual === 'none' ? 'uniform' : 'zero',
    }),
    ...stepVectorSpecs(config),
  ];
}

/** Once per sampling: the observed pixels after all blocks [B, Ni, dim], and the queries without their state [B, Nq, dim]. */
function encodeContext(
  config: FieldConfig,
  parameters: NamedTensors,
  { context, dropout }: { context: Context; dropout: Dropout },
): NamedTensors {
  const frequencies = parameters['transformer.fourier_B'];
  const observed = fourierFeatures(context.observedCoords, frequencies); // [B, Ni, 2F]
  let x = linear(parameters, 'transformer.token_in', tf.concat([observed, context.observedValues], 2));
  const options = { heads: config.heads, dropout, time: null };
  for (let index = 0; index < config.blocks; index++) {
    const block = `transformer.blocks.${index}`;
    x = attend(parameters, { block, kind: 'self', x, context: null }, options);
    x = feedForward(parameters, block, { ...options, x });
  }
  const places = fourierFeatures(context.queryCoords, frequencies); // [B, Nq, 2F]
  const known = context.patch ? tf.concat([places, context.patch], 2) : places;
  return {
    tokens: norm(parameters, 'transformer.token_norm', { x, time: null }),
    queries: linear(parameters, 'transformer.query_in', known),
    ...(config.residual !== 'none' && context.estimate ? { estimate: context.estimate } : {}),
  };
}

function predictAtQueries(
  config: FieldConfig,
  parameters: NamedTensors,
  { encoded, point, dropout }: { encoded: NamedTensors; point: PathPoint; dropout: Dropout },
): tf.Tensor {
  const { tokens, queries, estimate } = encoded;
  const time = timeVector(parameters, point, { dim: config.dim, scale: adaptiveTimeScale }); // [B, dim]
  const options = { heads: config.heads, dropout, time };
  let x = tf.add(queries, linear(parameters, 'transformer.state_in', point.state)); // [B, Nq, dim]
  for (let index = 0; index < config.readBlocks; index++) {
    const block = `transformer.read.${index}`;
    x = readTokens(config, parameters, { ...options, block, x, tokens });
    x = feedForward(parameters, block, { ...options, x });
  }
  const normed = norm(parameters, 'transformer.output_norm', { x, time });
  const output = linear(parameters, 'transformer.output', normed);
  return estimate ? tf.add(output, estimate) : output;
}

/** x + attention(norm(x), tokens [B, Ni, dim]), or with the queries among the tokens: full attention. */
function readTokens(
  { queriesAttend }: FieldConfig,
  parameters: NamedTensors,
  step: BlockOptions & { block: string; x: tf.Tensor; tokens: tf.Tensor },
): tf.Tensor {
  const queries = norm(parameters, `${step.block}.cross_norm`, step);
  const context = queriesAttend ? tf.concat([step.tokens, queries], 1) : step.tokens; // [B, Ni (+ Nq), dim]
  const input = { ...step, queries, context };
  return tf.add(step.x, attention(parameters, `${step.block}.cross_attn`, input));
}
