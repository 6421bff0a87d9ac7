/** The images and observations of a sampling job, with the protocol its numbers carry. */

import type { RunConfig } from '../../../shared/config/config.ts';
import { imageAt, type ImageBatch, observe, type SparseObservation } from '../../../shared/images/image.ts';
import { metricVersion, type Protocol } from '../../../shared/metric.ts';
import { createMaskSource } from '../../datasets/mask.ts';
import { openDataset } from '../../datasets/registry.ts';
import type { Dataset } from '../../datasets/dataset.ts';
import type { DatasetInfo, Split } from '../../../shared/dataset.ts';
import { asDataError, changedDataError, findDifference, isGenerated } from '../dataIdentity.ts';

export interface SamplingDataOptions {
  readonly source: string;
  readonly folderLayout?: RunConfig['data']['folderLayout'];
  /** The images that `source` is expected to have, and whether others will do. */
  readonly known?: DatasetInfo | null;
  readonly acceptChangedData?: boolean;
  readonly split: Split;
  readonly imageSize: number;
  readonly cacheFolder: string;
  readonly maskLaw: RunConfig['mask']['law'];
  readonly maskSeed: number;
  readonly keepRatio: number;
  readonly paste: boolean;
  /** Seed of the starting noise of what will be sampled; null: nothing is. */
  readonly seed: number | null;
  /** Dataset indices, or the first so many: all where there are fewer. */
  readonly images: number | readonly number[];
  readonly onProgress?: (progress: { phase: string; done: number; total: number | null }) => void;
  readonly signal?: AbortSignal;
}

export interface SamplingData {
  readonly truth: ImageBatch;
  readonly observations: readonly SparseObservation[];
  /** The index of each image in the split. */
  readonly indices: readonly number[];
  readonly protocol: Protocol;
}

/**
 * @throws DataError when the data source cannot be opened or has other images than expected; Error for too few; the
 * signal's reason when aborted.
 */
export async function openSamplingData(options: SamplingDataOptions): Promise<SamplingData> {
  const { source, split } = options;
  const dataset = await asDataError(() => openExpected(options));
  const { images } = options;
  const indices =
    typeof images === 'number'
      ? Array.from({ length: Math.min(images, dataset.info.count) }, (_, index) => index)
      : images;
  const missing = indices.find((index) => index < 0 || index >= dataset.info.count);
  if (missing !== undefined) {
    throw new Error(
      `Image ${missing} was asked for, but the ${split} split of ${source} has ${dataset.info.count} images (0 to ${dataset.info.count - 1}).`,
    );
  }
  const truth = dataset.readImages(indices);
  const pixels = truth.height * truth.width;
  const masks = createMaskSource({
    law: options.maskLaw,
    seed: options.maskSeed,
    pixels,
    keepRatio: options.keepRatio,
    targetRatio: 1,
  });
  const observations = indices.map((index, row) =>
    observe(imageAt(truth, row), masks.maskOf(index).observed),
  );
  const protocol = describe(options, {
    checksum: dataset.info.checksum,
    images: indices.length,
    observed: masks.observedCount,
  });
  return { truth, observations, indices, protocol };
}

/** The split, when it is what it was. Runs of earlier versions know their training images alone. */
async function openExpected(options: SamplingDataOptions): Promise<Dataset> {
  const { source, split, known, acceptChangedData } = options;
  const open = (which: Split) => openDataset(source, { ...options, split: which });
  const dataset = await open(split);
  if (!known || acceptChangedData || isGenerated(source)) return dataset;
  const knownTest = known.splits?.test;
  const difference =
    split === 'test' && knownTest
      ? findDifference([{ split, known: knownTest, found: dataset.info }])
      : findDifference([
          { split: 'train', known, found: split === 'train' ? dataset.info : (await open('train')).info },
        ]);
  if (difference) throw changedDataError(source, difference);
  return dataset;
}

function describe(
  options: SamplingDataOptions,
  found: { checksum: string; images: number; observed: number },
): Protocol {
  return {
    source: options.source,
    datasetChecksum: found.checksum,
    split: options.split,
    images: found.images,
    imageSize: options.imageSize,
    maskLaw: options.maskLaw,
    maskSeed: options.maskSeed,
    keepRatio: options.keepRatio,
    observedPixels: found.observed,
    pasted: options.paste,
    range: [0, 1],
    ssimWindow: 'uniform 7×7',
    ssimGaussianWindow: 'Gaussian σ 1.5, 11×11',
    psnrMean: 'per image, then averaged',
    noiseSeed: options.seed,
    metricVersion,
  };
}
