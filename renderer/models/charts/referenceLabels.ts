/** Labels of the horizontal lines of a chart, placed so that they do not overlap. */

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
