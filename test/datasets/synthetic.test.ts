import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, describe, expect, it } from 'vitest';

import type { Dataset, DatasetProgress, OpenOptions } from '../../main/datasets/dataset.ts';
import { createFieldGenerator } from '../../main/datasets/powerLawField.ts';
import { openDataset } from '../../main/datasets/registry.ts';
import { createScenePainter } from '../../main/datasets/syntheticScene.ts';
import { randomUniforms } from '../../shared/numbers/random.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';

/** Not a folder: no painted image is kept. */
const noCache = import.meta.filename;

function open(source: string, change: Partial<OpenOptions> = {}) {
  return openDataset(source, { split: 'test', imageSize: 32, cacheFolder: noCache, ...change });
}

function createNumberSource(seed: number): () => number {
  const numbers = randomUniforms({ seed, stream: 'synthetic', step: 0 }, 100_000);
  let used = 0;
  return () => numbers[used++];
}

let dataset: Dataset;
beforeAll(async () => {
  dataset = await open('synthetic');
});

const all = [...Array(1000).keys()];

describe('synthetic images', () => {
  it('consist of 4000 training images and 1000 test images', async () => {
    expect(dataset.info).toMatchObject({
      source: 'synthetic',
      split: 'test',
      count: 1000,
      height: 32,
      width: 32,
    });
    expect((await open('synthetic', { split: 'train', imageSize: 96 })).info.count).toBe(4000);
  });

  it('are bitwise the same for the same seed, and different for another seed or split', async () => {
    const checksumOf = async (source: string) => (await open(source, { imageSize: 8 })).info.checksum;
    expect(await checksumOf('synthetic:0')).toBe(await checksumOf('synthetic'));
    expect(await checksumOf('synthetic:1')).not.toBe(await checksumOf('synthetic'));
    const train = await open('synthetic', { split: 'train', imageSize: 128 });
    const test = await open('synthetic', { imageSize: 128 });
    expect(train.readImages([0]).values).not.toEqual(test.readImages([0]).values);
  });

  it.each([
    ['synthetic', 8, 'train', 'add26f6721569e8959c3b4c4e7e973fc0d377c5e8dc31e5f92542ecaae8d5937'],
    ['synthetic', 32, 'test', 'd97af17a9dd62b08d3d20414bacf05d0356be10542d841cd76034e46bb54cbcf'],
    ['synthetic:7', 8, 'test', 'f7b2f1d2c721b655300aff3d8ef044760d11da5a751b58ab379284a6106f8b25'],
    ['synthetic:7', 96, 'train', 'f66b7d8a1f386f0b5a0870c27618d4fa595e957f4d1ce00abe948cff78663ae4'],
  ] as const)(
    'stay those that stored runs were trained on: %s, %i pixels, %s',
    async (source, imageSize, split, checksum) => {
      expect((await open(source, { imageSize, split })).info.checksum).toBe(checksum);
    },
  );

  it('have the SHA-256 of their pixels as their checksum', async () => {
    const small = await open('synthetic', { imageSize: 8 });
    const pixels = Uint8Array.from(small.readImages(all).values, (value) => Math.round(value * 255));
    expect(createHash('sha256').update(pixels).digest('hex')).toBe(small.info.checksum);
  });

  it('are all different', () => {
    const { values } = dataset.readImages(all);
    const hashes = all.map((index) =>
      createHash('sha256')
        .update(values.subarray(index * 3072, (index + 1) * 3072))
        .digest('hex'),
    );
    expect(new Set(hashes).size).toBe(1000);
  });

  it('have the mean, deviation and correlations of photographs', () => {
    const { values } = dataset.readImages(all);
    const mean = average(values.length, (index) => values[index]);
    const variance = average(values.length, (index) => (values[index] - mean) ** 2);
    expect(mean).toBeGreaterThan(0.45);
    expect(mean).toBeLessThan(0.5);
    expect(Math.sqrt(variance)).toBeGreaterThan(0.2);
    expect(Math.sqrt(variance)).toBeLessThan(0.27);
    const pairs = values.length / 96;
    const neighbours = average(pairs * 31, (index) => {
      const at = Math.floor(index / 31) * 96 + (index % 31) * 3;
      return (values[at] - mean) * (values[at + 3] - mean);
    });
    expect(neighbours / variance).toBeGreaterThan(0.91);
    expect(neighbours / variance).toBeLessThan(0.97);
    const channels = average(
      values.length / 3,
      (index) => (values[index * 3] - mean) * (values[index * 3 + 1] - mean),
    );
    expect(channels / variance).toBeGreaterThan(0.8);
  });

  it('of large sizes are generated when they are read, in any order, with a note on their checksum', async () => {
    const large = await open('synthetic:5', { imageSize: 96 });
    const later = await open('synthetic:5', { imageSize: 96 });
    const third = large.readImages([3]).values;
    expect(later.readImages([7, 3]).values.subarray(96 * 96 * 3)).toEqual(third);
    expect(large.info.notes.at(-1)).toContain('"synthetic 1 5 test 1000 96"');
    expect(new Set(third).size).toBeGreaterThan(50);
  });

  it.each([8, 31, 33, 256])('can be generated with a width of %i pixels', (size) => {
    const pixels = createScenePainter(size)(createNumberSource(1));
    expect(pixels.length).toBe(size * size * 3);
    expect(new Set(pixels).size).toBeGreaterThan(30);
  });

  it('report progress and stop if they are aborted', async () => {
    const seen: DatasetProgress[] = [];
    await open('synthetic:2', { imageSize: 8, onProgress: (progress) => seen.push(progress) });
    expect(seen[0]).toEqual({ phase: 'generating', done: 0, total: 1000, unit: 'images' });
    expect(seen.at(-1)?.done).toBe(1000);
    const stop = new AbortController();
    const reason = new Error('enough');
    const aborted = open('synthetic:2', { signal: stop.signal, onProgress: () => stop.abort(reason) });
    await expect(aborted).rejects.toBe(reason);
  });
});

