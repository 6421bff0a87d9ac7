/** Laws that hide connected regions: blocks, everything around a centre, and brush strokes. */

import { randomIntegers } from '../numbers/random.ts';
import {
  type Canvas,
  clamp,
  countWanted,
  createCanvas,
  createSequence,
  imageSeed,
  type MaskBits,
  type MaskRequest,
  type RandomSequence,
  sizeRectangle,
} from './request.ts';

/** One block is exact to a row or column, several are exact to the pixel: the last one is cut. */
export function drawBlocks(request: MaskRequest): MaskBits {
  return request.blocks === 1 ? drawBlock(request) : drawSeveralBlocks(request);
}

function drawBlock(request: MaskRequest): MaskBits {
  const { width, height } = request;
  const mask = new Uint8Array(width * height).fill(1);
  const { wide, tall } = sizeHiddenBlock(request);
  const [across, down] = [width - wide + 1, height - tall + 1];
  const seed = imageSeed(request);
  const [place] = randomIntegers({ seed, stream: 'patternMask', step: 0 }, 1, across * down);
  const [top, left] = [Math.floor(place / across), place % across];
  for (let row = top; row < top + tall; row++) mask.fill(0, row * width + left, row * width + left + wide);
  return mask;
}

/** Returns the size of the hidden block: the image's aspect ratio, then corrected for rounding and for thin images. */
function sizeHiddenBlock(request: MaskRequest): { wide: number; tall: number } {
  const { keepRatio, width, height } = request;
  const hidden = width * height - countWanted(request);
  if (hidden === 0) return { wide: 0, tall: 0 };
  const shaped = clamp(Math.round(Math.sqrt(1 - keepRatio) * width), 1, width);
  const tall = clamp(Math.round(hidden / shaped), 1, height);
  const wide = clamp(Math.round(hidden / tall), 1, width);
  const isAll = wide === width && tall === height;
  return { wide, tall: isAll ? tall - 1 : tall };
}

/** Positions that are tried before a block may overlap others. */
const mostPositions = 64;

/** Blocks of equal area and random aspect ratio from 1:2 to 2:1, apart if there is room; what overlaps lose is hidden by further ones. */
function drawSeveralBlocks(request: MaskRequest): MaskBits {
  const { blocks } = request;
  const canvas = createCanvas(request);
  const random = createSequence(request);
  const each = Math.max(1, canvas.left() / blocks);
  for (let block = 0; canvas.left() > 0; block++) {
    const rest = block < blocks - 1 ? Math.min(each, canvas.left()) : canvas.left();
    const place = findPlace(canvas, random, sizeBlock(rest, random, request));
    hideRectangle(canvas, place);
  }
  return canvas.bits;
}

function sizeBlock(area: number, random: RandomSequence, { width, height }: MaskRequest) {
  // √(1/2 … 2) without a logarithm: either way round with the same chance.
  const stretch = 1 + random.next() * (Math.SQRT2 - 1);
  const isWide = random.next() < 0.5;
  const side = Math.sqrt(area);
  const wide = clamp(Math.round(isWide ? side * stretch : side / stretch), 1, width);
  const tall = clamp(Math.ceil(area / wide), 1, height);
  return { wide: clamp(Math.ceil(area / tall), 1, width), tall };
}

interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly wide: number;
  readonly tall: number;
}

/** Returns a position where nothing is hidden yet, with a margin of one pixel; if none is found, one with a known pixel. */
function findPlace(
  canvas: Canvas,
  random: RandomSequence,
  { wide, tall }: { wide: number; tall: number },
): Rectangle {
  const { width, height } = canvas;
  for (let attempt = 0; attempt < mostPositions; attempt++) {
    const place = { left: random.below(width - wide + 1), top: random.below(height - tall + 1), wide, tall };
    if (isFree(canvas, place)) return place;
  }
  const { x, y } = canvas.findKnown(random);
  return {
    left: clamp(x - random.below(wide), 0, width - wide),
    top: clamp(y - random.below(tall), 0, height - tall),
    wide,
    tall,
  };
}

function isFree({ bits, width, height }: Canvas, { left, top, wide, tall }: Rectangle): boolean {
  for (let row = Math.max(0, top - 1); row < Math.min(height, top + tall + 1); row++) {
    const start = row * width;
    const hidden = bits.indexOf(0, start + Math.max(0, left - 1));
    if (hidden >= 0 && hidden < start + Math.min(width, left + wide + 1)) return false;
  }
  return true;
}

