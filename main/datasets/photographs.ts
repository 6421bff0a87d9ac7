/**
 * Photographs in memory, and crops of them at several scales: random ones for training, fixed ones for evaluation. A crop
 * at scale s is a window of side / s pixels, reduced by area averages.
 */

import { createHash } from 'node:crypto';

import type { CropScales } from '../../shared/config/config.ts';
import type { ImageBatch } from '../../shared/images/image.ts';
import { randomUniforms } from '../../shared/numbers/random.ts';
import type { DatasetInfo } from '../../shared/dataset.ts';
import { cropWindow, type PixelImage, resizeArea } from './areaResize.ts';
import { allocatePixels, createDataset, type Dataset, type PhotographSet, toFloats } from './dataset.ts';

/** The pixels of a photograph that are kept in memory, and what it is recognised by. */
export interface Photograph extends PixelImage {
  /** SHA-256 (hex) of the size and pixels of the whole photograph. */
  readonly identity: string;
  /** Whether only a part of it is kept. */
  readonly isPart: boolean;
}

/**
 * Bytes of all photographs of a split in memory: 358 megapixels, some thirty photographs of a telephone. With training,
 * which takes about as much, it leaves half of a laptop of 4 GB free.
 */
export const photographMemory = 2 ** 30;

/** Crops of a split that are evaluated on, unless it has more photographs: enough for the average score of a method. */
export const fewestFixedCrops = 256;

export interface PhotographKeeper {
  /**
   * Returns the photograph as it is kept, or null if it is smaller than a crop.
   * @param remaining Number of photographs that have not been kept, this one included.
   */
  keep(image: PixelImage, remaining: number): Photograph | null;
}

/**
 * Keeps photographs within `memory` bytes. Each may take an equal share of what is left; of a larger one, a part is kept
 * whose place follows from its content.
 */
export function createPhotographKeeper(cropSide: number, memory = photographMemory): PhotographKeeper {
  let left = memory;
  return {
    keep(image, remaining) {
      if (Math.min(image.width, image.height) < cropSide) return null;
      const most = Math.floor(left / (3 * remaining));
      if (most < cropSide ** 2) {
        throw new Error(
          `${remaining} photographs of at least ${cropSide}×${cropSide} pixels do not fit into ${left} bytes of memory. ` +
            'Choose a smaller image size or fewer images.',
        );
      }
      const identity = identify(image);
      const kept = keepPart(image, most, identity);
      left -= kept.pixels.length;
      return { ...kept, identity, isPart: kept.pixels.length < image.pixels.length };
    },
  };
}

function identify({ width, height, pixels }: PixelImage): string {
  return createHash('sha256').update(`${width}×${height} `).update(pixels).digest('hex');
}

/** Returns a part of at most `most` pixels, as close to a square as possible, at a place that `identity` determines. */
function keepPart(image: PixelImage, most: number, identity: string): PixelImage {
  if (image.width * image.height <= most) return image;
  const shorter = Math.min(image.width, image.height, Math.floor(Math.sqrt(most)));
  const longer = Math.floor(most / shorter);
  const isWide = image.width >= image.height;
  const width = Math.min(image.width, isWide ? longer : shorter);
  const height = Math.min(image.height, isWide ? shorter : longer);
  const [x, y] = randomUniforms({ seed: seedOf(identity), stream: 'photographPart', step: 0 }, 2);
  const left = Math.floor(x * (image.width - width + 1));
  const top = Math.floor(y * (image.height - height + 1));
  return cropWindow(image, { left, top, width, height });
}

function seedOf(identity: string): number {
  return Number.parseInt(identity.slice(0, 8), 16);
}

export interface CropOptions {
  /** Height and width of the crops, pixels. */
  readonly imageSize: number;
  readonly scales: CropScales;
  /** Describes the dataset; counts and checksums are those of the photographs. */
  readonly info: Pick<DatasetInfo, 'source' | 'split' | 'notes'>;
}

