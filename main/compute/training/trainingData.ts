/** Opens what a training run reads: training images, their masks, and the images it is scored on. */

import type { RunConfig } from '../../../shared/config/config.ts';
import { imageAt, observe } from '../../../shared/images/image.ts';
import type { DatasetInfo, Split } from '../../../shared/dataset.ts';
import { createBatcher } from '../../datasets/batcher.ts';
import type { Dataset, DatasetProgress } from '../../datasets/dataset.ts';
import { createMaskSource, type MaskSource, createTrainingMaskSource } from '../../datasets/masks.ts';
import { openDataset } from '../../datasets/registry.ts';
import type { BatchSource } from '../../engine/train/trainingBatch.ts';
import { fixedMasks, pooledMasks } from '../../engine/train/trainingMasks.ts';
import { isGenerated, parseDataSource } from '../../../shared/dataset.ts';
import { asDataError, type Comparison, findDifference, identityOf } from '../dataIdentity.ts';
import type { ReconstructOptions } from '../sampling/reconstructImages.ts';

export interface TrainingData {
  /** The whole training split, with what else was found. */
  readonly info: DatasetInfo;
  /** The first split whose images are not those of before. */
  readonly difference: Comparison | undefined;
  readonly source: BatchSource;
  readonly totalSteps: number;
  /** Images scored and previewed while training: held out of the training split, or validation or test images. */
  readonly scored: Pick<ReconstructOptions, 'images' | 'observations' | 'indices'>;
}

export interface TrainingDataOptions {
  readonly cacheFolder: string;
  readonly onProgress: (progress: DatasetProgress) => void;
  /** What an earlier session of the run found. */
  readonly known?: DatasetInfo | null;
  readonly signal?: AbortSignal;
}

/** @throws DataError when the data cannot be opened; Error when they leave nothing to train on; the signal's reason when aborted. */
export async function openTrainingData(
  config: RunConfig,
  options: TrainingDataOptions,
): Promise<TrainingData> {
  const trainingMasks = createTrainingMaskSource(config.mask, config.data.imageSize ** 2);
  if (trainingMasks.targetCount === 0) {
    const leaf = config.mask.keepRatioMax === null ? 'keepRatio' : 'keepRatioMax';
    throw new Error(`mask.${leaf} leaves no pixel to be trained on: choose a smaller share, such as 0.2.`);
  }
  const { training, scored, ...found } = await asDataError(() => openSplits(config, options));
  const { batchSize, epochs, steps } = config.train;
  const { seed, data } = config;
  const { flips, turns, imageSize } = data;
  const batcher = createBatcher(training, { batchSize, seed, flips, turns, imageSize });
  const { stepsPerEpoch } = batcher;
  const source: BatchSource = {
    imagesOf: (step) => batcher.imagesOf(step),
    masks:
      config.mask.pool > 0
        ? pooledMasks(trainingMasks.maskOf, { config: config.mask, seed, size: data.imageSize })
        : fixedMasks(trainingMasks.maskOf),
    stepsPerEpoch,
    totalSteps: steps ?? epochs * stepsPerEpoch,
  };
  return {
    ...found,
    source,
    totalSteps: source.totalSteps,
    scored: observeAll(scored, config),
  };
}

/** Images to be scored, by their indices. */
interface ScoredImages {
  readonly dataset: Dataset;
  readonly indices: readonly number[];
}

