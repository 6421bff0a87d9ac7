/** Synthetic images with the statistics of photographs, for machines without any dataset. */

import { createHash } from 'node:crypto';

import { dataSourceTraits, splits } from '../../shared/dataset.ts';
import type { Split } from '../../shared/dataset.ts';
import { randomBits } from '../../shared/numbers/random.ts';
import { allocatePixels, createDataset } from './dataset.ts';
import type { Dataset, OpenOptions } from './dataset.ts';
import { createScenePainter, type Draw } from './syntheticScene.ts';

/** Increased when a seed generates other images than before. */
const generatorVersion = 1;
const defaultSeed = 0;
/** Images above this size are painted when they are read: painting all would take many seconds. */
const largestPaintedAtOnce = 64;
const drawsAtOnce = 1024;

/**
 * Opens `synthetic` or `synthetic:<seed>` (default 0): 4000 training and 1000 test images, each a pure function of
 * (seed, split, index, image size).
 */
export async function openSynthetic(
  source: string,
  seedText: string | undefined,
  options: OpenOptions,
): Promise<Dataset> {
  const { split, imageSize } = options;
  const seed = Number(seedText ?? defaultSeed);
  const available = dataSourceTraits.synthetic.images?.[split] ?? 0;
  const count = Math.min(available, options.first ?? Infinity);
  const pixels = allocatePixels(source, count, imageSize);
  const paint = createScenePainter(imageSize);
  const size = imageSize * imageSize * 3;
  const isPainted = new Uint8Array(count);
  const prepare = (index: number): void => {
    if (isPainted[index]) return;
    pixels.set(paint(createDraws(seed, split, index)), index * size);
    isPainted[index] = 1;
  };
  const notes = [
    'Synthetic images with the statistics of photographs; their scores do not compare with scores on photographs.',
  ];
  if (imageSize <= largestPaintedAtOnce) {
    await paintAll(count, prepare, options);
    return createDataset({ source, split, imageSize, pixels, notes });
  }
  const identity = `synthetic ${generatorVersion} ${seed} ${split} ${count} ${imageSize}`;
  return createDataset({
    source,
    split,
    imageSize,
    pixels,
    prepare,
    checksum: createHash('sha256').update(identity).digest('hex'),
    notes: [...notes, `The checksum is that of the text "${identity}", which decides every pixel.`],
  });
}

async function paintAll(
  count: number,
  prepare: (index: number) => void,
  options: OpenOptions,
): Promise<void> {
  for (let index = 0; index < count; index++) {
    if (index % 200 === 0) {
      await new Promise((resolve) => setImmediate(resolve));
      options.signal?.throwIfAborted();
      options.onProgress?.({ phase: 'generating', done: index, total: count, unit: 'images' });
    }
    prepare(index);
  }
  options.onProgress?.({ phase: 'generating', done: count, total: count, unit: 'images' });
}

/** Creates the stream of uniform random numbers of one image. */
function createDraws(seed: number, split: Split, index: number): Draw {
  const image = splits.indexOf(split) * 2 ** 32 + index;
  let drawn: Uint32Array = new Uint32Array(0);
  let used = 0;
  let refills = 0;
  return () => {
    if (used === drawn.length) {
      drawn = randomBits({ seed, stream: 'synthetic', step: refills * 2 ** 40 + image }, drawsAtOnce);
      used = 0;
      refills += 1;
    }
    return drawn[used++] / 2 ** 32;
  };
}
