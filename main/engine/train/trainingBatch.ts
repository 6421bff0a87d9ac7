/** One training batch as arrays: everything the step reads, a pure function of (seed, step) and the data. */

import type { FieldConfig, RunConfig } from '../../../shared/config/config.ts';
import { fieldTraits, queriesOf } from '../../../shared/config/fieldTraits.ts';
import { imageAt, type ImageBatch } from '../../../shared/images/image.ts';
import { keptAverages } from '../../../shared/config/keptAverages.ts';
import { learningRateAt } from '../../../shared/config/learningRate.ts';
import type { NamedArray, NamedArrays } from '../field/parameters.ts';
import { sampleShortcuts, shortcutCount } from '../objective/shortcut.ts';
import { sampleTime } from '../objective/sampleTime.ts';
import { adamScalars } from '../optim/adam.ts';
import { averageDecayAt, decayName } from '../optim/averagedWeights.ts';
import { keptShare } from '../optim/weightDecay.ts';
import { seedArray } from '../random.ts';
import { contextArrays, type ContextWishes, everyPixel, pixelValues } from './contextArrays.ts';
import type { TrainingMasks } from './trainingMasks.ts';

export interface BatchSource {
  /** The images of a step (counted from 0) and their dataset indices. */
  readonly imagesOf: (step: number) => { readonly indices: Int32Array; readonly images: ImageBatch };
  readonly masks: TrainingMasks;
  readonly stepsPerEpoch: number;
  /** Steps of the whole run: the length of the learning rate schedule. */
  readonly totalSteps: number;
}

/** The batch of a step (see createStep) and the learning rate it uses; `seconds` of training are before it. */
export function trainingBatch(
  config: RunConfig,
  source: BatchSource,
  step: number,
  seconds = 0,
): { arrays: NamedArrays; learningRate: number } {
  const { indices, images } = source.imagesOf(step);
  const wholeGrid = queriesOf(config.field) === 'grid';
  const allPixels = wholeGrid ? everyPixel(images.height * images.width) : null;
  const examples = Array.from(indices, (image, row) => {
    const mask = source.masks({ step, row, batchSize: indices.length, image });
    const estimate = needsEstimate(config) ? mask.estimate(imageAt(images, row)) : null;
    return { observed: mask.observed, queries: allPixels ?? mask.target, estimate };
  });
  const context = contextArrays(images, examples, contextWishes(config.field));
  const target = pixelValues(
    images,
    examples.map((example) => example.queries),
  );
  const learningRate = learningRateAt({ step, seconds }, config.optim, {
    ...source,
    minutes: config.train.minutes,
  });
  const arrays = {
    ...context,
    target,
    noiseSeed: seedArray({ seed: config.seed, stream: 'noise', step }),
    ...(config.field.dropout > 0
      ? { dropoutSeed: seedArray({ seed: config.seed, stream: 'dropout', step }) }
      : {}),
    ...pathTimes(config, indices.length, step),
    ...optimizerScalars(config, step, learningRate),
  };
  return { arrays, learningRate };
}

/** `time` [B] of every image; where shortcuts are trained, the last images are shortcuts, and `step` [B] is their size. */
function pathTimes({ seed, objective }: RunConfig, count: number, step: number): NamedArrays {
  const { startShare, shortcutShare, time: law } = objective;
  const shortcuts = shortcutCount(count, shortcutShare);
  const flows = count - shortcuts;
  const times = sampleTime(flows, { seed, step, startShare: startShare * (count / flows), law });
  if (shortcutShare === 0) return { time: { shape: [count], values: times } };
  const sampled = sampleShortcuts(shortcuts, { seed, step });
  const all = new Float32Array(count);
  all.set(times);
  all.set(sampled.times, flows);
  const sizes = new Float32Array(count);
  sizes.set(sampled.sizes, flows);
  return { time: { shape: [count], values: all }, step: { shape: [count], values: sizes } };
}

/** Whether the field or the path reads a classical estimate of each image. */
export function needsEstimate(config: RunConfig): boolean {
  return config.field.residual !== 'none' || config.path.start === 'classical';
}

/** What a field of this configuration reads besides coordinates and colours. */
export function contextWishes(field: FieldConfig): ContextWishes {
  const { reads, readsList } = fieldTraits[field.kind];
  return {
    list: readsList,
    patch: reads.includes('patch') ? field.patch : 0,
    // A list says the same.
    grid: queriesOf(field) === 'grid' && !readsList,
    neighbours: reads.includes('neighbours') ? field.neighbours : 0,
  };
}

function optimizerScalars(config: RunConfig, step: number, learningRate: number): NamedArrays {
  const { weightDecay } = config.optim;
  const scalar = (value: number): NamedArray => ({ shape: [], values: Float32Array.of(value) });
  const averageScalars = Object.fromEntries(
    keptAverages(config.optim).map(({ kind, decay }) => [
      decayName(kind),
      scalar(averageDecayAt(step, decay)),
    ]),
  );
  const { stepSize, secondCorrection } = adamScalars(step + 1, learningRate, config.optim);
  return {
    stepSize: scalar(stepSize),
    secondCorrection: scalar(secondCorrection),
    ...averageScalars,
    ...(weightDecay > 0 ? { weightsKept: scalar(keptShare(learningRate, weightDecay)) } : {}),
  };
}
