import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PixelImage } from '../../main/datasets/areaResize.ts';
import { createBatcher } from '../../main/datasets/batcher.ts';
import type { Dataset, OpenOptions } from '../../main/datasets/dataset.ts';
import {
  createPhotographDataset,
  createPhotographKeeper,
  fewestFixedCrops,
  type Photograph,
} from '../../main/datasets/photographs.ts';
import { openDataset } from '../../main/datasets/registry.ts';
import { cropsPerEpoch } from '../../shared/config/longerBudget.ts';
import { imageAt, type ImageBatch } from '../../shared/images/image.ts';
import { randomBits } from '../../shared/numbers/random.ts';

const imageSize = 8;

/** A photograph of noise: no two of its windows are equal. */
function createNoise(seed: number, { width, height }: { width: number; height: number }): PixelImage {
  const bits = randomBits({ seed, stream: 'noise', step: 0 }, width * height * 3);
  return { width, height, pixels: Uint8Array.from(bits, (word) => word >>> 24) };
}

/** Red is the column of the pixel, green its row, both in 255ths. */
function createRamp({ width, height }: { width: number; height: number }): PixelImage {
  const pixels = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++)
    pixels.set([pixel % width, Math.floor(pixel / width), 0], pixel * 3);
  return { width, height, pixels };
}

function keep(image: PixelImage): Photograph {
  const photograph = createPhotographKeeper(imageSize).keep(image, 1);
  if (photograph === null) throw new Error('The photograph was not kept.');
  return photograph;
}

function createCrops(images: readonly PixelImage[], smallest: number, largest: number): Dataset {
  const info = { source: 'folder:photographs', split: 'train', notes: [] } as const;
  return createPhotographDataset(images.map(keep), { imageSize, scales: { smallest, largest }, info });
}

const options = { batchSize: 16, seed: 1, flips: false, imageSize };

/** The sum of a block of pixels, by its definition. */
function blockMean(
  { width, pixels }: PixelImage,
  at: { x: number; y: number; side: number; channel: number },
) {
  let sum = 0;
  for (let y = at.y; y < at.y + at.side; y++)
    for (let x = at.x; x < at.x + at.side; x++) sum += pixels[(y * width + x) * 3 + at.channel];
  return sum / at.side ** 2;
}

/** The windows whose area averages over side × side pixels are the crop, to the rounding to 8 bits. */
function findWindows(image: PixelImage, values: Float32Array, side: number): string[] {
  const found: string[] = [];
  for (let top = 0; top + imageSize * side <= image.height; top++)
    for (let left = 0; left + imageSize * side <= image.width; left++) {
      const isCrop = values.every((value, index) => {
        const pixel = Math.floor(index / 3);
        const x = left + (pixel % imageSize) * side;
        const y = top + Math.floor(pixel / imageSize) * side;
        return Math.abs(value * 255 - blockMean(image, { x, y, side, channel: index % 3 })) <= 0.501;
      });
      if (isCrop) found.push(`${left},${top}`);
    }
  return found;
}

