/** The shapes that are painted into a mask, in all its channels. Each operation returns the area it changed. */

import { countKnown, type Mask, type MaskValues } from '../../../shared/images/mask.ts';
import type { Point, Size } from '../images/viewport.ts';

/** A rectangle of whole pixels; `right` and `bottom` are exclusive. */
export interface MaskArea {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The effect of an operation on a mask. */
export interface MaskChange {
  readonly area: MaskArea;
  /** Change in the number of known pixels, or values. */
  readonly gain: number;
}

/** 0 = hidden, 1 = known. */
export type Paint = 0 | 1;

/** Paints a disc along a line, which may be a point. A pixel is painted if its centre is inside. */
export function paintLine(
  mask: Mask,
  { from, to, diameter, paint }: { from: Point; to: Point; diameter: number; paint: Paint },
): MaskChange {
  const radius = diameter / 2;
  const a = centreOf(from);
  const b = centreOf(to);
  const area = clip(mask, {
    left: Math.min(a.x, b.x) - radius,
    top: Math.min(a.y, b.y) - radius,
    right: Math.max(a.x, b.x) + radius + 1,
    bottom: Math.max(a.y, b.y) + radius + 1,
  });
  let gain = 0;
  for (let row = area.top; row < area.bottom; row++) {
    const span = capsuleSpan({ a, b, radius }, row + 0.5);
    if (span) gain += paintSpan(mask, { row, ...span, paint });
  }
  return { area, gain };
}

/** Returns the centre of a point's pixel, so that a brush of one pixel paints exactly the pixel it is in. */
function centreOf({ x, y }: Point): Point {
  return { x: Math.floor(x) + 0.5, y: Math.floor(y) + 0.5 };
}

interface Span {
  readonly low: number;
  readonly high: number;
}

/** Intersects the horizontal line at y with a capsule: two discs and the strip between them. Returns null if it misses. */
function capsuleSpan({ a, b, radius }: { a: Point; b: Point; radius: number }, y: number): Span | null {
  const spans = [discSpan(a, radius, y), discSpan(b, radius, y), stripSpan({ a, b, radius }, y)].filter(
    (span) => span !== null,
  );
  if (spans.length === 0) return null;
  return { low: Math.min(...spans.map(({ low }) => low)), high: Math.max(...spans.map(({ high }) => high)) };
}

function discSpan({ x, y: middle }: Point, radius: number, y: number): Span | null {
  const half = Math.sqrt(radius ** 2 - (y - middle) ** 2);
  return half >= 0 ? { low: x - half, high: x + half } : null;
}

/** Intersects the horizontal line at y with the points within `radius` of the segment from a to b, without its ends. */
function stripSpan({ a, b, radius }: { a: Point; b: Point; radius: number }, y: number): Span | null {
  const length = Math.hypot(b.x - a.x, b.y - a.y);
  if (length === 0) return null;
  const ux = (b.x - a.x) / length;
  const uy = (b.y - a.y) / length;
  const along = solve(ux, uy * (y - a.y), [0, length]);
  const across = solve(-uy, ux * (y - a.y), [-radius, radius]);
  const low = a.x + Math.max(along.low, across.low);
  const high = a.x + Math.min(along.high, across.high);
  return low <= high ? { low, high } : null;
}

/** Solves low ≤ factor · x + offset ≤ high for x. */
function solve(factor: number, offset: number, [low, high]: readonly [number, number]): Span {
  if (Math.abs(factor) < 1e-12) {
    const isInside = offset >= low && offset <= high;
    return isInside ? { low: -Infinity, high: Infinity } : { low: Infinity, high: -Infinity };
  }
  const one = (low - offset) / factor;
  const other = (high - offset) / factor;
  return { low: Math.min(one, other), high: Math.max(one, other) };
}

/** Paints all pixels between two corners, inclusive. */
export function paintRectangle(mask: Mask, corners: readonly [Point, Point], paint: Paint): MaskChange {
  const [one, other] = corners.map(({ x, y }) => ({ x: Math.floor(x), y: Math.floor(y) }));
  const area = clip(mask, {
    left: Math.min(one.x, other.x),
    top: Math.min(one.y, other.y),
    right: Math.max(one.x, other.x) + 1,
    bottom: Math.max(one.y, other.y) + 1,
  });
  return { area, gain: paintArea(mask, area, paint) };
}

/** Paints the inside of a polygon by the even-odd rule. A pixel is painted if its centre is inside. */
export function paintPolygon(mask: Mask, points: readonly Point[], paint: Paint): MaskChange {
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  const area = clip(mask, {
    left: minimum(xs),
    top: minimum(ys),
    right: -minimum(xs.map((x) => -x)) + 1,
    bottom: -minimum(ys.map((y) => -y)) + 1,
  });
  let gain = 0;
  for (let row = area.top; row < area.bottom; row++) {
    const crossings = findCrossings(points, row + 0.5);
    for (let index = 0; index + 1 < crossings.length; index += 2) {
      gain += paintSpan(mask, { row, low: crossings[index], high: crossings[index + 1], paint });
    }
  }
  return { area, gain };
}

export function paintAll(mask: Mask, paint: Paint): MaskChange {
  const area = wholeArea(mask);
  return { area, gain: paintArea(mask, area, paint) };
}

export function invertMask(mask: Mask): MaskChange {
  const { bits } = mask;
  const known = countKnown(mask);
  for (let index = 0; index < bits.length; index++) bits[index] ^= 1;
  return { area: wholeArea(mask), gain: bits.length - 2 * known };
}

/** Resamples a mask to another size with the nearest pixel. */
export function stretchMask(mask: Mask, { width, height }: Size): MaskValues {
  const { channels } = mask;
  const bits = new Uint8Array(width * height * channels);
  for (let row = 0; row < height; row++) {
    const start = Math.floor(((row + 0.5) * mask.height) / height) * mask.width;
    for (let column = 0; column < width; column++) {
      const from = (start + Math.floor(((column + 0.5) * mask.width) / width)) * channels;
      for (let channel = 0; channel < channels; channel++)
        bits[(row * width + column) * channels + channel] = mask.bits[from + channel];
    }
  }
  return { channels, bits };
}

export function wholeArea({ width, height }: Size): MaskArea {
  return { left: 0, top: 0, right: width, bottom: height };
}

/** Returns the smallest area that contains both. */
export function joinAreas(one: MaskArea | null, other: MaskArea): MaskArea {
  if (!one || isEmpty(one)) return other;
  if (isEmpty(other)) return one;
  return {
    left: Math.min(one.left, other.left),
    top: Math.min(one.top, other.top),
    right: Math.max(one.right, other.right),
    bottom: Math.max(one.bottom, other.bottom),
  };
}

export function isEmpty({ left, top, right, bottom }: MaskArea): boolean {
  return right <= left || bottom <= top;
}

function clip({ width, height }: Size, area: MaskArea): MaskArea {
  const keep = (value: number, end: number) => Math.min(Math.max(Math.floor(value), 0), end);
  return {
    left: keep(area.left, width),
    top: keep(area.top, height),
    right: keep(Math.ceil(area.right), width),
    bottom: keep(Math.ceil(area.bottom), height),
  };
}

function paintArea(mask: Mask, { left, top, right, bottom }: MaskArea, paint: Paint): number {
  let gain = 0;
  for (let row = top; row < bottom; row++) gain += paintSpan(mask, { row, low: left, high: right, paint });
  return gain;
}

/** Paints the pixels of a row whose centres are in [low, high]. Returns the change in the number of known pixels, or values. */
function paintSpan(
  { bits, channels, width }: Mask,
  { row, low, high, paint }: { row: number; low: number; high: number; paint: Paint },
): number {
  const first = channels * (row * width + Math.max(0, Math.ceil(low - 0.5)));
  const end = channels * (row * width + Math.min(width, Math.floor(high - 0.5) + 1));
  let known = 0;
  for (let index = first; index < end; index++) known += bits[index];
  if (end > first) bits.fill(paint, first, end);
  return end > first ? paint * (end - first) - known : 0;
}

/** Returns the x at which a horizontal line crosses a polygon, in ascending order. */
function findCrossings(points: readonly Point[], y: number): number[] {
  return points
    .flatMap((from, index) => {
      const to = points[(index + 1) % points.length];
      if (from.y <= y === to.y <= y) return [];
      return [from.x + ((y - from.y) / (to.y - from.y)) * (to.x - from.x)];
    })
    .sort((one, other) => one - other);
}

function minimum(values: readonly number[]): number {
  return values.reduce((one, other) => Math.min(one, other), Infinity);
}
