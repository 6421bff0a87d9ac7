/** Size and cost of a network, counted from its configuration alone, before anything is built. */

import type { FieldConfig, RunConfig } from './config.ts';
import { keptAverages } from './keptAverages.ts';
import { countLinear, type NetworkCount, type Points } from './networks/network.ts';
import { networkOf, queriesOf } from './networks/registry.ts';

/** Returns the trainable numbers of a network. */
export function countParameters(field: FieldConfig): number {
  return countNetwork(field, { observed: 1, queries: 1 }, 1).parameters;
}

/**
 * Returns the bytes of a checkpoint: weights, both moments, the averages that the run keeps, and the buffers. With Muon at most so
 * many: hidden layers have one momentum instead of two moments.
 */
export function countCheckpointBytes(config: RunConfig): number {
  const copies = 3 + keptAverages(config.optim).length;
  const { parameters, buffers } = countExample(config);
  return 4 * (copies * parameters + buffers);
}

/**
 * Returns the floating point operations of one training step, in products only: a forward pass and a backward pass of twice
 * its cost; for every shortcut, two more forward passes.
 */
export function countStepOperations(config: RunConfig): number {
  const passes = 3 + 2 * config.objective.shortcutShare;
  return passes * 2 * config.train.batchSize * countExample(config).products;
}

/** Returns an estimate of the bytes that a training step keeps for its backward pass. */
export function countActivationBytes(config: RunConfig): number {
  return 4 * config.train.batchSize * countExample(config).kept;
}

/** Returns the multiplications of one evaluation at some points of an image with this side, encoding included. */
export function countEvaluation(field: FieldConfig, points: Points, side: number): number {
  return networkOf(field).count(field, points, side).products;
}

function countExample({ data, mask, field }: RunConfig): NetworkCount {
  const pixels = data.imageSize ** 2;
  const observed = Math.floor(mask.keepRatio * pixels);
  const targets = Math.min(Math.floor(mask.targetRatio * pixels), pixels - observed);
  const queries = queriesOf(field) === 'grid' ? pixels : targets;
  return countNetwork(field, { observed, queries }, data.imageSize);
}

function countNetwork(field: FieldConfig, points: Points, side: number): NetworkCount {
  const count = networkOf(field).count(field, points, side);
  const ofStep = field.stepConditioning ? 2 * countLinear(field.dim, field.dim) : 0;
  return { ...count, parameters: count.parameters + ofStep };
}