describe('random crops', () => {
  it('at scale 1 / k are the averages over k × k pixels of one window of the photograph, anywhere in it', () => {
    for (const side of [1, 3]) {
      const image = createNoise(side, { width: 37, height: 30 });
      const { images } = createBatcher(createCrops([image], 1 / side, 1 / side), options).imagesOf(4);
      const places = Array.from({ length: images.count }, (_, row) =>
        findWindows(image, imageAt(images, row).values, side),
      );
      places.forEach((found) => expect(found).toHaveLength(1));
      expect(new Set(places.flat()).size).toBeGreaterThan(8);
    }
  });

  it('have scales between the limits, half of them on either side of the geometric mean', () => {
    const dataset = createCrops([createRamp({ width: 255, height: 200 })], 1 / 16, 1);
    const batcher = createBatcher(dataset, { ...options, batchSize: 500 });
    const { images } = batcher.imagesOf(0);
    const slopes = Array.from({ length: images.count }, (_, row) => {
      const { values } = imageAt(images, row);
      return ((values[(imageSize - 1) * 3] - values[0]) * 255) / (imageSize - 1);
    });
    expect(Math.min(...slopes)).toBeGreaterThanOrEqual(0.99);
    expect(Math.max(...slopes)).toBeLessThanOrEqual(16.2);
    const large = slopes.filter((slope) => slope > 4).length;
    expect(Math.abs(large / images.count - 0.5)).toBeLessThan(0.07);
  });

  it('of a photograph that is too small for the smallest scale are as large as its shorter side', () => {
    const image = createNoise(1, { width: 24, height: 60 });
    const { images } = createBatcher(createCrops([image], 0.05, 0.05), options).imagesOf(0);
    for (let row = 0; row < images.count; row++)
      expect(findWindows(image, imageAt(images, row).values, 3)).toHaveLength(1);
  });

  it('are a pure function of seed and step, and new in every step', () => {
    const create = (seed = 1, changes = {}) =>
      createBatcher(createCrops([createNoise(1, { width: 90, height: 70 })], 0.3, 1), {
        ...options,
        seed,
        ...changes,
      });
    const transformed = { flips: true, turns: true };
    const visited = create(1, transformed);
    for (const step of [9, 0, 4]) visited.imagesOf(step);
    expect(visited.imagesOf(7)).toEqual(create(1, transformed).imagesOf(7));
    const first = (seed: number, step: number) => create(seed).imagesOf(step).images.values.join();
    expect(new Set([first(1, 0), first(1, 1), first(2, 0)]).size).toBe(3);
  });

  it('come equally often from every photograph, however large, and an epoch has a fixed number of each', () => {
    const levels = [10, 20, 30];
    const flat = levels.map((level, index) => {
      const side = 20 * (index + 1);
      return { width: side, height: side, pixels: new Uint8Array(side * side * 3).fill(level) };
    });
    const batcher = createBatcher(createCrops(flat, 0.5, 1), { ...options, batchSize: 6 });
    expect(batcher.stepsPerEpoch).toBe((3 * cropsPerEpoch) / 6);
    const seen = Array.from({ length: 5 }, (_, step) => levelsOf(batcher.imagesOf(step).images)).flat();
    expect(levels.map((level) => seen.filter((found) => found === level).length)).toEqual([10, 10, 10]);
  });
});

/** The level of each image, all of whose pixels are equal. */
function levelsOf(images: ImageBatch): number[] {
  return Array.from({ length: images.count }, (_, row) => {
    const { values } = imageAt(images, row);
    expect(new Set(values).size).toBe(1);
    return Math.round(values[0] * 255);
  });
}

describe('photographs in memory', () => {
  const sizes = [
    { width: 40, height: 30 },
    { width: 300, height: 200 },
    { width: 20, height: 10 },
    { width: 30, height: 500 },
    { width: 250, height: 250 },
  ];
  const images = sizes.map((size, index) => createNoise(index, size));
  const memory = 60_000;
  const keepAll = () => {
    const keeper = createPhotographKeeper(imageSize, memory);
    return images.map((image, index) => keeper.keep(image, images.length - index));
  };

  it('never take more than the bound, and use most of it', () => {
    const bytes = keepAll().reduce((sum, photograph) => sum + (photograph?.pixels.length ?? 0), 0);
    expect(bytes).toBeLessThanOrEqual(memory);
    expect(bytes).toBeGreaterThan(0.9 * memory);
  });

  it('are kept whole if they are small, otherwise as one part of theirs that their content determines', () => {
    const kept = keepAll();
    expect(kept.map((photograph) => photograph?.isPart)).toEqual([false, true, false, true, true]);
    kept.forEach((photograph, index) => {
      if (photograph === null) throw new Error('The photograph was not kept.');
      expect(photograph.identity).toBe(keep(images[index]).identity);
      expect(findPart(images[index], photograph)).toBe(true);
    });
    expect(keepAll()).toEqual(kept);
  });

  it('smaller than a crop are left out, and too many are refused', () => {
    const keeper = createPhotographKeeper(imageSize, memory);
    expect(keeper.keep(createNoise(0, { width: 50, height: imageSize - 1 }), 1)).toBeNull();
    expect(() => keeper.keep(images[0], 1000)).toThrow(
      '1000 photographs of at least 8×8 pixels do not fit into 60000 bytes',
    );
  });
});

