/** Which pixels a mask image marks as known: the only reader of masks, for the window and the terminal. */

import { formatCount } from '../text/format.ts';
import { countKnown, type Mask } from './mask.ts';

/** A decoded mask; `rgba` has width × height × 4 values from 0 to `white`. */
export interface MaskImage {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array | Uint16Array;
  readonly white: number;
  /** Whether the file says that each channel is a mask of its own, as masks that this program saved do. */
  readonly isPerChannel?: boolean;
}

/** Keyword of the text in the PNG file of a mask in which each channel is a mask of its own, and the text. */
export const maskKeyword = 'sparse-field-lab-mask';
export const perChannelText = 'each channel is a mask: 255 known, 0 hidden';

export interface MaskReading extends Mask {
  /** Number of known pixels, or values. */
  readonly known: number;
  /** Whether the known pixels look like the hole of a tool that marks holes in white. */
  readonly looksInverted: boolean;
  /** Sentences about how it was read, where that is not obvious. */
  readonly notes: readonly string[];
}

/**
 * Reads a mask: white is known, black and transparent are not.
 * - Two levels of brightness, such as 0 and 255, 0 and 1, or two colours: the brighter one is known.
 * - More levels (soft edges, JPEG): known from half of white on.
 * - All opaque, every channel of every pixel exactly 0 or white, as in no JPEG, and at least three colours, two of them neither
 *   black nor white: each channel is a mask of its own. So it is with fewer colours in a file that says so, see `maskKeyword`.
 * - A transparent image that is not black and white, such as the image itself with its hole erased: opaque is known.
 * @throws Error when no pixel is known, saying what the image looks like.
 */
export function readMask(image: MaskImage, { invert = false } = {}): MaskReading {
  return readChannels(image, invert) ?? readWholePixels(image, invert);
}

function readWholePixels(image: MaskImage, invert: boolean): MaskReading {
  const { width, height, white } = image;
  const levels = measureLevels(image);
  const byAlpha = levels.transparent > 0 && levels.opaque > 0 && !isBlackAndWhite(levels);
  const threshold = levels.count === 2 ? (levels.lowest + levels.highest) / 2 : 3 * Math.ceil(white / 2);
  const bits = new Uint8Array(width * height);
  let known = 0;
  for (let pixel = 0; pixel < bits.length; pixel++) {
    const isOpaque = image.rgba[4 * pixel + 3] * 2 >= white;
    const isMarked = isOpaque && (byAlpha || brightnessOf(image, pixel) >= threshold);
    if (isMarked === invert) continue;
    bits[pixel] = 1;
    known += 1;
  }
  if (known === 0) throw new Error(describeUnknown(levels, image, invert));
  const notes = describeReading(levels, { white, byAlpha, total: bits.length });
  const mask = { width, height, channels: 1, bits } as const;
  const looksInverted = isCompact(mask, known) || isThin(mask, known);
  return { ...mask, known, looksInverted, notes };
}

/** Reads an image in which each channel is a mask of its own; null if it is none. */
function readChannels(image: MaskImage, invert: boolean): MaskReading | null {
  const { width, height, rgba, white, isPerChannel } = image;
  const colours = listPureColours(image);
  // Black is 0 and white is 7.
  const mixed = colours.filter((colour) => colour > 0 && colour < 7).length;
  const isFound = isPerChannel ? mixed > 0 : mixed > 1 && colours.length > 2;
  if (!isFound) return null;
  const bits = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++)
    for (let channel = 0; channel < 3; channel++)
      bits[3 * pixel + channel] = (rgba[4 * pixel + channel] === white) === invert ? 0 : 1;
  const known = countKnown({ bits });
  const note = `Each of its channels is a mask of its own: ${formatFraction(known / bits.length)} of the values are known. Save it in grey if it marks whole pixels.`;
  return { width, height, channels: 3, bits, known, looksInverted: false, notes: [note] };
}

/** Returns the colours of an opaque image whose channels are all 0 or white, as numbers of three bits; otherwise none. */
function listPureColours({ width, height, rgba, white }: MaskImage): number[] {
  const isSeen = new Uint8Array(8);
  for (let at = 0; at < 4 * width * height; at += 4) {
    if (rgba[at + 3] !== white) return [];
    let colour = 0;
    for (let channel = at; channel < at + 3; channel++) {
      if (rgba[channel] !== 0 && rgba[channel] !== white) return [];
      colour = 2 * colour + (rgba[channel] === 0 ? 0 : 1);
    }
    isSeen[colour] = 1;
  }
  return [...isSeen.keys()].filter((colour) => isSeen[colour] === 1);
}

/** The question to ask where `looksInverted`. */
export function describeInverted({ known, bits }: MaskReading, { invert = false } = {}): string {
  const [colour, other] = invert ? ['Black', 'white'] : ['White', 'black'];
  return `${colour} means known here: ${formatFraction(known / bits.length)} of the pixels, which lie together as a hole does; ${other} is filled in.`;
}