describe('painted images', () => {
  /** Opens eight-pixel images, all or the first, with a cache; returns their checksum and whether they were painted. */
  async function openKept(cacheFolder: string, change: Partial<OpenOptions> = {}) {
    let isPainted = false;
    const onProgress = () => (isPainted = true);
    const { info, readImages } = await open('synthetic:3', {
      imageSize: 8,
      cacheFolder,
      onProgress,
      ...change,
    });
    return { checksum: info.checksum, isPainted, last: readImages([info.count - 1]).values };
  }

  it('are kept in the cache and the same when they are read from there, all or the first of them', async () => {
    const folder = makeTemporaryFolder();
    const painted = await openKept(folder);
    expect(await openKept(folder)).toEqual({ ...painted, isPainted: false });
    expect(await openKept(folder, { first: 9 })).toEqual({
      ...(await openKept(noCache, { first: 9 })),
      isPainted: false,
    });
    expect(readdirSync(join(folder, 'datasets', 'generated'))).toEqual(['synthetic-1-3-test-8']);
  });

  it('are painted again if their file is damaged or cut off', async () => {
    const folder = makeTemporaryFolder();
    const painted = await openKept(folder);
    const file = join(folder, 'datasets', 'generated', 'synthetic-1-3-test-8');
    const bytes = readFileSync(file);
    bytes[5] ^= 1;
    for (const damaged of [bytes, bytes.subarray(100)]) {
      writeFileSync(file, damaged);
      expect(await openKept(folder)).toEqual(painted);
      expect(await openKept(folder)).toEqual({ ...painted, isPainted: false });
    }
  });

  it('are not kept if only the first are requested, or if the cache cannot be written', async () => {
    const folder = makeTemporaryFolder();
    for (const change of [{ first: 9 }, { cacheFolder: noCache }]) {
      const painted = await openKept(folder, change);
      expect(painted.isPainted).toBe(true);
      expect(await openKept(folder, change)).toEqual(painted);
    }
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('power-law fields', () => {
  it('have mean 0 and standard deviation 1', () => {
    const field = createFieldGenerator(24, 8)({ slope: 1.2, draw: createNumberSource(3) });
    const mean = average(field.length, (index) => field[index]);
    expect(mean).toBeCloseTo(0, 5);
    expect(average(field.length, (index) => (field[index] - mean) ** 2)).toBeCloseTo(1, 4);
  });

  it('are smoother with a steeper spectrum', () => {
    const generate = createFieldGenerator(64, 32);
    const roughness = (slope: number) => {
      const field = generate({ slope, draw: createNumberSource(4) });
      return average(field.length, (index) => (field[index] - field[(index + 1) % field.length]) ** 2);
    };
    expect(roughness(2)).toBeLessThan(roughness(1) / 2);
    expect(roughness(1)).toBeLessThan(roughness(0.5));
  });

  it('are periodic, because surfaces shift them cyclically', () => {
    const field = createFieldGenerator(64, 8)({ slope: 1.5, draw: createNumberSource(5) });
    const step = (one: number, other: number) =>
      average(64, (row) => Math.abs(field[row * 64 + one] - field[row * 64 + other]));
    expect(step(63, 0)).toBeLessThan(2 * step(31, 32) + 0.2);
  });
});

describe('data sources', () => {
  it('are rejected if they are unknown or the image size is out of range', async () => {
    await expect(open('mnist')).rejects.toThrow('Unknown data source "mnist"');
    await expect(open('synthetic', { imageSize: 7 })).rejects.toThrow('data.imageSize is 7');
    await expect(open('synthetic', { imageSize: 257 })).rejects.toThrow('data.imageSize is 257');
    await expect(open('synthetic', { imageSize: 32.5 })).rejects.toThrow('from 8 to 256');
  });
});

function average(count: number, valueOf: (index: number) => number): number {
  let sum = 0;
  for (let index = 0; index < count; index++) sum += valueOf(index);
  return sum / count;
}
