/** Opens the data of a training run: training images, their masks, and the images it is scored on. */

import { readingOf, type RunConfig } from '../../../shared/config/config.ts';
import { imageAt } from '../../../shared/images/image.ts';
import { observeNoisily } from '../../../shared/images/observationNoise.ts';
import type { DatasetInfo, Split } from '../../../shared/dataset.ts';
import { createBatcher } from '../../datasets/batcher.ts';
import type { Dataset, DatasetProgress } from '../../datasets/dataset.ts';
import { createMaskSource, type MaskSource, createTrainingMaskSource } from '../../datasets/masks.ts';
import { openDataset } from '../../datasets/registry.ts';
import type { BatchSource } from '../../engine/train/trainingBatch.ts';
import { fixedMasks, pooledMasks } from '../../engine/train/trainingMasks.ts';
import { isGenerated, parseDataSource } from '../../../shared/dataset.ts';
import { checkColours } from '../checkColours.ts';
import { asDataError, type Comparison, findDifference, identityOf } from '../dataIdentity.ts';
import type { ReconstructOptions } from '../sampling/reconstructImages.ts';

export interface TrainingData {
  /** The whole training split, with the identities of the other splits. */
  readonly info: DatasetInfo;
  /** The first split whose images have changed. */
  readonly difference: Comparison | undefined;
  readonly source: BatchSource;
  readonly totalSteps: number;
  /** Images that are scored and previewed while training: held out of the training split, or validation or test images. */
  readonly scored: Pick<ReconstructOptions, 'images' | 'observations' | 'indices'>;
}

export interface TrainingDataOptions {
  readonly cacheFolder: string;
  readonly onProgress: (progress: DatasetProgress) => void;
  /** The images that an earlier session of the run found. */
  readonly known?: DatasetInfo | null;
  readonly signal?: AbortSignal;
}

