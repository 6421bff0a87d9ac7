/** The size and the cost of a network, counted from its configuration alone: before anything is built. */

import type { FieldConfig, RunConfig } from '../config.ts';

/** Points of one training example. */
interface Points {
  readonly observed: number;
  readonly queries: number;
  /** What the latents read. */
  readonly tokens: number;
}

/** Trainable numbers of a network. */
export function countParameters(field: FieldConfig): number {
  const { dim, latents, blocks, readBlocks, fourierFeatures, patch, queryCarriesState } = field;
  const isAdaptive = field.timeConditioning === 'adaptive';
  const norm = (adaptive: boolean) => (adaptive ? linear(dim, 2 * dim) : 2 * dim);
  const embedding = (features: number) => linear(features, dim) + 2 * dim;
  const attention = 4 * linear(dim, dim);
  const mlp = (adaptive: boolean) => norm(adaptive) + linear(dim, 4 * dim) + linear(4 * dim, dim);
  const seesTime = isAdaptive && !areLatentsFixed(field);
  const reader =
    latents * dim +
    embedding(2 * fourierFeatures + 3) +
    blocks * (2 * attention + 2 * norm(seesTime) + mlp(seesTime));
  const queries = embedding(2 * fourierFeatures + 4 * patch ** 2) + (queryCarriesState ? linear(3, dim) : 0);
  const readOut =
    readBlocks === 0
      ? attention
      : readBlocks * (attention + norm(isAdaptive) + mlp(isAdaptive)) + norm(isAdaptive);
  return reader + queries + readOut + linear(dim, 3) + 2 * linear(dim, dim);
}

/** Bytes of a checkpoint: weights, both moments, averaged weights where the run keeps them, and the frequencies. */
export function countCheckpointBytes({ field, optim }: RunConfig): number {
  const copies = optim.ema > 0 ? 4 : 3;
  return 4 * (copies * countParameters(field) + 2 * field.fourierFeatures);
}

/** Floating point operations of the matrix products of one training step: forward, and twice that backward. */
export function countStepOperations(config: RunConfig): number {
  const { field, train } = config;
  const { dim, latents, blocks, readBlocks, fourierFeatures, patch } = field;
  const { observed, queries, tokens } = countPoints(config);
  const features = 2 * fourierFeatures;
  /** Multiplications of queries by keys: projections of both, scores and mixture. */
  const attention = (points: number, context: number) =>
    2 * points * dim ** 2 + 2 * context * dim ** 2 + 2 * points * context * dim;
  const mlp = (points: number) => 8 * points * dim ** 2;
  const reader =
    tokens * (features + 3) * dim +
    blocks * (attention(latents, tokens) + attention(latents, latents) + mlp(latents));
  const query = queries * (features + 4 * patch ** 2 + (field.queryCarriesState ? 3 : 0)) * dim;
  const readOut = Math.max(1, readBlocks) * attention(queries, latents) + readBlocks * mlp(queries);
  const fourier = (observed + queries) * 2 * fourierFeatures;
  return 3 * 2 * train.batchSize * (reader + query + readOut + 3 * queries * dim + fourier);
}

/** Bytes of what a training step keeps for its way back, counted coarsely: inputs of products, norms and nonlinearities. */
export function countActivationBytes(config: RunConfig): number {
  const { dim, latents, blocks, readBlocks, heads, fourierFeatures, patch } = config.field;
  const { queries, tokens } = countPoints(config);
  const attention = (points: number, context: number) =>
    6 * points * dim + 2 * context * dim + 3 * heads * points * context;
  const mlp = (points: number) => 14 * points * dim;
  const embedding = (points: number, features: number) => points * (features + 4 * dim);
  const numbers =
    embedding(tokens, 2 * fourierFeatures + 3) +
    blocks * (attention(latents, tokens) + attention(latents, latents) + mlp(latents)) +
    embedding(queries, 2 * fourierFeatures + 4 * patch ** 2) +
    Math.max(1, readBlocks) * attention(queries, latents) +
    readBlocks * mlp(queries);
  return 4 * config.train.batchSize * numbers;
}

function countPoints({ data, mask, field }: RunConfig): Points {
  const pixels = data.imageSize ** 2;
  const observed = Math.floor(mask.keepRatio * pixels);
  const queries = Math.min(Math.floor(mask.targetRatio * pixels), pixels - observed);
  return { observed, queries, tokens: field.queryCarriesState ? observed : observed + queries };
}

/** Weights and biases of a linear layer. */
function linear(inputs: number, outputs: number): number {
  return inputs * outputs + outputs;
}

/** Latents that see neither state nor time. */
function areLatentsFixed({ queryCarriesState, timeConditioning, readBlocks }: FieldConfig): boolean {
  return queryCarriesState && timeConditioning === 'adaptive' && readBlocks > 0;
}
