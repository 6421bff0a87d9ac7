/** A set of equally sized images, kept as 8-bit pixels and read as float RGB in [0, 1]. */

import { createHash } from 'node:crypto';

import type { CropScales, RunConfig } from '../../shared/config/config.ts';
import type { DatasetInfo, Split } from '../../shared/dataset.ts';
import type { ImageBatch } from '../../shared/images/image.ts';
import type { RemoteArchive } from './download.ts';

/** Progress of opening a dataset. `total` is null while unknown. */
export interface DatasetProgress {
  readonly phase: 'connecting' | 'downloading' | 'verifying' | 'reading' | 'generating';
  readonly done: number;
  readonly total: number | null;
  readonly unit: 'bytes' | 'images';
}

/**
 * `honoured`: a folder's train, validation and test folders decide its split, hidden files are left out and copies of an
 * image are in one split. `ignored`, as runs of earlier versions were trained: every image below the folder, split by
 * the hash of its name.
 */
export type FolderLayout = RunConfig['data']['folderLayout'];

export interface OpenOptions {
  readonly split: Split;
  /** Height and width of the images, pixels. */
  readonly imageSize: number;
  /** Downloads and generated images go to `datasets/` below this folder. */
  readonly cacheFolder: string;
  /** Read only this many images: sources that can stop early do, and report the checksum of these images only. */
  readonly first?: number;
  readonly onProgress?: (progress: DatasetProgress) => void;
  /** Aborting makes opening reject with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Default: `honoured`. */
  readonly folderLayout?: FolderLayout;
  /** Crops at these scales in place of whole images, from a folder of images; null: whole images (the default). */
  readonly crops?: CropScales | null;
  /** Archive that `cifar10` without a path downloads; default: the official one. */
  readonly cifarArchive?: RemoteArchive;
}

export interface Dataset {
  readonly info: DatasetInfo;
  /**
   * The images at `indices`, in that order, repetitions allowed: each 8-bit value v as v / 255.
   * @throws Error when an index is outside 0 … count−1.
   */
  readImages(indices: ArrayLike<number>): ImageBatch;
  /** Identifies an image by its content, independent of its index; absent if indices never change. */
  readonly identityOf?: (index: number) => string;
  /** Opens the validation images; absent if the source has none. */
  readonly openValidation?: () => Promise<Dataset>;
  /** The photographs that training takes crops of; `readImages` returns one fixed crop of each. Absent: whole images. */
  readonly photographs?: PhotographSet;
}

/** Photographs larger than the images that a run is trained on. */
export interface PhotographSet {
  /** Returns a random crop of each photograph of `indices`; a pure function of the photographs, seed and step. */
  sampleCrops(indices: ArrayLike<number>, at: { readonly seed: number; readonly step: number }): ImageBatch;
  /** Returns the photographs of `indices` alone. */
  choose(indices: readonly number[]): PhotographSet;
  /** Returns fixed crops of all photographs, at least `fewestFixedCrops` and one of each, to evaluate on. */
  fixedCrops(): Dataset;
}

/** Opens one kind of source; `argument` is the text after the colon. */
export type OpenSource = (
  source: string,
  argument: string | undefined,
  options: OpenOptions,
) => Promise<Dataset>;

/** The pixels of a source, and what is needed to describe and read them. */
export interface PixelStore {
  readonly source: string;
  readonly split: Split;
  readonly imageSize: number;
  readonly notes: readonly string[];
  /** count × imageSize × imageSize × 3 bytes, row-major, channels last. */
  readonly pixels: Uint8Array;
  /** SHA-256 (hex) of `pixels` unless given. */
  readonly checksum?: string;
  /** Called before image `index` is read, for sources that fill `pixels` lazily. */
  readonly prepare?: (index: number) => void;
}

/** Largest number of pixel bytes: the limit of one SHA-256 call, and reasonable for a laptop. */
const mostPixelBytes = 2 ** 31 - 1;

/**
 * Allocates the pixels of `count` images.
 * @throws Error when they would need 2 GiB or more.
 */
export function allocatePixels(source: string, count: number, imageSize: number): Uint8Array {
  const bytes = count * imageSize * imageSize * 3;
  if (bytes > mostPixelBytes) {
    throw new Error(
      `${source}: ${count} images of ${imageSize}×${imageSize} need ${bytes} bytes of memory, expected at most ` +
        `${mostPixelBytes}. Choose a smaller image size or fewer images.`,
    );
  }
  return new Uint8Array(bytes);
}

const floatOf = Float32Array.from({ length: 256 }, (_, value) => value / 255);

export function createDataset(store: PixelStore): Dataset {
  const { source, split, imageSize, notes, pixels } = store;
  const count = pixels.length / (imageSize * imageSize * 3);
  const checksum = store.checksum ?? createHash('sha256').update(pixels).digest('hex');
  return {
    info: { source, split, count, height: imageSize, width: imageSize, checksum, notes },
    readImages: (indices) => readPixels(store, count, indices),
  };
}

function readPixels(
  { source, imageSize, pixels, prepare }: PixelStore,
  count: number,
  indices: ArrayLike<number>,
) {
  const size = imageSize * imageSize * 3;
  const values = new Float32Array(indices.length * size);
  for (let row = 0; row < indices.length; row++) {
    const index = indices[row];
    if (!Number.isInteger(index) || index < 0 || index >= count) {
      throw new Error(`Image ${index} of ${source}: expected an integer from 0 to ${count - 1}.`);
    }
    prepare?.(index);
    toFloats(pixels.subarray(index * size, (index + 1) * size), values.subarray(row * size));
  }
  return { count: indices.length, height: imageSize, width: imageSize, values };
}

/** Writes each 8-bit value v as v / 255. */
export function toFloats(bytes: Uint8Array, values: Float32Array): void {
  for (let offset = 0; offset < bytes.length; offset++) values[offset] = floatOf[bytes[offset]];
}
