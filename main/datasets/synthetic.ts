/** Generated images, for machines without any dataset: each a pure function of (seed, split, index, image size). */

import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { dataSourceTraits, splits } from '../../shared/dataset.ts';
import type { Split } from '../../shared/dataset.ts';
import { randomBits } from '../../shared/numbers/random.ts';
import { allocatePixels, createDataset } from './dataset.ts';
import type { OpenOptions, OpenSource } from './dataset.ts';
import { createShapePainter } from './shapeScene.ts';
import { createScenePainter, type Draw, type ScenePainter } from './syntheticScene.ts';

/** One kind of generated images. */
interface Generator {
  /** Source, stream of random numbers and name in the checksum's text. */
  readonly kind: 'synthetic' | 'shapes';
  /** Increased when a seed generates other images than before, so that kept images are painted again. Stored runs need the images they were trained on: prefer a new kind. */
  readonly version: number;
  readonly createPainter: (size: number) => ScenePainter;
  readonly note: string;
}

const defaultSeed = 0;
/** Images above this size are painted when they are read: painting all would take many seconds. */
const largestPaintedAtOnce = 64;
const drawsAtOnce = 1024;

/** Opens `synthetic` or `synthetic:<seed>` (default 0): 4000 training and 1000 test images with the statistics of photographs. */
export const openSynthetic = createOpener({
  kind: 'synthetic',
  version: 1,
  createPainter: createScenePainter,
  note: 'Synthetic images with the statistics of photographs; their scores do not compare with scores on photographs.',
});

/** Opens `shapes` or `shapes:<seed>` (default 0): 4000 training and 1000 test images of sharp edges, letters and textures. */
export const openShapes = createOpener({
  kind: 'shapes',
  version: 1,
  createPainter: createShapePainter,
  note: 'Generated shapes, letters and textures; their scores do not compare with scores on photographs.',
});

function createOpener(generator: Generator): OpenSource {
  const { kind, version, note } = generator;
  return async (source, seedText, options) => {
    const { split, imageSize } = options;
    const seed = Number(seedText ?? defaultSeed);
    const available = dataSourceTraits[kind].images?.[split] ?? 0;
    const count = Math.min(available, options.first ?? Infinity);
    const pixels = allocatePixels(source, count, imageSize);
    const paint = generator.createPainter(imageSize);
    const size = imageSize * imageSize * 3;
    const isPainted = new Uint8Array(count);
    const prepare = (index: number): void => {
      if (isPainted[index]) return;
      pixels.set(paint(createDraws({ kind, seed, split, index })), index * size);
      isPainted[index] = 1;
    };
    if (imageSize <= largestPaintedAtOnce) {
      const kept = keepPixels(options.cacheFolder, `${kind}-${version}-${seed}-${split}-${imageSize}`);
      const painted = await kept.read(available * size);
      if (painted) {
        pixels.set(painted.subarray(0, pixels.length));
      } else {
        await paintAll(count, prepare, options);
        if (count === available) await kept.write(pixels);
      }
      return createDataset({ source, split, imageSize, pixels, notes: [note] });
    }
    const identity = `${kind} ${version} ${seed} ${split} ${count} ${imageSize}`;
    return createDataset({
      source,
      split,
      imageSize,
      pixels,
      prepare,
      checksum: createHash('sha256').update(identity).digest('hex'),
      notes: [note, `The checksum is that of the text "${identity}", which decides every pixel.`],
    });
  };
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

/** Bytes of the SHA-256 that follows the pixels in a file of painted images. */
const digestBytes = 32;

/**
 * Keeps the painted images of a split in `datasets/generated/` of the cache, because painting them takes seconds. A file is
 * used only if it is whole; one that cannot be written is painted again the next time.
 */
function keepPixels(cacheFolder: string, name: string) {
  const folder = join(cacheFolder, 'datasets', 'generated');
  const file = join(folder, name);
  return {
    async read(length: number): Promise<Uint8Array | null> {
      const bytes = await readFile(file).catch(() => null);
      if (bytes?.length !== length + digestBytes) return null;
      const pixels = bytes.subarray(0, length);
      return digestOf(pixels).equals(bytes.subarray(length)) ? pixels : null;
    },
    async write(pixels: Uint8Array): Promise<void> {
      const partial = `${file}.partial-${randomUUID()}`;
      try {
        await mkdir(folder, { recursive: true });
        await writeFile(partial, Buffer.concat([pixels, digestOf(pixels)]));
        await rename(partial, file);
      } catch {
        await rm(partial, { force: true }).catch(() => undefined);
      }
    },
  };
}

const digestOf = (pixels: Uint8Array): Buffer => createHash('sha256').update(pixels).digest();

interface ImageKey {
  readonly kind: Generator['kind'];
  readonly seed: number;
  readonly split: Split;
  readonly index: number;
}

/** Creates the stream of uniform random numbers of one image. */
function createDraws({ kind, seed, split, index }: ImageKey): Draw {
  const image = splits.indexOf(split) * 2 ** 32 + index;
  let drawn: Uint32Array = new Uint32Array(0);
  let used = 0;
  let refills = 0;
  return () => {
    if (used === drawn.length) {
      drawn = randomBits({ seed, stream: kind, step: refills * 2 ** 40 + image }, drawsAtOnce);
      used = 0;
      refills += 1;
    }
    return drawn[used++] / 2 ** 32;
  };
}
