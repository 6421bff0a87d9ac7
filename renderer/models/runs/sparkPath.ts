/** The small line of a run's loss in its row, as the path of an SVG. */

export interface SparkBox {
  readonly width: number;
  readonly height: number;
}

/**
 * A line through the values, left to right, lowest value at the bottom; logarithmic where all are positive.
 * Empty where there are fewer than two finite values.
 */
export function sparkPath(values: readonly number[], { width, height }: SparkBox): string {
  const finite = values.filter(Number.isFinite);
  if (finite.length < 2) return '';
  const levels = finite.every((value) => value > 0) ? finite.map(Math.log) : finite;
  const low = Math.min(...levels);
  const span = Math.max(...levels) - low;
  const points = levels.map((level, index) => {
    const x = (index / (levels.length - 1)) * width;
    const y = span === 0 ? height / 2 : height - ((level - low) / span) * height;
    return `${round(x)} ${round(y)}`;
  });
  return `M${points.join('L')}`;
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}
