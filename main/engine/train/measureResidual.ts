/** The deviation of a run's training images from their classical estimate: the unit of a path that is scaled to its data. */

import type { MeasuredResidual } from '../../../shared/config/config.ts';
import { imageAt, markObserved } from '../../../shared/images/image.ts';
import { type BatchSource, type ObservedBy, seenImages } from './trainingBatch.ts';

/** Images that are measured; the standard error of the result is a few percent. */
const measuredImages = 256;

/** Deviation of rounding to 8 bits, 1 / (255 √12): what remains of images that their estimate predicts exactly. */
const smallestResidual = 1 / (255 * Math.sqrt(12));

/**
 * Returns the root mean square of truth − estimate over the unobserved values of the first training batches, in colours, at
 * least the deviation of rounding to 8 bits. It is a pure function of the data and the seed.
 */
export function measureResidual(
  { imagesOf, masks }: Pick<BatchSource, 'imagesOf' | 'masks'>,
  config: ObservedBy,
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
      truth.values.forEach((value, index) => {
        if (isObserved[index] === 1) return;
        squares += (value - estimate[index]) ** 2;
        count += 1;
      });
    });
    measured += indices.length;
  }
  const residual = Math.max(smallestResidual, Math.sqrt(squares / Math.max(1, count)));
  return { residual, images: measured };
}