/** @throws DataError if the data cannot be opened; Error if nothing is left to train on; the signal's reason if aborted. */
export async function openTrainingData(
  config: RunConfig,
  options: TrainingDataOptions,
): Promise<TrainingData> {
  const trainingMasks = createTrainingMaskSource(config.mask, sizeOf(config));
  if (trainingMasks.targetCount === 0) {
    const leaf = config.mask.keepRatioMax === null ? 'keepRatio' : 'keepRatioMax';
    throw new Error(`mask.${leaf} leaves no pixel to be trained on: choose a smaller ratio, such as 0.2.`);
  }
  const { training, scored, ...found } = await asDataError(() => openSplits(config, options));
  const { batchSize, epochs, steps } = config.train;
  const { seed, data } = config;
  const { flips, turns, imageSize } = data;
  const method = config.path.estimate;
  const batcher = createBatcher(training, { batchSize, seed, flips, turns, imageSize });
  const { stepsPerEpoch } = batcher;
  const source: BatchSource = {
    imagesOf: (step) => batcher.imagesOf(step),
    masks:
      config.mask.pool > 0
        ? pooledMasks(trainingMasks.maskOf, { config: config.mask, seed, size: data.imageSize, method })
        : fixedMasks(trainingMasks.maskOf, method),
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

/** Images to score, by their indices. */
interface ScoredImages {
  readonly dataset: Dataset;
  readonly indices: readonly number[];
}

/** The splits that training reads, with the images held out of the training split. */
interface OpenedSplits {
  readonly whole: Dataset;
  readonly validation: Dataset | undefined;
  readonly test: Dataset | undefined;
  readonly held: HeldOut;
  /** Whether the run is scored on test images, because there are no others. */
  readonly scoresTest: boolean;
}

/**
 * Opens the splits that training reads. The test images are read once even if training does not need them, so that later
 * evaluations can report whether they have changed.
 */
async function openSplits(
  config: RunConfig,
  { known, ...options }: TrainingDataOptions,
): Promise<Pick<TrainingData, 'info' | 'difference'> & { training: Dataset; scored: ScoredImages }> {
  const { source } = config.data;
  const reading = readingOf(config.data);
  const open = (split: Split) => openDataset(source, { split, ...reading, ...options });
  const whole = await open('train');
  const validation = await whole.openValidation?.();
  const held = validation ? { indices: [] } : chooseHeldOut(whole, config, known);
  const scoresTest = !validation && held.indices.length === 0;
  const changed = findTrainingDifference({ whole, validation }, known);
  const isTestKnown = isGenerated(parseDataSource(source)) || (known?.splits?.test !== undefined && !changed);
  const test = await openTest(() => open('test'), { isNeeded: scoresTest, isKnown: isTestKnown });
  options.signal?.throwIfAborted();
  const opened: OpenedSplits = { whole, validation, test, held, scoresTest };
  const difference = changed ?? findTestDifference(opened, known);
  return {
    info: describeSplits(opened, { known, isChanged: difference !== undefined }),
    difference,
    training: without(whole, held.indices),
    scored: chooseScored(opened, config),
  };
}

/** A source may lack test images that are not needed for training. */
async function openTest(
  open: () => Promise<Dataset>,
  { isNeeded, isKnown }: { isNeeded: boolean; isKnown: boolean },
): Promise<Dataset | undefined> {
  if (isNeeded) return open();
  return isKnown ? undefined : open().catch(() => undefined);
}

function findTrainingDifference(
  { whole, validation }: Pick<OpenedSplits, 'whole' | 'validation'>,
  known: DatasetInfo | null | undefined,
): Comparison | undefined {
  return findDifference([
    { split: 'train', known: known ?? undefined, found: whole.info },
    { split: 'validation', known: known?.splits?.validation, found: validation?.info },
  ]);
}

function findTestDifference(
  { test, scoresTest }: OpenedSplits,
  known: DatasetInfo | null | undefined,
): Comparison | undefined {
  if (!scoresTest) return undefined;
  return findDifference([{ split: 'test', known: known?.splits?.test, found: test?.info }]);
}

function describeSplits(
  { whole, validation, test, held }: OpenedSplits,
  { known, isChanged }: { known: DatasetInfo | null | undefined; isChanged: boolean },
): DatasetInfo {
  const found = {
    ...(test && { test: identityOf(test.info) }),
    ...(validation && { validation: identityOf(validation.info) }),
  };
  return {
    ...whole.info,
    // As long as nothing has changed, splits that were not opened are assumed to be unchanged.
    splits: isChanged ? found : { ...known?.splits, ...found },
    ...(held.upTo !== undefined && { heldOutUpTo: held.upTo }),
  };
}

function chooseScored(
  { whole, validation, test, held, scoresTest }: OpenedSplits,
  config: RunConfig,
): ScoredImages {
  if (validation) return first(validation, config);
  if (scoresTest && test) return first(test, config);
  if (whole.photographs) return first(whole.photographs.choose(held.indices).fixedCrops(), config);
  return first(whole, config, held.indices);
}

interface HeldOut {
  readonly indices: readonly number[];
  /** The largest identity that is held out, if images have identities. */
  readonly upTo?: string;
}

/**
 * Chooses the images that are held out for evaluation: as many as configured, but at most a fifth of a small dataset. If images
 * have identities, those with the smallest are held out, and stay so permanently when images are added; otherwise the last ones.
 */
function chooseHeldOut(
  { info, identityOf: nameOf }: Dataset,
  { data }: RunConfig,
  known: DatasetInfo | null | undefined,
): HeldOut {
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
    ...(dataset.photographs && { photographs: dataset.photographs.choose(kept) }),
  };
}

/** Returns the first images for evaluations while training, of all or of the given ones. */
function first(dataset: Dataset, config: RunConfig, indices?: readonly number[]): ScoredImages {
  const all = indices ?? Array.from({ length: dataset.info.count }, (_, index) => index);
  return { dataset, indices: all.slice(0, config.train.evaluationImages) };
}

function masksOf(config: RunConfig): MaskSource {
  return createMaskSource({ ...config.mask, ...sizeOf(config) });
}

function sizeOf({ data }: RunConfig): { width: number; height: number } {
  return { width: data.imageSize, height: data.imageSize };
}

function observeAll({ dataset, indices }: ScoredImages, config: RunConfig): TrainingData['scored'] {
  const masks = masksOf(config);
  const images = dataset.readImages(indices);
  const noise = { deviation: config.mask.observationNoise, seed: config.mask.seed };
  checkColours(images, { mask: config.mask, source: config.data.source });
  const observations = indices.map((index, row) => {
    const { observed, channels } = masks.maskOf(index);
    return observeNoisily(imageAt(images, row), observed, { ...noise, index, channels });
  });
  return { images, observations, indices };
}
