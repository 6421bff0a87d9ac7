/** The points of a paired comparison, one per image: their positions on the screen, and their differences as text. */

import type { SvgChart } from '../../../shared/charts/svgChart.ts';
import { layOut } from '../../../shared/charts/svgFrame.ts';
import { pairedMetrics, type PairedStatistics } from '../../../shared/comparison/pairedStatistics.ts';
import { signed } from '../../../shared/numbers/nonFinite.ts';
import type { Point, Size } from '../images/viewport.ts';

export interface PointPlace extends Point {
  readonly image: number;
}

/** Returns the points that belong to an image, from left to right; pixels from the upper left corner. */
export function pointPlaces(chart: SvgChart, { width, height }: Size): PointPlace[] {
  const { x, y } = layOut(chart, width, height);
  const places = chart.marks.flatMap((mark): PointPlace[] =>
    mark.kind === 'points'
      ? mark.points.flatMap(([across, up], index) => {
          const image = mark.images?.[index];
          return image === undefined ? [] : [{ image, x: x.place(across), y: y.place(up) }];
        })
      : [],
  );
  return places.sort((one, other) => one.x - other.x || one.image - other.image);
}

/** Returns the index of the nearest place; null if none is within `reach` pixels. */
export function nearestPlace(places: readonly PointPlace[], at: Point, reach = 12): number | null {
  let nearest: number | null = null;
  let least = reach;
  places.forEach(({ x, y }, index) => {
    const distance = Math.hypot(x - at.x, y - at.y);
    if (distance > least) return;
    nearest = index;
    least = distance;
  });
  return nearest;
}

/** Formats the difference of one image, e.g. `+0.84 dB`; says which of the two is exact if one is. */
export function describeGain({ differences, gains, metric }: PairedStatistics, image: number): string {
  const difference = differences[image];
  const { unit, digits } = pairedMetrics[metric];
  if (difference === null) return gains[image] > 0 ? 'exact' : 'reference exact';
  return `${signed(difference, digits)} ${unit}`.trim();
}
