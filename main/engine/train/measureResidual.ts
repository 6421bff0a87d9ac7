/** The deviation of a run's training images from their classical estimate: the unit of a path that is scaled to its data. */

import type { MeasuredResidual, RunConfig } from '../../../shared/config/config.ts';
import { measureContrast } from '../context/localContrast.ts';
import { type Image, imageAt, markObserved } from '../../../shared/images/image.ts';
import { type BatchSource, type ObservedBy, seenImages } from './trainingBatch.ts';
import type { TrainingMask } from './trainingMasks.ts';

/** Images that are measured; the standard error of the result is a few percent. */
const measuredImages = 256;

/** Deviation of rounding to 8 bits, 1 / (255 √12): what remains of images that their estimate predicts exactly. */
const smallestResidual = 1 / (255 * Math.sqrt(12));

/**
 * Returns the root mean square of truth − estimate over the unobserved values of the first training batches, in colours or in
 * multiples of the local contrast, at least the deviation of rounding to 8 bits. It is a pure function of the data and the seed.
 */
export function measureResidual(
  { imagesOf, masks }: Pick<BatchSource, 'imagesOf' | 'masks'>,
  config: ObservedBy & Pick<RunConfig, 'path'>,
): MeasuredResidual {
  let squares = 0;
  let count = 0;
  let measured = 0;
  for (let step = 0; measured < measuredImages; step++) {
    const { indices, images } = imagesOf(step);
    const seen = seenImages(images, config, step);
    indices.forEach((image, row) => {
      const truth = imageAt(images, row);
      const mask = masks({ step, row, batchSize: indices.length, image });
      const estimate = mask.estimate(imageAt(seen, row));
      const isObserved = markObserved(
        { indices: mask.observed, channels: mask.channels },
        truth.height * truth.width,
      );
      const unitAt = unitsOf(config.path, { ...truth, values: estimate }, mask);
      truth.values.forEach((value, index) => {
        if (isObserved[index] === 1) return;
        squares += ((value - estimate[index]) / unitAt(index)) ** 2;
        count += 1;
      });
    });
    measured += indices.length;
  }
  const residual = Math.max(smallestResidual, Math.sqrt(squares / Math.max(1, count)));
  return { residual, images: measured };
}

/** Returns the unit of each value of an image: its local contrast where the path counts in it, else 1. */
function unitsOf(
  { unit }: RunConfig['path'],
  estimate: Image,
  { observed }: Pick<TrainingMask, 'observed'>,
): (value: number) => number {
  if (unit !== 'local') return () => 1;
  const { contrast } = measureContrast(estimate, observed);
  return (value) => contrast[Math.floor(value / 3)];
}
