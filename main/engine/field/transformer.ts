/**
 * A transformer over pixels: observed pixels are tokens that attend to one another; queried pixels attend to them and, with
 * `queriesAttend`, to one another (Vaswani et al. 2017; read–process–write as in Jabri et al. 2023, with the observed pixels
 * in place of the latents).
 */

import * as tf from '@tensorflow/tfjs-core';
import type { TransformerConfig } from '../../../shared/config/networks/transformer.ts';
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
import type { Dropout } from './dropout.ts';
import {
  adaptiveTimeScale,
  fourierFeatures,
  frequencySpec,
  stepVectorSpecs,
  timeVector,
  timeVectorSpecs,
} from './embeddings.ts';
import type { Field, PathPoint } from './field.ts';
import { linear } from './layers.ts';
import { linearSpecs, type ParameterSpec } from './parameters.ts';

type TransformerEncoding = {
  /** Observed pixels after all blocks, [B, Ni, dim]. */
  readonly tokens: tf.Tensor;
  /** Queries without their state, [B, Nq, dim]. */
  readonly queries: tf.Tensor;
  /** [B, Nq, 3] */
  readonly estimate?: tf.Tensor;
};

/** Creates the network of a configuration; it holds no tensors. */
export function createTransformerField(config: TransformerConfig): Field<TransformerEncoding> {
  return {
    takesStepSize: config.stepConditioning,
    parameters: transformerSpecs(config),
    encode: (parameters, context, dropout) => encodeContext(config, parameters, { context, dropout }),
    predict: (parameters, encoded, point, dropout) =>
      predictAtQueries(config, parameters, { encoded, point, dropout }),
  };
}

function transformerSpecs(config: TransformerConfig): ParameterSpec[] {
  const { dim, fourierFeatures: frequencies, patch } = config;
  const blockSpecs = (count: number, name: string, kind: 'self' | 'cross') =>
    Array.from({ length: count }, (_, index) => `${name}.${index}`).flatMap((block) => [
      ...attentionSpecs(`${block}.${kind}_attn`, dim),
      ...normSpecs(`${block}.${kind}_norm`, dim, kind === 'cross'),
      ...mlpSpecs(block, dim, kind === 'cross'),
    ]);
  return [
    frequencySpec('transformer.fourier_B', config),
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

function encodeContext(
  config: TransformerConfig,
  parameters: NamedTensors,
  { context, dropout }: { context: Context; dropout: Dropout },
): TransformerEncoding {
  const frequencies = parameters['transformer.fourier_B'];
  const observed = fourierFeatures(context.observedCoords, frequencies); // [B, Ni, 2F]
  let x = linear(parameters, 'transformer.token_in', tf.concat([observed, context.observedValues], 2));
  const options = { heads: config.heads, dropout, time: null };
  for (let index = 0; index < config.blocks; index++) {
    const block = `transformer.blocks.${index}`;
    x = attend(parameters, { block, kind: 'self', x, context: null }, options);
    x = feedForward(parameters, block, { ...options, x });
  }
  const queryFeatures = fourierFeatures(context.queryCoords, frequencies); // [B, Nq, 2F]
  const known = context.patch ? tf.concat([queryFeatures, context.patch], 2) : queryFeatures;
  return {
    tokens: norm(parameters, 'transformer.token_norm', { x, time: null }),
    queries: linear(parameters, 'transformer.query_in', known),
    ...(config.residual !== 'none' && context.estimate ? { estimate: context.estimate } : {}),
  };
}

function predictAtQueries(
  config: TransformerConfig,
  parameters: NamedTensors,
  { encoded, point, dropout }: { encoded: TransformerEncoding; point: PathPoint; dropout: Dropout },
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

/** Returns x + attention(norm(x), tokens [B, Ni, dim]); with `queriesAttend` the queries are among the tokens. */
function readTokens(
  { queriesAttend }: TransformerConfig,
  parameters: NamedTensors,
  step: BlockOptions & { block: string; x: tf.Tensor; tokens: tf.Tensor },
): tf.Tensor {
  const queries = norm(parameters, `${step.block}.cross_norm`, step);
  const context = queriesAttend ? tf.concat([step.tokens, queries], 1) : step.tokens; // [B, Ni (+ Nq), dim]
  const input = { ...step, queries, context };
  return tf.add(step.x, attention(parameters, `${step.block}.cross_attn`, input));
}
