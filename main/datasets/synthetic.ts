/** An endless supply of small pictures with the statistics of natural ones, for machines without any dataset. */

import { createHash } from 'node:crypto';

import { dataSourceTraits, splits } from '../../shared/dataset.ts';
import type { Split } from '../../shared/dataset.ts';
import { randomBits } from '../../shared/numbers/random.ts';
import { allocatePixels, createDataset } from './dataset.ts';
import type { Dataset, OpenOptions } from './dataset.ts';
import { createScenePainter, type Draw } from './syntheticScene.ts';

/** Raised when a seed gives other pictures than before. */
const generatorVersion = 1;
const defaultSeed = 0;
/** Larger pictures are painted when they are read: opening would take many seconds. */
const largestPaintedAtOnce = 64;
const drawsAtOnce = 1024;

/**
 * Open `synthetic` or `synthetic:<seed>` (seed 0 unless given): 4000 training and 1000 test pictures, every one a pure
 * function of (seed, split, index, image size).
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
    'Synthetic pictures with the statistics of natural ones; numbers compare with no photographs.',
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

/** As many uniform numbers as an image asks for. */
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
