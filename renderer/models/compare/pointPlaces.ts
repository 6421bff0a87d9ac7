/** Screen positions of the points of a chart, so that one can be chosen. */

import type { SvgChart } from '../../../shared/charts/svgChart.ts';
import { layOut } from '../../../shared/charts/svgFrame.ts';
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
