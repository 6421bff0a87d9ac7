/** The images and observations of a sampling job, with the protocol its numbers carry. */

import type { CropScales, RunConfig } from '../../../shared/config/config.ts';
import { imageAt, type ImageBatch, type SparseObservation } from '../../../shared/images/image.ts';
import { observeNoisily } from '../../../shared/images/observationNoise.ts';
import {
  maskOfProtocol,
  metricVersion,
  type PlannedProtocol,
  type Protocol,
  protocolMask,
} from '../../../shared/metric.ts';
import { createMaskSource } from '../../datasets/masks.ts';
import { openDataset } from '../../datasets/registry.ts';
import type { Dataset } from '../../datasets/dataset.ts';
import type { DatasetInfo, Split } from '../../../shared/dataset.ts';
import { isGenerated, parseDataSource } from '../../../shared/dataset.ts';
import { formatPlural } from '../../../shared/text/format.ts';
import { checkColours } from '../checkColours.ts';
import { asDataError, changedDataError, findDifference } from '../dataIdentity.ts';

export interface SamplingDataOptions {
  readonly protocol: PlannedProtocol;
  readonly folderLayout?: RunConfig['data']['folderLayout'];
  /** Default: whole images. */
  readonly crops?: CropScales | null;
  /** The images that the source is expected to have. */
  readonly known?: DatasetInfo | null;
  /** Accepts images that differ from `known`. */
  readonly acceptChangedData?: boolean;
  readonly cacheFolder: string;
  /** Dataset indices, or how many of the first images: all if the split has fewer. */
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
  const { source, split } = options.protocol;
  const dataset = await asDataError(() => openExpected(options));
  const { images } = options;
  const indices =
    typeof images === 'number'
      ? Array.from({ length: Math.min(images, dataset.info.count) }, (_, index) => index)
      : images;
  const missing = indices.find((index) => index < 0 || index >= dataset.info.count);
  if (missing !== undefined) {
    throw new Error(
      `Image ${missing}, counted from 0, was requested, but the ${split} split of ${source} has ${formatPlural(dataset.info.count, 'image')} (0 to ${dataset.info.count - 1}).`,
    );
  }
  const truth = dataset.readImages(indices);
  checkColours(truth, { mask: maskOfProtocol(options.protocol), source });
  const masks = createMaskSource({
    ...maskOfProtocol(options.protocol),
    width: truth.width,
    height: truth.height,
    targetRatio: 1,
  });
  const { observationNoise = 0, maskSeed } = options.protocol;
  const noise = { deviation: observationNoise, seed: maskSeed };
  const observations = indices.map((index, row) => {
    const { observed, channels } = masks.maskOf(index);
    return observeNoisily(imageAt(truth, row), observed, { ...noise, index, channels });
  });
  const protocol = completeProtocol(options.protocol, {
    checksum: dataset.info.checksum,
    images: indices.length,
    observed: Math.round(
      observations.reduce((sum, each) => sum + countObserved(each, options.protocol), 0) /
        observations.length,
    ),
  });
  return { truth, observations, indices, protocol };
}

/**
 * Returns the number of observed pixels. Where single channels are observed, that of the pixels that show one; in a mixture
 * with other masks a third of it, as each is a third of a pixel.
 */
function countObserved({ indices, channels }: SparseObservation, { maskLaw }: PlannedProtocol): number {
  return channels && maskLaw === 'mixture' ? indices.length / 3 : indices.length;
}

/** The split, when it is what it was. Runs of earlier versions know their training images alone. */
async function openExpected(options: SamplingDataOptions): Promise<Dataset> {
  const { known, acceptChangedData } = options;
  const { source, split, imageSize } = options.protocol;
  const open = (which: Split) => openDataset(source, { ...options, imageSize, split: which });
  const dataset = await open(split);
  if (!known || acceptChangedData || isGenerated(parseDataSource(source))) return dataset;
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

/** Adds to a planned protocol what was found, and how the metrics are computed. */
function completeProtocol(
  planned: PlannedProtocol,
  found: { checksum: string; images: number; observed: number },
): Protocol {
  return {
    source: planned.source,
    datasetChecksum: found.checksum,
    split: planned.split,
    images: found.images,
    imageSize: planned.imageSize,
    ...protocolMask(maskOfProtocol(planned)),
    maskSeed: planned.maskSeed,
    keepRatio: planned.keepRatio,
    observedPixels: found.observed,
    ...(planned.observationNoise !== undefined && { observationNoise: planned.observationNoise }),
    pasted: planned.pasted,
    range: [0, 1],
    ssimWindow: 'uniform 7×7',
    ssimGaussianWindow: 'Gaussian σ 1.5, 11×11',
    psnrMean: 'per image, then averaged',
    noiseSeed: planned.noiseSeed,
    metricVersion,
  };
}
