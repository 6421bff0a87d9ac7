import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createBatcher } from '../../main/datasets/batcher.ts';
import { createDataset } from '../../main/datasets/dataset.ts';
import { imageAt } from '../../shared/images/image.ts';

const imageSize = 8;

/** Creates a dataset whose image i starts with the byte i; its other bytes differ between pixels. */
function createSmallDataset(count: number) {
  const size = imageSize * imageSize * 3;
  const pixels = Uint8Array.from({ length: count * size }, (_, index) =>
    index % size === 0 ? index / size : (index * 7) % 256,
  );
  return createDataset({ source: 'folder:small', split: 'train', imageSize, notes: [], pixels });
}

const options = { batchSize: 4, seed: 1, flips: false, imageSize };

describe('createBatcher', () => {
  it('returns every image once per epoch if the batch size divides their number', () => {
    const batcher = createBatcher(createSmallDataset(12), options);
    expect(batcher.stepsPerEpoch).toBe(3);
    for (const epoch of [0, 1]) {
      const batches = [0, 1, 2].map((step) => batcher.imagesOf(epoch * 3 + step));
      expect(batches.map((batch) => batch.epoch)).toEqual([epoch, epoch, epoch]);
      expect(batches.flatMap(({ indices }) => [...indices]).sort((a, b) => a - b)).toEqual([
        ...Array(12).keys(),
      ]);
    }
  });

  it('leaves out the remainder of an epoch and returns no image twice', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 40 }), fc.nat(), (count, seed) => {
        const batcher = createBatcher(createSmallDataset(count), { ...options, seed });
        expect(batcher.stepsPerEpoch).toBe(Math.floor(count / 4));
        const steps = [...Array(batcher.stepsPerEpoch).keys()];
        const seen = steps.flatMap((step) => [...batcher.imagesOf(step).indices]);
        expect(new Set(seen).size).toBe(batcher.stepsPerEpoch * 4);
      }),
      { numRuns: 30 },
    );
  });

  it('repeats images of a dataset that is smaller than a batch', () => {
    const batcher = createBatcher(createSmallDataset(3), { ...options, batchSize: 7 });
    const { indices, images, epoch } = batcher.imagesOf(5);
    expect([batcher.stepsPerEpoch, epoch, indices.length, images.count]).toEqual([1, 5, 7, 7]);
    expect([0, 1, 2].map((image) => indices.filter((index) => index === image).length).sort()).toEqual([
      2, 2, 3,
    ]);
  });

  it('shuffles every epoch differently, depending on the seed', () => {
    const orderOf = (seed: number, step: number) =>
      createBatcher(createSmallDataset(32), { ...options, batchSize: 32, seed })
        .imagesOf(step)
        .indices.join();
    expect(new Set([orderOf(1, 0), orderOf(1, 1), orderOf(2, 0)]).size).toBe(3);
  });

  it('returns bitwise the same batch for the same seed and step, regardless of earlier requests', () => {
    const flipping = { ...options, flips: true };
    const visited = createBatcher(createSmallDataset(20), flipping);
    for (const step of [9, 0, 4, 11]) visited.imagesOf(step);
    expect(visited.imagesOf(7)).toEqual(createBatcher(createSmallDataset(20), flipping).imagesOf(7));
  });

  it('returns the images of the dataset, mirrored exactly where `flipped` is set', () => {
    const dataset = createSmallDataset(16);
    const batcher = createBatcher(dataset, { ...options, batchSize: 16, flips: true });
    const { indices, flipped, images } = batcher.imagesOf(0);
    expect(new Set(flipped)).toEqual(new Set([0, 1]));
    indices.forEach((index, row) => {
      const original = imageAt(dataset.readImages([index]), 0).values;
      const found = imageAt(images, row).values;
      for (let pixel = 0; pixel < 64; pixel++) {
        const column = flipped[row] ? 7 - (pixel % 8) : pixel % 8;
        const source = (pixel - (pixel % 8) + column) * 3;
        expect(found.subarray(pixel * 3, pixel * 3 + 3)).toEqual(original.subarray(source, source + 3));
      }
    });
  });

  it('rotates images by the quarters in `turned` after mirroring, and mirrors the same images as without turns', () => {
    const dataset = createSmallDataset(16);
    const flipping = { ...options, batchSize: 16, flips: true };
    const mirrored = createBatcher(dataset, flipping).imagesOf(0);
    const { turned, flipped, images } = createBatcher(dataset, { ...flipping, turns: true }).imagesOf(0);
    expect(flipped).toEqual(mirrored.flipped);
    expect(mirrored.turned.some(Boolean)).toBe(false);
    expect(new Set(turned)).toEqual(new Set([0, 1, 2, 3]));
    turned.forEach((quarters, row) => {
      const [before, after] = [mirrored.images, images].map((batch) => imageAt(batch, row).values);
      for (let pixel = 0; pixel < 64; pixel++) {
        let y = Math.floor(pixel / 8);
        let x = pixel % 8;
        // A clockwise quarter turn moves the first row to the last column.
        for (let quarter = 0; quarter < quarters; quarter++) [y, x] = [x, 7 - y];
        const at = (y * 8 + x) * 3;
        expect(after.subarray(at, at + 3)).toEqual(before.subarray(pixel * 3, pixel * 3 + 3));
      }
    });
  });

  it('mirrors no image without flips, and about half of them with flips', () => {
    const countFlipped = (flips: boolean) => {
      const batcher = createBatcher(createSmallDataset(16), { ...options, batchSize: 16, flips });
      const batches = [...Array(100).keys()].map((step) => batcher.imagesOf(step));
      return batches.reduce((sum, { flipped }) => sum + flipped.filter(Boolean).length, 0);
    };
    expect(countFlipped(false)).toBe(0);
    expect(Math.abs(countFlipped(true) / 1600 - 0.5)).toBeLessThan(0.05);
  });

  it('rejects a dataset of another image size, and an invalid batch size', () => {
    const dataset = createSmallDataset(4);
    expect(() => createBatcher(dataset, { ...options, imageSize: 32 })).toThrow(
      '8×8 images; the run expects 32×32',
    );
    expect(() => createBatcher(dataset, { ...options, batchSize: 0 })).toThrow('train.batchSize is 0');
  });
});

describe('createDataset', () => {
  it('returns 8-bit values as v / 255 in the requested order, including repetitions', () => {
    const dataset = createSmallDataset(5);
    const images = dataset.readImages([3, 0, 3]);
    expect([images.count, images.height, images.width]).toEqual([3, 8, 8]);
    expect([images.values[0], images.values[192], images.values[384]]).toEqual(
      [3 / 255, 0, 3 / 255].map(Math.fround),
    );
    expect(Math.max(...images.values)).toBeLessThanOrEqual(1);
  });

  it('rejects an index out of range', () => {
    expect(() => createSmallDataset(5).readImages([5])).toThrow(
      'Image 5 of folder:small: expected an integer from 0 to 4',
    );
  });
});