function hideRectangle(canvas: Canvas, { left, top, wide, tall }: Rectangle): void {
  for (let row = top; row < top + tall; row++) {
    for (let column = left; column < left + wide; column++) canvas.hide(column, row);
  }
}

/** Only a centred rectangle with the image's aspect ratio is known. */
export function drawBorder(request: MaskRequest): MaskBits {
  const { width, height } = request;
  const known = countWanted(request);
  const mask = new Uint8Array(width * height);
  const { wide, tall } = sizeRectangle(known, request);
  // Rounding must not hide nothing where something is to be hidden.
  const isAll = wide * tall === mask.length && known < mask.length;
  const rows = isAll && tall > 1 ? tall - 1 : tall;
  const columns = isAll && tall === 1 ? wide - 1 : wide;
  const [left, top] = [(width - columns) >> 1, (height - rows) >> 1];
  for (let row = top; row < top + rows; row++) mask.fill(1, row * width + left, row * width + left + columns);
  return mask;
}

/** Widths of strokes as fractions of the shorter side, where none is given. */
const [thinnest, thickest] = [1 / 64, 1 / 8];

/**
 * Round brushes on smooth random walks, from a random known pixel each, until exactly the wanted number of pixels is known.
 * Only arithmetic that every machine rounds alike: the page and the main side must draw the same mask.
 */
export function drawStrokes(request: MaskRequest): MaskBits {
  const canvas = createCanvas(request);
  const random = createSequence(request);
  while (canvas.left() > 0) drawStroke(canvas, random, request.markSize);
  return canvas.bits;
}

function drawStroke(canvas: Canvas, random: RandomSequence, markSize: number | null): void {
  const shorter = Math.min(canvas.width, canvas.height);
  // The square favours thin strokes: a thick one hides as much as several of them.
  const size = markSize ?? thinnest + (thickest - thinnest) * random.next() ** 2;
  const radius = Math.max(1, size * shorter) / 2;
  const length = (0.25 + 0.75 * random.next()) * shorter;
  const stride = Math.max(0.5, radius / 2);
  const start = canvas.findKnown(random);
  let [x, y] = [start.x, start.y];
  let [alongX, alongY] = sampleDirection(random);
  let bend = 0;
  for (let walked = 0; walked <= length && canvas.left() > 0; walked += stride) {
    hideDisc(canvas, { x, y, radius });
    // A curvature that changes slowly; the bend is the tangent of half the angle of a step.
    bend = 0.9 * bend + ((random.next() - 0.5) * 0.6 * stride) / Math.max(4, shorter / 8);
    [alongX, alongY] = turn(alongX, alongY, bend);
    x += alongX * stride;
    y += alongY * stride;
  }
}

/** Returns a unit vector of random direction. */
function sampleDirection(random: RandomSequence): [number, number] {
  for (;;) {
    const [x, y] = [2 * random.next() - 1, 2 * random.next() - 1];
    const square = x * x + y * y;
    if (square > 0.01 && square <= 1) return [x / Math.sqrt(square), y / Math.sqrt(square)];
  }
}

/** Rotates a unit vector by twice the angle whose tangent is `half`, without trigonometry. */
function turn(x: number, y: number, half: number): [number, number] {
  const scale = 1 / (1 + half * half);
  const [cosine, sine] = [(1 - half * half) * scale, 2 * half * scale];
  return [cosine * x - sine * y, sine * x + cosine * y];
}

/** Hides the pixels whose centres are in a disc, and always the nearest one; the last disc of a mask is filled from its centre. */
function hideDisc(canvas: Canvas, { x, y, radius }: { x: number; y: number; radius: number }): void {
  const inside: { column: number; row: number; square: number }[] = [];
  const isLast = canvas.left() <= 4 * (radius + 1) ** 2;
  canvas.hide(Math.round(x), Math.round(y));
  for (let row = Math.ceil(y - radius); row <= y + radius; row++) {
    for (let column = Math.ceil(x - radius); column <= x + radius; column++) {
      const square = (column - x) ** 2 + (row - y) ** 2;
      if (square > radius * radius) continue;
      if (isLast) inside.push({ column, row, square });
      else canvas.hide(column, row);
    }
  }
  inside.sort((one, other) => one.square - other.square);
  for (const { column, row } of inside) canvas.hide(column, row);
}
