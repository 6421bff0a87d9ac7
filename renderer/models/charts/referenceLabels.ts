/** Labels of the horizontal lines of a chart, placed so that they do not overlap and cover little of the curves. */

export interface LabelArea {
  readonly top: number;
  readonly bottom: number;
  /** Height of a line of text. */
  readonly height: number;
}

/**
 * Returns the bottom edge of each label, in the order of the lines: above its line where there is room, otherwise moved down
 * below the label above it, and never out of the area as long as all labels fit.
 * @param lines Heights of the lines in pixels from the top, in any order.
 */
export function placeLabels(lines: readonly number[], { top, bottom, height }: LabelArea): number[] {
  const order = lines.map((_, index) => index).sort((one, other) => lines[one] - lines[other]);
  const places = new Array<number>(lines.length);
  let above = top;
  for (const index of order) {
    above = Math.max(lines[index] - 2, above + height);
    places[index] = above;
  }
  let below = bottom;
  for (const index of order.toReversed()) {
    places[index] = Math.min(places[index], below);
    below = places[index] - height;
  }
  return places;
}

/** A point of a curve in pixels. */
export interface PlacedPoint {
  readonly x: number;
  readonly y: number;
}

/** Places along a line where its label may begin, from the left end of the plot to the right end. */
const starts = [0, 0.25, 0.5, 0.75, 1];

/** Returns the left edge of a label: as far left as it covers no curve, otherwise where it covers least of the curves. */
export function freeStart(
  label: { readonly width: number; readonly top: number; readonly bottom: number },
  { left, right }: { readonly left: number; readonly right: number },
  curves: readonly (readonly PlacedPoint[])[],
): number {
  const room = Math.max(0, right - label.width - left);
  const places = starts.map((start) => {
    const x = left + start * room;
    return { x, covered: countCovered({ ...label, left: x, right: x + label.width }, curves) };
  });
  return places.reduce((best, place) => (place.covered < best.covered ? place : best)).x;
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Pixels between two places of a curve at which it is looked at. */
const stride = 4;

/** Counts the places of the curves that are inside a box. */
function countCovered(
  { left, right, top, bottom }: Box,
  curves: readonly (readonly PlacedPoint[])[],
): number {
  const isInside = ({ x, y }: PlacedPoint) => x >= left && x <= right && y >= top && y <= bottom;
  let covered = 0;
  for (const curve of curves) {
    for (const [index, point] of curve.entries()) {
      if (isInside(point)) covered += 1;
      const next = curve.at(index + 1);
      if (index + 1 >= curve.length || next === undefined || next.x < left || point.x > right) continue;
      const parts = Math.floor(Math.hypot(next.x - point.x, next.y - point.y) / stride);
      for (let part = 1; part < parts; part += 1) {
        const along = part / parts;
        const between = { x: point.x + along * (next.x - point.x), y: point.y + along * (next.y - point.y) };
        if (isInside(between)) covered += 1;
      }
    }
  }
  return covered;
}
