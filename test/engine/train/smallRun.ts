/** A training run of a few milliseconds per step: twelve random images and a small network, for every kind of training. */

import { createBatcher } from '../../../main/datasets/batcher.ts';
import { createDataset } from '../../../main/datasets/dataset.ts';
import { createTrainingMaskSource } from '../../../main/datasets/masks.ts';
import type { BatchSource, TrainingBatch } from '../../../main/engine/train/trainingBatch.ts';
import { fixedMasks, pooledMasks } from '../../../main/engine/train/trainingMasks.ts';
import { type RunConfig, type RunConfigInput, runConfigSchema } from '../../../shared/config/config.ts';
import { randomBits } from '../../../shared/numbers/random.ts';

const imageSize = 11;
const size = { latents: 3, dim: 8, fourierFeatures: 4, blocks: 1, heads: 2 };
const train = { batchSize: 4, epochs: 3, evaluateEverySteps: 0, previewEverySteps: 0 };

const fromEstimate: RunConfigInput = {
  data: { imageSize, flips: true, turns: true },
  mask: { law: 'counter', pool: 2 },
  path: { prediction: 'data', start: 'classical', startNoise: 0.1 },
  objective: { startShare: 0.25 },
  optim: { learningRate: 1e-3, ema: 0.9, warmupSteps: 3, schedule: 'budget' },
  train,
};

const upgraded = {
  ...fromEstimate,
  field: {
    ...size,
    dropout: 0.2,
    queryCarriesState: true,
    timeConditioning: 'adaptive',
    readBlocks: 1,
    residual: 'thin-plate',
    patch: 3,
  },
  optim: { learningRate: 1e-3, ema: 0.9, warmupSteps: 3 },
} satisfies RunConfigInput;

const local = {
  ...fromEstimate,
  mask: { ...fromEstimate.mask, keepRatioMin: 0.1, keepRatioMax: 0.6 },
  field: { ...size, kind: 'local', neighbours: 5, readBlocks: 1, residual: 'thin-plate', dropout: 0.2 },
} satisfies RunConfigInput;

const transformer = {
  ...fromEstimate,
  field: { ...size, kind: 'transformer', readBlocks: 1, residual: 'thin-plate', dropout: 0.2 },
} satisfies RunConfigInput;

/** Configurations of small runs: the notebook's (fixed masks, dropout, a cosine), one with every upgrade, the other two methods, shortcuts, the other networks, one that is given a mask for each channel, one whose unit follows the local contrast, one that starts from pink noise, and one that is trained by Muon. */
export const trainings: Readonly<
  Record<
    | 'notebook'
    | 'upgraded'
    | 'denoiser'
    | 'score'
    | 'shortcuts'
    | 'unet'
    | 'bayer'
    | 'local contrast'
    | 'pink noise'
    | 'muon'
    | 'local'
    | 'mixing'
    | 'transformer'
    | 'full attention',
    RunConfigInput
  >
> = {
  notebook: { data: { imageSize }, field: { ...size, dropout: 0.2 }, train },
  upgraded,
  unet: {
    ...fromEstimate,
    mask: { ...fromEstimate.mask, keepRatioMin: 0.1, keepRatioMax: 0.6 },
    field: { kind: 'unet', dim: 8, levels: 3, stride: 1, blocks: 1, residual: 'thin-plate', dropout: 0 },
    optim: { ...fromEstimate.optim, weightDecay: 0.1, emaMore: [0.5, 0.99] },
  },
  bayer: {
    ...fromEstimate,
    mask: { law: 'bayer', pool: 2, phase: 'GBRG' },
    field: { kind: 'unet', dim: 8, levels: 2, blocks: 1, residual: 'thin-plate', channelMask: true },
  },
  'local contrast': {
    ...fromEstimate,
    mask: { ...fromEstimate.mask, keepRatioMin: 0.1, keepRatioMax: 0.6 },
    field: { kind: 'unet', dim: 8, levels: 2, stride: 1, blocks: 1, residual: 'thin-plate', dropout: 0 },
    path: {
      prediction: 'velocity',
      start: 'classical',
      startNoise: 1,
      residualDeviation: 1,
      unit: 'local',
      measured: { residual: 0.5, images: 256 },
      estimate: 'tension-spline',
    },
    objective: { startShare: 0.25, knownWeight: 0.1 },
  },
  'pink noise': {
    ...fromEstimate,
    field: { kind: 'unet', dim: 8, levels: 2, blocks: 1, residual: 'thin-plate' },
    path: { ...fromEstimate.path, noise: 'pink' },
  },
  muon: {
    ...fromEstimate,
    field: { kind: 'unet', dim: 16, levels: 2, blocks: 1, residual: 'thin-plate' },
    optim: { ...fromEstimate.optim, kind: 'muon', weightDecay: 0.1 },
  },
  local,
  mixing: { ...local, field: { ...local.field, mixing: 3 } },
  transformer,
  'full attention': { ...transformer, field: { ...transformer.field, queriesAttend: true } },
  denoiser: {
    ...upgraded,
    path: { kind: 'cosine', prediction: 'data' },
    objective: { time: 'stratified', startShare: 0.25, weighting: 'min-snr', snrFloor: 1 },
  },
  shortcuts: {
    ...upgraded,
    field: { ...upgraded.field, stepConditioning: true },
    path: { prediction: 'velocity', start: 'classical', startNoise: 0.25, residualDeviation: 0.1 },
    objective: { time: 'stratified', startShare: 0.25, shortcutShare: 0.5 },
  },
  score: {
    ...upgraded,
    path: { kind: 'variance-preserving', prediction: 'noise', residualDeviation: 0.1 },
    objective: { time: 'logit-normal', weighting: 'sigma-squared' },
  },
};

/** Returns a configuration with the batches of its run: 3 steps per epoch, 3 epochs. */
export function createSmallRun(input: RunConfigInput): { config: RunConfig; source: BatchSource } {
  const config = runConfigSchema.parse(input);
  const pixels = Uint8Array.from(
    randomBits({ seed: 5, stream: 'synthetic', step: 0 }, 12 * imageSize ** 2 * 3),
  );
  const dataset = createDataset({ source: 'random', split: 'train', imageSize, notes: [], pixels });
  const { seed, mask, data, path } = config;
  const { batchSize, epochs } = config.train;
  const batcher = createBatcher(dataset, {
    batchSize,
    seed,
    flips: data.flips,
    turns: data.turns,
    imageSize,
  });
  const { maskOf } = createTrainingMaskSource(mask, { width: imageSize, height: imageSize });
  const masks =
    mask.pool > 0
      ? pooledMasks(maskOf, { config: mask, seed, size: imageSize, method: path.estimate })
      : fixedMasks(maskOf, path.estimate);
  return {
    config,
    source: {
      imagesOf: batcher.imagesOf,
      masks,
      stepsPerEpoch: batcher.stepsPerEpoch,
      totalSteps: epochs * batcher.stepsPerEpoch,
    },
  };
}

/** Returns a batch in which every member is the same tensor or array, for steps that read a single number. */
export function createScalarBatch<Leaf>(leaf: Leaf): TrainingBatch<Leaf> {
  const context = { observedCoords: leaf, observedValues: leaf, queryCoords: leaf };
  return {
    rows: { ...context, target: leaf, time: leaf },
    update: { stepSize: leaf, secondCorrection: leaf, averageDecays: [] },
  };
}