/** Whether `part` is a window of the image. */
function findPart(image: PixelImage, part: PixelImage): boolean {
  const rowOf = ({ width, pixels }: PixelImage, x: number, y: number) =>
    Buffer.from(pixels.buffer, pixels.byteOffset + (y * width + x) * 3, part.width * 3);
  for (let top = 0; top + part.height <= image.height; top++)
    for (let left = 0; left + part.width <= image.width; left++) {
      let y = 0;
      while (y < part.height && rowOf(image, left, top + y).equals(rowOf(part, 0, y))) y++;
      if (y === part.height) return true;
    }
  return false;
}

describe('a folder of photographs', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'photographs-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function paint(name: string, level: number, size = { width: 30, height: 20 }): Promise<void> {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    const pixels = Buffer.alloc(size.width * size.height * 3, level);
    await sharp(pixels, { raw: { ...size, channels: 3 } }).toFile(join(folder, name));
  }

  const open = (split: 'train' | 'test', changes: Partial<OpenOptions> = {}) =>
    openDataset(`folder:${folder}`, {
      split,
      imageSize,
      cacheFolder: folder,
      crops: { smallest: 0.4, largest: 1 },
      ...changes,
    });

  const allLevels = (dataset: Dataset) =>
    new Set(levelsOf(dataset.readImages(Array.from({ length: dataset.info.count }, (_, index) => index))));

  it('is split by file: no file gives both training and test crops, and every file gives one of them', async () => {
    for (let index = 0; index < 12; index++) await paint(`p${index}.png`, 10 * index);
    const train = await open('train');
    const test = await open('test');
    const batches = createBatcher(train, { ...options, batchSize: 64 }).imagesOf(0).images;
    const [trained, tested] = [new Set(levelsOf(batches)), allLevels(test)];
    const all = [...trained, ...tested];
    expect([all.length, new Set(all).size]).toEqual([12, 12]);
    expect(train.info.count).toBe(trained.size);
    expect(test.info.count).toBeGreaterThanOrEqual(fewestFixedCrops);
    expect(allLevels(train)).toEqual(trained);
  });

  it('is split as its train, validation and test folders say', async () => {
    await paint('train/a.png', 10);
    await paint('train/b.png', 20);
    await paint('val/c.png', 30);
    await paint('test/d.png', 40);
    const train = await open('train');
    const validation = await train.openValidation?.();
    expect([train.info.count, allLevels(train)]).toEqual([2, new Set([10, 20])]);
    expect(validation && allLevels(validation)).toEqual(new Set([30]));
    expect(allLevels(await open('test'))).toEqual(new Set([40]));
  });

  it('has the same test crops at every opening and in any other folder, and others at other scales', async () => {
    const pixels = Buffer.from(createNoise(1, { width: 60, height: 50 }).pixels);
    for (const name of ['train/a.png', 'test/b.png']) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await sharp(pixels, { raw: { width: 60, height: 50, channels: 3 } })
        .modulate({ brightness: name.startsWith('test') ? 0.5 : 1 })
        .toFile(join(folder, name));
    }
    const checksum = async (changes?: Partial<OpenOptions>) => (await open('test', changes)).info.checksum;
    expect(await checksum()).toBe(await checksum());
    expect(await checksum({ crops: { smallest: 0.2, largest: 1 } })).not.toBe(await checksum());
    const train = async (changes?: Partial<OpenOptions>) => (await open('train', changes)).info.checksum;
    expect(await train({ crops: { smallest: 0.2, largest: 1 } })).not.toBe(await train());
  });

  it('says what was left out, and what to do if nothing remains', async () => {
    await paint('train/a.png', 10);
    await paint('train/small.png', 20, { width: 40, height: 7 });
    await paint('test/tiny.png', 30, { width: 7, height: 7 });
    const { info } = await open('train', { first: 1 });
    expect(info.notes.join('\n')).toContain('Crops of 8×8 pixels at scales from 0.4 to 1');
    expect((await open('train')).info.notes.join('\n')).toContain(
      'Left out 1 image with sides shorter than 8 pixels: train/small.png.',
    );
    await expect(open('test')).rejects.toThrow(/sides of 8 pixels or more.*1 smaller image: test\/tiny\.png/);
  });
});
