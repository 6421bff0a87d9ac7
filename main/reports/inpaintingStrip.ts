/** The images of one inpainting side by side: one file with everything, and with several samples what differs between them. */

import { type Area, cropValues } from '../../shared/images/crop.ts';
import { type Image, observe, observedPixels } from '../../shared/images/image.ts';
import { knownPixels, type MaskValues, valueBit } from '../../shared/images/mask.ts';
import { hiddenPsnr, type InpaintingScore } from '../../shared/inpainting.ts';
import { formatSignificant } from '../../shared/text/format.ts';
import { renderFigure } from './figure.ts';

/** What a strip is drawn from; images are height × width × 3 bytes. */
export interface StripSource {
  readonly width: number;
  readonly height: number;
  readonly truth: Uint8Array;
  readonly mask: MaskValues;
  readonly result: Uint8Array;
  readonly thinPlate: Uint8Array;
  /** height × width grey: 255 is `largestDeviation`; null with a single sample. */
  readonly deviation: Uint8Array | null;
  readonly largestDeviation: number | null;
  readonly scores: readonly InpaintingScore[];
}

/** Factor by which errors are amplified. */
const errorGain = 4;

/** Five images of this size as 32-bit floats take 240 MB. */
const mostPixels = 4_000_000;
/** Images of a strip without samples. */
const fixedImages = 5;
const mostSamples = 8;

/** @throws Error when a strip of this size would be too large. */
export function checkStripSize({ width, height }: { width: number; height: number }): void {
  if (width * height <= mostPixels) return;
  throw new Error(
    `A strip of ${width} × ${height} pixels would be too large; at most ${mostPixels / 1e6} million are possible. Leave out --strip.`,
  );
}

/** Returns how many samples a strip shows: up to eight, fewer where it would become too large. */
export function countStripSamples(
  samples: number,
  { width, height }: { width: number; height: number },
): number {
  if (samples === 1) return 0;
  const affordable = Math.floor((fixedImages * mostPixels) / (width * height)) - fixedImages;
  return Math.max(0, Math.min(samples, mostSamples, affordable));
}

/**
 * Renders ground truth, known pixels, thin plate, result and, if the truth is known, the PSNR of the hidden pixels and the
 * error, as a PNG. `samples` (8-bit RGB, from the first on) and their standard deviation follow the result; with them the images are
 * cropped to the largest hole and what surrounds it, while the PSNR is that of the whole image.
 */
export function renderStrip(
  found: StripSource,
  { title, hasTruth, samples }: { title: string; hasTruth: boolean; samples: readonly Uint8Array[] },
): Promise<Uint8Array> {
  const area = samples.length > 0 ? findLargestHole(found) : { x: 0, y: 0, ...sizeOf(found) };
  const toImage = (pixels: Uint8Array): Image => ({
    ...sizeOf(area),
    values: Float32Array.from(
      cropValues(pixels, { width: found.width, channels: 3 }, area),
      (byte) => byte / 255,
    ),
  });
  const { channels } = found.mask;
  const bits = cropValues(found.mask.bits, { width: found.width, channels }, area);
  const truth = toImage(found.truth);
  const known = observedPixels({ channels, bits });
  const psnrOf = (method: string) => {
    const score = hasTruth ? found.scores.find((each) => each.method === method) : undefined;
    return score && hiddenPsnr(score);
  };
  const results = [
    // It has no row of its own where it is the result.
    ...(found.scores.some(({ method }) => method === 'thin plate')
      ? [{ label: 'thin plate', image: toImage(found.thinPlate), psnr: psnrOf('thin plate') }]
      : []),
    { label: samples.length > 0 ? 'mean' : 'result', image: toImage(found.result), psnr: psnrOf('result') },
    ...samples.map((pixels, index) => ({
      label: `sample ${index + 1}`,
      image: toImage(pixels),
      psnr: hasTruth ? measureHiddenPsnr(found, pixels) : undefined,
    })),
    ...(samples.length > 0 && found.deviation
      ? [{ label: describeWhite(found.largestDeviation), image: toImage(toColours(found.deviation)) }]
      : []),
    ...(hasTruth ? [{ label: `error ×${errorGain}`, image: toImage(renderError(found)) }] : []),
  ];
  return renderFigure({
    title,
    rows: [{ truth, input: observe(truth, known.indices, known.channels), results }],
  });
}