/** Creates the dataset of a training split: its indices are those of the photographs, which training crops. */
export function createPhotographDataset(photographs: readonly Photograph[], options: CropOptions): Dataset {
  const { info, imageSize } = options;
  const identities = photographs.map(({ identity }) => identity);
  const checksum = createHash('sha256')
    .update(JSON.stringify([identities, imageSize, options.scales]))
    .digest('hex');
  const first = photographs.map((photograph) => readFixedCrop(photograph, 0, options));
  const { readImages } = createDataset({ ...info, imageSize, pixels: joinImages(first, options) });
  return {
    info: { ...info, count: photographs.length, height: imageSize, width: imageSize, checksum },
    readImages,
    identityOf: (index) => identities[index],
    photographs: createPhotographSet(photographs, options),
  };
}

/** Creates the dataset of fixed crops of all photographs: the first of each, then the second of each, and so on. */
export function createFixedCrops(photographs: readonly Photograph[], options: CropOptions): Dataset {
  const rounds = Math.ceil(fewestFixedCrops / photographs.length);
  const crops = Array.from({ length: rounds }, (_, round) =>
    photographs.map((photograph) => readFixedCrop(photograph, round, options)),
  ).flat();
  const { info, imageSize } = options;
  return createDataset({ ...info, imageSize, pixels: joinImages(crops, options) });
}

function joinImages(images: readonly Uint8Array[], { info, imageSize }: CropOptions): Uint8Array {
  const pixels = allocatePixels(info.source, images.length, imageSize);
  images.forEach((image, index) => pixels.set(image, index * image.length));
  return pixels;
}

function createPhotographSet(photographs: readonly Photograph[], options: CropOptions): PhotographSet {
  return {
    sampleCrops: (indices, { seed, step }) => sampleCrops(photographs, indices, { ...options, seed, step }),
    choose: (indices) =>
      createPhotographSet(
        indices.map((index) => photographs[index]),
        options,
      ),
    fixedCrops: () => createFixedCrops(photographs, options),
  };
}

function sampleCrops(
  photographs: readonly Photograph[],
  indices: ArrayLike<number>,
  { seed, step, ...options }: CropOptions & { readonly seed: number; readonly step: number },
): ImageBatch {
  const { imageSize } = options;
  const size = imageSize ** 2 * 3;
  const values = new Float32Array(indices.length * size);
  const uniforms = randomUniforms({ seed, stream: 'crop', step }, indices.length * 3);
  Array.from(indices, (index, row) => {
    const crop = readCrop(photographs[index], uniforms.subarray(row * 3, row * 3 + 3), options);
    toFloats(crop, values.subarray(row * size, (row + 1) * size));
  });
  return { count: indices.length, height: imageSize, width: imageSize, values };
}

/** The crop depends on the photograph and the number of the crop alone. */
function readFixedCrop(photograph: Photograph, number: number, options: CropOptions): Uint8Array {
  const key = { seed: seedOf(photograph.identity), stream: 'fixedCrop', step: number } as const;
  return readCrop(photograph, randomUniforms(key, 3), options);
}

/** Returns imageSize × imageSize × 3 bytes. Three numbers in [0, 1) choose scale, column and row of the crop. */
function readCrop(photograph: Photograph, uniforms: Float32Array, options: CropOptions): Uint8Array {
  return resizeArea(cropWindow(photograph, chooseWindow(photograph, uniforms, options)), options.imageSize)
    .pixels;
}

/**
 * Every factor between the scales is equally likely. A photograph that is too small for the smallest scale is cropped at the
 * scales that it has room for, at least that of its shorter side.
 */
function chooseWindow(
  { width, height }: PixelImage,
  [scaleAt, x, y]: Float32Array,
  { imageSize, scales }: Pick<CropOptions, 'imageSize' | 'scales'>,
) {
  const shorter = Math.min(width, height);
  const smallest = Math.max(scales.smallest, imageSize / shorter);
  const largest = Math.max(scales.largest, smallest);
  const scale = smallest * (largest / smallest) ** scaleAt;
  const side = Math.min(shorter, Math.round(imageSize / scale));
  return {
    left: Math.floor(x * (width - side + 1)),
    top: Math.floor(y * (height - side + 1)),
    width: side,
    height: side,
  };
}
