/** Shapes painted into a mask: each changes only its own pixels and tells which rectangle they lie in. */

import type { Point, Size } from '../images/viewport.ts';
import { capsuleSpan, centreOf } from './brushSpan.ts';

/** One byte a pixel, row by row: 1 = known. */
export interface MaskPixels extends Size {
  readonly bytes: Uint8Array;
}

/** Whole pixels; `right` and `bottom` are the first ones outside. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface Painted {
  readonly area: Area;
  /** By how much the number of known pixels changed. */
  readonly gain: number;
}

/** 0: unknown, 1: known. */
export type Paint = 0 | 1;

/** The disc of a brush, drawn along a line; a point is a line between equal ends. Pixels count by their centres. */
export function paintLine(
  mask: MaskPixels,
  { from, to, diameter, paint }: { from: Point; to: Point; diameter: number; paint: Paint },
): Painted {
  const radius = diameter / 2;
  const [a, b] = [centreOf(from), centreOf(to)];
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

/** All pixels between two corners, both of them included. */
export function paintRectangle(mask: MaskPixels, corners: readonly [Point, Point], paint: Paint): Painted {
  const [one, other] = corners.map(({ x, y }) => ({ x: Math.floor(x), y: Math.floor(y) }));
  const area = clip(mask, {
    left: Math.min(one.x, other.x),
    top: Math.min(one.y, other.y),
    right: Math.max(one.x, other.x) + 1,
    bottom: Math.max(one.y, other.y) + 1,
  });
  return { area, gain: paintArea(mask, area, paint) };
}

/** The inside of a closed line, even-odd; pixels count by their centres. */
export function paintPolygon(mask: MaskPixels, points: readonly Point[], paint: Paint): Painted {
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  const area = clip(mask, {
    left: least(xs),
    top: least(ys),
    right: -least(xs.map((x) => -x)) + 1,
    bottom: -least(ys.map((y) => -y)) + 1,
  });
  let gain = 0;
  for (let row = area.top; row < area.bottom; row++) {
    const crossings = findCrossings(points, row + 0.5);
    for (let index = 0; index + 1 < crossings.length; index += 2) {
      const [low, high] = [crossings[index], crossings[index + 1]];
      gain += paintSpan(mask, { row, low, high, paint });
    }
  }
  return { area, gain };
}

export function paintAll(mask: MaskPixels, paint: Paint): Painted {
  const area = wholeArea(mask);
  return { area, gain: paintArea(mask, area, paint) };
}

export function invertMask(mask: MaskPixels): Painted {
  const known = countKnown(mask.bytes);
  for (let index = 0; index < mask.bytes.length; index++) mask.bytes[index] ^= 1;
  return { area: wholeArea(mask), gain: mask.bytes.length - 2 * known };
}

export function countKnown(bytes: Uint8Array): number {
  let known = 0;
  for (let index = 0; index < bytes.length; index++) known += bytes[index];
  return known;
}

export function wholeArea({ width, height }: Size): Area {
  return { left: 0, top: 0, right: width, bottom: height };
}

/** The smallest area that holds both. */
export function joinAreas(one: Area | null, other: Area): Area {
  if (!one || isEmpty(one)) return other;
  if (isEmpty(other)) return one;
  return {
    left: Math.min(one.left, other.left),
    top: Math.min(one.top, other.top),
    right: Math.max(one.right, other.right),
    bottom: Math.max(one.bottom, other.bottom),
  };
}

export function isEmpty({ left, top, right, bottom }: Area): boolean {
  return right <= left || bottom <= top;
}

function clip({ width, height }: Size, area: Area): Area {
  const keep = (value: number, end: number) => Math.min(Math.max(Math.floor(value), 0), end);
  return {
    left: keep(area.left, width),
    top: keep(area.top, height),
    right: keep(Math.ceil(area.right), width),
    bottom: keep(Math.ceil(area.bottom), height),
  };
}

function paintArea(mask: MaskPixels, { left, top, right, bottom }: Area, paint: Paint): number {
  let gain = 0;
  for (let row = top; row < bottom; row++) gain += paintSpan(mask, { row, low: left, high: right, paint });
  return gain;
}

/** Pixels of a row whose centres lie in [low, high]. */
function paintSpan(
  { bytes, width }: MaskPixels,
  { row, low, high, paint }: { row: number; low: number; high: number; paint: Paint },
): number {
  const first = row * width + Math.max(0, Math.ceil(low - 0.5));
  const end = row * width + Math.min(width, Math.floor(high - 0.5) + 1);
  let known = 0;
  for (let index = first; index < end; index++) known += bytes[index];
  if (end > first) bytes.fill(paint, first, end);
  return end > first ? paint * (end - first) - known : 0;
}

/** Where a horizontal line crosses a closed line, from left to right. */
function findCrossings(points: readonly Point[], y: number): number[] {
  return points
    .flatMap((from, index) => {
      const to = points[(index + 1) % points.length];
      if (from.y <= y === to.y <= y) return [];
      return [from.x + ((y - from.y) / (to.y - from.y)) * (to.x - from.x)];
    })
    .sort((one, other) => one - other);
}

function least(values: readonly number[]): number {
  return values.reduce((one, other) => Math.min(one, other), Infinity);
}
