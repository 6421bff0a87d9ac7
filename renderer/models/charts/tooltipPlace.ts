/** Where a chart's tooltip hides least of the curves. */

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

interface Place {
  readonly x: number;
  readonly y: number;
}

/** A corner of the chart, and the tooltip in it. */
export interface Corner {
  readonly x: 'left' | 'right';
  readonly y: 'top' | 'bottom';
  readonly box: Box;
}

/**
 * Returns the corner in which a tooltip covers the fewest line segments. Corners under the pointer come last, and of equal
 * ones the upper one on the side without the pointer is best.
 * @param curves Points of each curve from left to right, pixels like all lengths.
 */
export function freestCorner(
  area: Box,
  size: { readonly width: number; readonly height: number },
  pointer: Place,
  curves: readonly (readonly Place[])[],
): Corner {
  const isLeft = pointer.x < (area.left + area.right) / 2;
  const sides = isLeft ? (['right', 'left'] as const) : (['left', 'right'] as const);
  const corners = sides.flatMap((x) => (['top', 'bottom'] as const).map((y) => cornerAt(area, size, x, y)));
  const costs = corners.map(({ box }) => {
    const isUnderPointer = meets(box, pointer, pointer) ? Number.MAX_SAFE_INTEGER / 2 : 0;
    return curves.reduce((sum, points) => sum + countCovered(box, points), isUnderPointer);
  });
  return corners[costs.indexOf(Math.min(...costs))];
}

function cornerAt(
  { left, top, right, bottom }: Box,
  { width, height }: { readonly width: number; readonly height: number },
  x: Corner['x'],
  y: Corner['y'],
): Corner {
  const from = x === 'left' ? left : right - width;
  const above = y === 'top' ? top : bottom - height;
  return { x, y, box: { left: from, top: above, right: from + width, bottom: above + height } };
}

/** Counts the segments whose bounding boxes meet the box, and a curve of one point as one segment. */
function countCovered(box: Box, points: readonly Place[]): number {
  return points.filter((point, index) => meets(box, points[Math.max(0, index - 1)], point)).length;
}

function meets({ left, top, right, bottom }: Box, one: Place, other: Place): boolean {
  return (
    Math.max(one.x, other.x) >= left &&
    Math.min(one.x, other.x) <= right &&
    Math.max(one.y, other.y) >= top &&
    Math.min(one.y, other.y) <= bottom
  );
}