/** Opens the splits that training reads, and looks at the test images once, so that evaluations know them again. */
async function openSplits(
  config: RunConfig,
  { known, ...options }: TrainingDataOptions,
): Promise<Pick<TrainingData, 'info' | 'difference'> & { training: Dataset; scored: ScoredImages }> {
  const { source, imageSize, folderLayout } = config.data;
  const open = (split: Split) => openDataset(source, { split, imageSize, folderLayout, ...options });
  const whole = await open('train');
  const validation = await whole.openValidation?.();
  const held = validation ? { indices: [] } : chooseHeldOut(whole, config, known);
  const scoresTest = !validation && held.indices.length === 0;
  const changed = findDifference([
    { split: 'train', known: known ?? undefined, found: whole.info },
    { split: 'validation', known: known?.splits?.validation, found: validation?.info },
  ]);
  const isTestKnown = isGenerated(parseDataSource(source)) || (known?.splits?.test !== undefined && !changed);
  // A source may lack the test images that nothing here reads.
  const test =
    scoresTest || !isTestKnown ? await open('test').catch(scoresTest ? fail : () => undefined) : undefined;
  options.signal?.throwIfAborted();
  const scoredTest = {
    split: 'test',
    known: known?.splits?.test,
    found: scoresTest ? test?.info : undefined,
  } as const;
  const difference = changed ?? findDifference([scoredTest]);
  const splits = {
    ...(test && { test: identityOf(test.info) }),
    ...(validation && { validation: identityOf(validation.info) }),
  };
  const upTo = held.upTo === undefined ? {} : { heldOutUpTo: held.upTo };
  return {
    // Where nothing has changed, what was not looked at is still what it was.
    info: { ...whole.info, splits: difference ? splits : { ...known?.splits, ...splits }, ...upTo },
    difference,
    training: without(whole, held.indices),
    scored:
      validation || !test || !scoresTest
        ? first(validation ?? whole, config, validation ? undefined : held.indices)
        : first(test, config),
  };
}

function fail(error: unknown): never {
  throw error;
}

/**
 * The images held out for evaluation: as many as the configuration says, but at most a fifth of a small dataset. Where
 * images have identities, those with the smallest; images held out once are held out for good, whatever is added.
 * Elsewhere the last ones.
 */
function chooseHeldOut(
  { info, identityOf: nameOf }: Dataset,
  { data }: RunConfig,
  known: DatasetInfo | null | undefined,
): { indices: readonly number[]; upTo?: string } {
  const wanted = Math.min(data.validationImages, Math.floor(info.count / 5));
  if (wanted === 0) return { indices: [] };
  const all = Array.from({ length: info.count }, (_, index) => index);
  if (!nameOf) return { indices: all.slice(info.count - wanted) };
  const names = all.map(nameOf);
  const heldUpTo = (upTo: string) => all.filter((index) => names[index] <= upTo);
  const smallest = names.toSorted()[wanted - 1];
  const before = known?.heldOutUpTo;
  const isUsable = before !== undefined && ![0, info.count].includes(heldUpTo(before).length);
  const upTo = isUsable ? before : smallest;
  return { indices: heldUpTo(upTo), upTo };
}

function without(dataset: Dataset, left: readonly number[]): Dataset {
  if (left.length === 0) return dataset;
  const out = new Set(left);
  const kept = Array.from({ length: dataset.info.count }, (_, index) => index).filter(
    (index) => !out.has(index),
  );
  return {
    info: { ...dataset.info, count: kept.length },
    readImages: (indices) => dataset.readImages(Array.from(indices, (index) => kept[index])),
  };
}

/** The first images of an evaluation while training, of all or of those given. */
function first(dataset: Dataset, config: RunConfig, indices?: readonly number[]): ScoredImages {
  const all = indices ?? Array.from({ length: dataset.info.count }, (_, index) => index);
  return { dataset, indices: all.slice(0, config.train.evaluationImages) };
}

function masksOf(config: RunConfig): MaskSource {
  const { law, seed, keepRatio, targetRatio } = config.mask;
  return createMaskSource({ law, seed, keepRatio, targetRatio, pixels: config.data.imageSize ** 2 });
}

function observeAll({ dataset, indices }: ScoredImages, config: RunConfig): TrainingData['scored'] {
  const masks = masksOf(config);
  const images = dataset.readImages(indices);
  const observations = indices.map((index, row) =>
    observe(imageAt(images, row), masks.maskOf(index).observed),
  );
  return { images, observations, indices };
}
