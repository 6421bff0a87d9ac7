/** The size and the cost of a network, counted from its configuration alone: before anything is built. */

import type { FieldConfig, RunConfig } from './config.ts';
import { queriesOf } from './fieldTraits.ts';
import { countLinear, type NetworkCount, type Points } from './layerSize.ts';
import { keptAverages } from './keptAverages.ts';
import { countPerceiver } from './perceiverSize.ts';
import { countLocal, countTransformer } from './pointFieldSizes.ts';
import { countUnet } from './unetSize.ts';

type CountField = (field: FieldConfig, points: Points, side: number) => NetworkCount;

const counts: Readonly<Record<FieldConfig['kind'], CountField>> = {
  perceiver: countPerceiver,
  unet: (field, _points, side) => countUnet(field, side),
  local: countLocal,
  transformer: countTransformer,
};

/** Trainable numbers of a network. */
export function countParameters(field: FieldConfig): number {
  return countNetwork(field, { observed: 1, queries: 1 }, 1).parameters;
}

/** Bytes of a checkpoint: weights, both moments, the averages the run keeps, and what is fixed. */
export function countCheckpointBytes(config: RunConfig): number {
  const copies = 3 + keptAverages(config.optim).length;
  const { parameters, buffers } = countExample(config);
  return 4 * (copies * parameters + buffers);
}

/**
 * Floating point operations of the products of one training step: forward, and twice that backward; forward twice more
 * for every shortcut.
 */
export function countStepOperations(config: RunConfig): number {
  const passes = 3 + 2 * config.objective.shortcutShare;
  return passes * 2 * config.train.batchSize * countExample(config).products;
}

/** Bytes of what a training step keeps for its way back, counted coarsely. */
export function countActivationBytes(config: RunConfig): number {
  return 4 * config.train.batchSize * countExample(config).kept;
}

/** Multiplications of one evaluation at so many points of a picture, the encoding of the context among them. */
export function countEvaluation(field: FieldConfig, points: Points, side: number): number {
  return counts[field.kind](field, points, side).products;
}

function countExample({ data, mask, field }: RunConfig): NetworkCount {
  const pixels = data.imageSize ** 2;
  const observed = Math.floor(mask.keepRatio * pixels);
  const targets = Math.min(Math.floor(mask.targetRatio * pixels), pixels - observed);
  const queries = queriesOf(field) === 'grid' ? pixels : targets;
  return countNetwork(field, { observed, queries }, data.imageSize);
}

const countNetwork: CountField = (field, points, side) => {
  const count = counts[field.kind](field, points, side);
  const forSteps = field.stepConditioning ? 2 * countLinear(field.dim, field.dim) : 0;
  return { ...count, parameters: count.parameters + forSteps };
};
