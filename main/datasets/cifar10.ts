/**
 * CIFAR-10: 50 000 training and 10 000 test photographs of 32×32 pixels (Krizhevsky 2009), downloaded on request or
 * imported from a folder or archive that the user has.
 */

import { join } from 'node:path';

import type { Split } from '../../shared/dataset.ts';
import { resizeArea } from './areaResize.ts';
import { readBatches } from './cifarArchive.ts';
import { cifarImageBytes, cifarImageSize } from './cifarRecords.ts';
import type { CifarBatch } from './cifarRecords.ts';
import { allocatePixels, createDataset } from './dataset.ts';
import type { Dataset, OpenOptions } from './dataset.ts';
import { downloadArchive } from './download.ts';
import type { RemoteArchive } from './download.ts';

export const officialCifarArchive: RemoteArchive = {
  url: 'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz',
  bytes: 170_052_171,
  md5: 'c32a1d4ab5d03f1284b67883e8d87530',
  advice: 'If you have CIFAR-10 already, import it: cifar10:<folder or archive>.',
};

const batchNames: Record<Split, readonly string[]> = {
  train: [1, 2, 3, 4, 5].map((number) => `data_batch_${number}`),
  test: ['test_batch'],
};
const officialBatchCount = 10_000;

/**
 * Opens `cifar10` (downloads 170 MB once) or `cifar10:<path>`. Missing training batches are accepted and noted. Images are
 * resized by area average to sizes other than 32.
 * @throws Error when nothing usable is found, or a file is damaged or is not CIFAR-10.
 */
export async function openCifar10(
  source: string,
  path: string | undefined,
  options: OpenOptions,
): Promise<Dataset> {
  const { split, imageSize, onProgress, signal } = options;
  const place = path ?? (await downloadOfficial(options));
  const names = batchNames[split];
  let done = 0;
  const batches = await readBatches(place, {
    names,
    signal,
    onBatch: ({ count }) => {
      done += count;
      onProgress?.({ phase: 'reading', done, total: null, unit: 'images' });
    },
  });
  const pixels = joinPixels(source, batches, imageSize);
  return createDataset({
    source,
    split,
    imageSize,
    pixels,
    notes: describeBatches(batches, names, imageSize),
  });
}

function downloadOfficial({ cacheFolder, cifarArchive, onProgress, signal }: OpenOptions): Promise<string> {
  const archive = cifarArchive ?? officialCifarArchive;
  return downloadArchive(archive, { folder: join(cacheFolder, 'datasets'), onProgress, signal });
}

/** Returns the pixels of all batches, count × imageSize × imageSize × 3 bytes. */
function joinPixels(source: string, batches: readonly CifarBatch[], imageSize: number): Uint8Array {
  const count = batches.reduce((sum, batch) => sum + batch.count, 0);
  const pixels = allocatePixels(source, count, imageSize);
  let written = 0;
  for (const batch of batches) {
    for (let start = 0; start < batch.pixels.length; start += cifarImageBytes) {
      const image = batch.pixels.subarray(start, start + cifarImageBytes);
      const resized = resizeArea({ width: cifarImageSize, height: cifarImageSize, pixels: image }, imageSize);
      pixels.set(resized.pixels, written);
      written += resized.pixels.length;
    }
  }
  return pixels;
}

function describeBatches(
  batches: readonly CifarBatch[],
  names: readonly string[],
  imageSize: number,
): string[] {
  const notes: string[] = [];
  const found = batches.map(({ name }) => name.replace(/\.bin$/, ''));
  const missing = names.filter((name) => !found.includes(name));
  const count = batches.reduce((sum, batch) => sum + batch.count, 0);
  if (missing.length > 0)
    notes.push(`${found.length} of ${names.length} batches; missing: ${missing.join(', ')}.`);
  if (count !== names.length * officialBatchCount) {
    notes.push(`${count} images of the official ${names.length * officialBatchCount}.`);
  }
  if (imageSize !== cifarImageSize)
    notes.push(`Resized from 32×32 to ${imageSize}×${imageSize} by area average.`);
  return notes;
}
