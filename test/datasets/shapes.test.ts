import { createHash } from 'node:crypto';

import { beforeAll, describe, expect, it } from 'vitest';

import type { Dataset, OpenOptions } from '../../main/datasets/dataset.ts';
import { openDataset } from '../../main/datasets/registry.ts';
import { coverageOfWord, createShapePainter } from '../../main/datasets/shapeScene.ts';
import { dataSourceTraits } from '../../shared/dataset.ts';
import { glyphs } from '../../shared/masks/font.ts';
import { randomUniforms } from '../../shared/numbers/random.ts';

/** Not a folder: no painted image is kept. */
const noCache = import.meta.filename;

function open(source: string, change: Partial<OpenOptions> = {}) {
  return openDataset(source, { split: 'test', imageSize: 32, cacheFolder: noCache, ...change });
}

function createNumberSource(seed: number): () => number {
  const numbers = randomUniforms({ seed, stream: 'shapes', step: 0 }, 100_000);
  let used = 0;
  return () => numbers[used++];
}

const all = [...Array(1000).keys()];
let shapes: Dataset;
let photographLike: Dataset;
beforeAll(async () => {
  [shapes, photographLike] = await Promise.all([open('shapes'), open('synthetic')]);
});

describe('images of shapes and letters', () => {
  it('are a dataset of 4000 training and 1000 test images that nobody has to download', async () => {
    expect(shapes.info).toMatchObject({
      source: 'shapes',
      split: 'test',
      count: 1000,
      height: 32,
      width: 32,
    });
    expect((await open('shapes', { split: 'train', imageSize: 96 })).info.count).toBe(4000);
    expect(dataSourceTraits.shapes).toMatchObject({ images: { train: 4000, test: 1000 }, isDownload: false });
  });

  it('are the same on every machine, so that runs on them can be resumed', async () => {
    const { checksum } = (await open('shapes', { imageSize: 11 })).info;
    expect(checksum).toBe('1c9dd2e9fac7bc8e06ad8fb6aac442ac6cf3449c23fafc04f903d7e006cbc69c');
    expect(shapes.info.checksum).toBe('880f432a339aa28ad91ca3c27943b9592da93d892097351745287eb2cd5eea9d');
    expect((await open('shapes:0', { imageSize: 11 })).info.checksum).toBe(checksum);
    expect((await open('shapes:1', { imageSize: 11 })).info.checksum).not.toBe(checksum);
  });

  it('of large sizes have a checksum of the text that decides every pixel', async () => {
    const large = await open('shapes:5', { imageSize: 96 });
    const again = await open('shapes:5', { imageSize: 96 });
    expect(large.info.notes.at(-1)).toContain('"shapes 1 5 test 1000 96"');
    expect(again.readImages([7, 3]).values.subarray(96 * 96 * 3)).toEqual(large.readImages([3]).values);
  });

  it('are all different', () => {
    const { values } = shapes.readImages(all);
    const hash = (index: number) =>
      createHash('sha256')
        .update(values.subarray(index * 3072, (index + 1) * 3072))
        .digest('hex');
    expect(new Set(all.map(hash)).size).toBe(1000);
  });

  it('have sharp edges: luminance jumps between neighbours more often than in smooth images, and is flat in between', () => {
    const [sharp, smooth] = [countSteps(shapes), countSteps(photographLike)];
    expect(sharp.jumps).toBeGreaterThan(2 * smooth.jumps);
    expect(sharp.flat).toBeGreaterThan(3 * smooth.flat);
    expect(sharp.jumps).toBeLessThan(0.2);
  });

  it.each([8, 31, 33, 256])('can be generated with a width of %i pixels', (size) => {
    const pixels = createShapePainter(size)(createNumberSource(1));
    expect(pixels.length).toBe(size * size * 3);
    expect(new Set(pixels).size).toBeGreaterThan(10);
  });

  it('show letters whose area is that of their cells, wherever they are and whatever their scale', () => {
    const word = glyphs.filter(({ character }) => 'Fg8'.includes(character));
    const cells = word.reduce((sum, glyph) => sum + glyph.cells.length, 0);
    for (const [left, scale] of [
      [1, 1],
      [0.4, 1.7],
      [2.9, 2.25],
    ]) {
      const covered = coverageOfWord({ word, left, top: 3.3, scale }, 64);
      expect(Math.max(...covered)).toBeCloseTo(1, 5);
      expect(covered.reduce((sum, value) => sum + value, 0)).toBeCloseTo(cells * scale * scale, 3);
    }
  });
});

/** Fractions of horizontal neighbours whose luminance differs by more than 0.2, and by less than 0.004. */
function countSteps(dataset: Dataset): { readonly jumps: number; readonly flat: number } {
  const { values } = dataset.readImages(all);
  let jumps = 0;
  let flat = 0;
  const pixels = values.length / 3;
  const luminance = (pixel: number) =>
    (values[pixel * 3] + values[pixel * 3 + 1] + values[pixel * 3 + 2]) / 3;
  for (let pixel = 0; pixel < pixels; pixel++) {
    if (pixel % 32 === 31) continue;
    const step = Math.abs(luminance(pixel + 1) - luminance(pixel));
    if (step > 0.2) jumps += 1;
    if (step < 0.004) flat += 1;
  }
  const pairs = (pixels / 32) * 31;
  return { jumps: jumps / pairs, flat: flat / pairs };
}
