/** What a horizontal line cuts out of a disc that is drawn from one point to another. */

import type { Point } from '../images/viewport.ts';

/** Strokes go from pixel to pixel: a brush of one pixel paints exactly the pixel it is in. */
export function centreOf({ x, y }: Point): Point {
  return { x: Math.floor(x) + 0.5, y: Math.floor(y) + 0.5 };
}

export interface Span {
  readonly low: number;
  readonly high: number;
}

/** The two end discs and the strip between them; null where the line misses all three. */
export function capsuleSpan(
  { a, b, radius }: { a: Point; b: Point; radius: number },
  y: number,
): Span | null {
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

/** Points whose foot lies between a and b, and that are no farther than the radius from the line. */
function stripSpan({ a, b, radius }: { a: Point; b: Point; radius: number }, y: number): Span | null {
  const length = Math.hypot(b.x - a.x, b.y - a.y);
  if (length === 0) return null;
  const [ux, uy] = [(b.x - a.x) / length, (b.y - a.y) / length];
  const along = solve(ux, uy * (y - a.y), [0, length]);
  const across = solve(-uy, ux * (y - a.y), [-radius, radius]);
  const low = a.x + Math.max(along.low, across.low);
  const high = a.x + Math.min(along.high, across.high);
  return low <= high ? { low, high } : null;
}

/** The x with low ≤ factor · x + offset ≤ high. */
function solve(factor: number, offset: number, [low, high]: readonly [number, number]): Span {
  if (Math.abs(factor) < 1e-12) {
    const isInside = offset >= low && offset <= high;
    return isInside ? { low: -Infinity, high: Infinity } : { low: Infinity, high: -Infinity };
  }
  const [one, other] = [(low - offset) / factor, (high - offset) / factor];
  return { low: Math.min(one, other), high: Math.max(one, other) };
}
