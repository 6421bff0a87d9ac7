/** Quarter turns of a picture in a batch. */

import type { ImageBatch } from '../../shared/images/image.ts';

/**
 * Turns image `index` of the batch by 0 to 3 quarters to the right, in place.
 * @throws Error when the images are not square.
 */
export function turnImage(batch: ImageBatch, index: number, quarters: number): void {
  const { height, width, values } = batch;
  if (height !== width) {
    throw new Error(`Images of ${width}×${height} pixels cannot be turned in place: expected square ones.`);
  }
  const image = values.subarray(index * height * width * 3, (index + 1) * height * width * 3);
  for (let turn = 0; turn < quarters; turn++) {
    const before = image.slice();
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const from = ((width - 1 - column) * width + row) * 3;
        image.set(before.subarray(from, from + 3), (row * width + column) * 3);
      }
    }
  }
}