/** The heading of the map of standard deviations, with what its white is. */
function describeWhite(largest: number | null): string {
  return largest === null ? 'deviation' : `deviation, white ${formatSignificant(largest, 2)}`;
}

/** Grey as RGB. */
function toColours(grey: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: 3 * grey.length }, (_, index) => grey[Math.floor(index / 3)]);
}

function sizeOf({ width, height }: { width: number; height: number }) {
  return { width, height };
}

/** Returns the amplified absolute error; black where the result is exact. */
function renderError({ truth, result }: StripSource): Uint8Array {
  return truth.map((value, index) => Math.min(255, errorGain * Math.abs(value - result[index])));
}

/** Returns the PSNR of the hidden pixels of a sample, dB; infinite where it is exact. */
function measureHiddenPsnr({ truth, mask }: StripSource, pixels: Uint8Array): number {
  let sum = 0;
  let count = 0;
  for (let index = 0; index < truth.length; index++) {
    if (valueBit(mask, index) === 1) continue;
    count += 1;
    sum += (pixels[index] - truth[index]) ** 2;
  }
  return 10 * Math.log10((255 ** 2 * count) / sum);
}

/** Shortest side of the part that is shown, and most pixels of surroundings on each side. */
const [shortestSide, widestMargin] = [64, 32];

/**
 * Returns the part of an image around its largest hole: the largest set of pixels with unknown values that touch at their
 * sides, the first of equally large ones, with a margin of half its size.
 */
export function findLargestHole({
  width,
  height,
  mask,
}: Pick<StripSource, 'width' | 'height' | 'mask'>): Area {
  const isSeen = knownPixels(mask).slice();
  let largest = { count: 0, left: 0, top: 0, right: width - 1, bottom: height - 1 };
  for (let start = isSeen.indexOf(0); start >= 0; start = isSeen.indexOf(0, start + 1)) {
    const hole = collectHole(start, { width, height, isSeen });
    if (hole.count > largest.count) largest = hole;
  }
  const across = extend([largest.left, largest.right], width);
  const down = extend([largest.top, largest.bottom], height);
  return { x: across.from, width: across.length, y: down.from, height: down.length };
}

/** Marks the pixels of one hole as seen; returns their number and the rectangle around them. */
function collectHole(
  start: number,
  { width, height, isSeen }: { width: number; height: number; isSeen: Uint8Array },
) {
  const hole = { count: 0, left: width, top: height, right: 0, bottom: 0 };
  const open = [start];
  isSeen[start] = 1;
  const add = (pixel: number, isInside: boolean) => {
    if (!isInside || isSeen[pixel] === 1) return;
    isSeen[pixel] = 1;
    open.push(pixel);
  };
  for (let pixel = open.pop(); pixel !== undefined; pixel = open.pop()) {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    hole.count += 1;
    hole.left = Math.min(hole.left, x);
    hole.right = Math.max(hole.right, x);
    hole.top = Math.min(hole.top, y);
    hole.bottom = Math.max(hole.bottom, y);
    add(pixel - 1, x > 0);
    add(pixel + 1, x < width - 1);
    add(pixel - width, y > 0);
    add(pixel + width, y < height - 1);
  }
  return hole;
}

/** Adds the margin to an interval of pixels, both ends included, within an image of this length. */
function extend([first, last]: readonly [number, number], length: number): { from: number; length: number } {
  const size = last - first + 1;
  const margin = Math.ceil(Math.max(Math.min(widestMargin, size / 2), (shortestSide - size) / 2));
  const wanted = Math.min(length, size + 2 * margin);
  const from = Math.min(Math.max(0, first - margin), length - wanted);
  return { from, length: wanted };
}
