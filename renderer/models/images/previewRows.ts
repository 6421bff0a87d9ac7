/** Previews of a run: a sheet with one row of truth, observed pixels and result per image. */

import { bayerChannels, type BayerPhase, bayerPhases } from '../../../shared/masks/bayer.ts';
import { imageFromPixels, readPixel, type RasterImage } from './rasterImage.ts';

/** One image of a preview. */
export interface PreviewRow {
  readonly truth: RasterImage;
  /** Unobserved pixels are grey 128 or transparent; of a Bayer pattern, the unobserved channels are 0. */
  readonly observed: RasterImage;
  readonly result: RasterImage;
}

const columns = 3;
const grey = 128;

/**
 * Splits a preview sheet of square images into its rows.
 * @throws Error if the sheet has another form.
 */
export function splitPreview(sheet: RasterImage): PreviewRow[] {
  const side = sheet.width / columns;
  if (!Number.isInteger(side) || side < 1 || sheet.height % side !== 0 || sheet.height === 0) {
    throw new Error(
      `Found a preview of ${sheet.width}×${sheet.height} pixels, expected three square images per row. It was written by another program.`,
    );
  }
  const size = { width: side, height: side };
  return Array.from({ length: sheet.height / side }, (_, row) => {
    const at = (column: number) =>
      imageFromPixels(size, new Uint8ClampedArray(sheet.read({ x: column * side, y: row * side, ...size })));
    return { truth: at(0), observed: at(1), result: at(2) };
  });
}

/** Returns whether a pixel was observed. One that looks unobserved counts as observed if the truth is the same grey. */
export function isObserved({ truth, observed }: PreviewRow, x: number, y: number): boolean {
  const [red, green, blue, alpha] = observed.read({ x, y, width: 1, height: 1 });
  if (alpha === 0) return false;
  const isGrey = [red, green, blue].every((byte) => byte === grey);
  return !isGrey || readPixel(truth, x, y).every((byte) => byte === grey);
}

/** Describes what was observed of a pixel: `known`, `hidden`, or of a Bayer pattern the channel, e.g. `green known`. */
export function describeObservation(row: PreviewRow, x: number, y: number): string {
  const channels = channelsOf(row.observed);
  if (channels) return `${['red', 'green', 'blue'][channels[y * row.observed.width + x]]} known`;
  return isObserved(row, x, y) ? 'known' : 'hidden';
}

/** Returns which of the three channels of a pixel were not observed. */
export function hiddenChannels(row: PreviewRow, x: number, y: number): readonly number[] {
  const channels = channelsOf(row.observed);
  if (!channels) return isObserved(row, x, y) ? [] : [0, 1, 2];
  return [0, 1, 2].filter((channel) => channel !== channels[y * row.observed.width + x]);
}

const channelsOfImages = new WeakMap<RasterImage, Uint8Array | null>();

/** Returns the one channel that every pixel of a Bayer pattern shows, 0 to 2; null if the image is none. */
function channelsOf(observed: RasterImage): Uint8Array | null {
  const known = channelsOfImages.get(observed);
  if (known !== undefined) return known;
  const found = bayerPhases.map((phase) => readMosaic(observed, phase)).find((channels) => channels !== null);
  channelsOfImages.set(observed, found ?? null);
  return found ?? null;
}

/** Returns the channels of a phase if all others are 0 in the image, which is not black all over; otherwise null. */
function readMosaic(observed: RasterImage, phase: BayerPhase): Uint8Array | null {
  const channels = bayerChannels(phase, observed);
  const { width, height } = observed;
  const bytes = observed.read({ x: 0, y: 0, width, height });
  let isBlack = true;
  for (let pixel = 0; pixel < channels.length; pixel++) {
    if (bytes[4 * pixel + 3] === 0) return null;
    for (let channel = 0; channel < 3; channel++) {
      if (bytes[4 * pixel + channel] === 0) continue;
      if (channel !== channels[pixel]) return null;
      isBlack = false;
    }
  }
  return isBlack ? null : channels;
}
