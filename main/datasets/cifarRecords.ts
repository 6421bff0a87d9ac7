/**
 * One batch file of CIFAR-10: the binary version's records, and what both versions share.
 * Krizhevsky 2009, "Learning multiple layers of features from tiny images", §3; a record is one label byte and three
 * 32×32 colour planes.
 */

import { readPickledBatch } from './cifarPickle.ts';

/** `pixels` has count × 32 × 32 × 3 bytes, channels last. */
export interface CifarBatch {
  readonly name: string;
  readonly count: number;
  readonly pixels: Uint8Array;
}

export const cifarImageSize = 32;
export const cifarImageBytes = 3072;
const recordBytes = 1 + cifarImageBytes;
const planeBytes = 1024;
const largestLabel = 9;
const pointerStart = 'version https://git-lfs.github.com/spec/';

/**
 * Reads a batch file of either version; the name decides, as in the official archives.
 * @throws Error when the bytes are a Git-LFS pointer, truncated, not CIFAR-10, or have labels above 9.
 */
export function readBatch(name: string, bytes: Uint8Array): CifarBatch {
  refusePointer(name, bytes);
  const pixels = name.endsWith('.bin') ? readBinaryRecords(name, bytes) : readPickledRecords(name, bytes);
  return { name, count: pixels.length / cifarImageBytes, pixels };
}

/** Refuses Git-LFS pointers. @throws Error when `bytes` is the placeholder text for a file that was not fetched. */
export function refusePointer(name: string, bytes: Uint8Array): void {
  const start = Buffer.from(bytes.subarray(0, pointerStart.length)).toString('latin1');
  if (start === pointerStart) {
    throw new Error(
      `${name} is a Git-LFS pointer (${bytes.length} bytes of text) instead of the data. Run "git lfs pull" where it came from.`,
    );
  }
}

function readBinaryRecords(name: string, bytes: Uint8Array): Uint8Array {
  const count = Math.floor(bytes.length / recordBytes);
  const excess = bytes.length - count * recordBytes;
  if (count === 0 || excess > 0) {
    throw new Error(
      `${name} has ${bytes.length} bytes: expected a whole number of ${recordBytes}-byte records, found ${count} and ` +
        `${excess} bytes more. The file is truncated or not CIFAR-10; fetch it again.`,
    );
  }
  const pixels = new Uint8Array(count * cifarImageBytes);
  for (let index = 0; index < count; index++) {
    const start = index * recordBytes;
    checkLabel(name, index, bytes[start]);
    interleavePlanes(bytes.subarray(start + 1, start + recordBytes), pixels, index * cifarImageBytes);
  }
  return pixels;
}

function readPickledRecords(name: string, bytes: Uint8Array): Uint8Array {
  const { labels, planes } = readPickledBatch(name, bytes);
  const pixels = new Uint8Array(planes.length);
  labels.forEach((label, index) => {
    checkLabel(name, index, label);
    const start = index * cifarImageBytes;
    interleavePlanes(planes.subarray(start, start + cifarImageBytes), pixels, start);
  });
  return pixels;
}

function checkLabel(name: string, index: number, label: number): void {
  if (!Number.isInteger(label) || label < 0 || label > largestLabel) {
    throw new Error(
      `${name}, record ${index}: label ${label}, expected 0 to ${largestLabel}. The file is damaged or not CIFAR-10 ` +
        '(CIFAR-100 has two label bytes); fetch it again.',
    );
  }
}

/** [3, 32, 32] planes -> [32, 32, 3] at `start` of `pixels`. */
function interleavePlanes(planes: Uint8Array, pixels: Uint8Array, start: number): void {
  for (let pixel = 0; pixel < planeBytes; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      pixels[start + pixel * 3 + channel] = planes[channel * planeBytes + pixel];
    }
  }
}