interface Levels {
  readonly opaque: number;
  readonly transparent: number;
  /** Of the brightnesses of opaque pixels, sums of three channels; `count` stops at 3. */
  readonly count: number;
  readonly lowest: number;
  readonly highest: number;
  /** Opaque pixels within a tenth of black, and of white. */
  readonly black: number;
  readonly bright: number;
}

function brightnessOf({ rgba }: MaskImage, pixel: number): number {
  return rgba[4 * pixel] + rgba[4 * pixel + 1] + rgba[4 * pixel + 2];
}

function measureLevels(image: MaskImage): Levels {
  const { width, height, rgba, white } = image;
  const [nearBlack, nearWhite] = [0.3 * white, 2.7 * white];
  let [opaque, black, bright] = [0, 0, 0];
  let [lowest, highest] = [Infinity, -Infinity];
  const seen = new Set<number>();
  for (let pixel = 0; pixel < width * height; pixel++) {
    if (rgba[4 * pixel + 3] * 2 < white) continue;
    const brightness = brightnessOf(image, pixel);
    opaque += 1;
    if (brightness <= nearBlack) black += 1;
    if (brightness >= nearWhite) bright += 1;
    if (brightness < lowest) lowest = brightness;
    if (brightness > highest) highest = brightness;
    if (seen.size < 3) seen.add(brightness);
  }
  const transparent = width * height - opaque;
  return { opaque, transparent, count: seen.size, lowest, highest, black, bright };
}

/** Both occur, and hardly anything between. */
function isBlackAndWhite({ opaque, black, bright }: Levels): boolean {
  return black > 0 && bright > 0 && black + bright >= 0.95 * opaque;
}

function describeReading(
  { opaque, black, bright, count, highest }: Levels,
  { white, byAlpha, total }: { white: number; byAlpha: boolean; total: number },
): string[] {
  if (byAlpha)
    return [
      `Its opaque pixels are known and its transparent ones are not (${formatFraction((total - opaque) / total)}).`,
    ];
  if (count === 2 && highest < 2.7 * white)
    return ['It has two levels of brightness: the brighter one marks the known pixels.'];
  const between = opaque - black - bright;
  if (count > 2 && between > 0.2 * opaque)
    return [
      `It is not black and white: ${formatFraction(between / opaque)} of its pixels are in between. Those of at least half the brightness are known.`,
    ];
  return [];
}

function describeUnknown(
  { opaque, count, lowest, highest }: Levels,
  { white }: MaskImage,
  invert: boolean,
): string {
  const marks = invert ? 'Inverted, the mask' : 'The mask';
  return `${marks} marks no pixel as known: ${describeLook()}. White marks known pixels; at least one is needed.`;

  function describeLook(): string {
    if (opaque === 0) return 'it is transparent all over';
    if (count > 1)
      return `its brightest pixel has ${formatCount(Math.round(highest / 3))} of ${formatCount(white)}`;
    if (lowest === 0) return 'it is black all over';
    if (lowest === 3 * white) return 'it is white all over';
    return `it has one brightness all over, ${formatCount(Math.round(lowest / 3))} of ${formatCount(white)}`;
  }
}

/** One byte per pixel. */
type Plane = Pick<Mask, 'width' | 'height' | 'bits'>;

/** `8.8 %` */
function formatFraction(fraction: number): string {
  return `${Number((100 * fraction).toPrecision(2))} %`;
}

/**
 * Whether the known pixels are the smaller part and lie together, away from the border: masks for sparse
 * reconstruction scatter them, holes are blobs.
 */
function isCompact({ width, height, bits }: Plane, known: number): boolean {
  if (known * 2 >= bits.length || width < 8 || height < 8) return false;
  let inner = 0;
  let border = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = y * width + x;
      if (bits[pixel] === 0) continue;
      if (isOnBorder(x, width) || isOnBorder(y, height)) border += 1;
      else if (bits[pixel - 1] + bits[pixel + 1] + bits[pixel - width] + bits[pixel + width] === 4)
        inner += 1;
    }
  }
  return inner >= 0.3 * known && border <= width + height;
}

/**
 * Whether the known pixels are few and form thin marks, as scratches and letters do: nearly all of them touch another. Of
 * randomly scattered ones fewer do, and lines for a reconstruction cross the whole image.
 */
function isThin({ width, height, bits }: Plane, known: number): boolean {
  if (known * 5 > bits.length || known < 8) return false;
  let touching = 0;
  const columns = new Uint32Array(width);
  for (let y = 0; y < height; y++) {
    let inRow = 0;
    for (let x = 0; x < width; x++) {
      if (bits[y * width + x] === 0) continue;
      inRow += 1;
      columns[x] += 1;
      if (hasNeighbour({ width, height, bits }, x, y)) touching += 1;
    }
    if (inRow === width) return false;
  }
  return touching >= 0.9 * known && !columns.includes(height);
}

/** Whether one of the eight pixels around a pixel is known. */
function hasNeighbour({ width, height, bits }: Plane, x: number, y: number): boolean {
  for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++)
    for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++)
      if ((row !== y || column !== x) && bits[row * width + column] === 1) return true;
  return false;
}

function isOnBorder(position: number, length: number): boolean {
  return position === 0 || position === length - 1;
}
