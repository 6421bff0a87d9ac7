/** Which rows of a long list of equally high rows are drawn, and where the list must be scrolled to. */

export interface ListGeometry {
  /** Pixels the list is scrolled down by. */
  readonly scrollTop: number;
  /** Pixels of rows that can be seen. */
  readonly viewHeight: number;
  readonly rowHeight: number;
  readonly total: number;
}

/** Rows `first` to `end - 1`. */
export interface RowRange {
  readonly first: number;
  readonly end: number;
}

/** Rows drawn above and below what can be seen, so that a small scroll finds them there. */
export const overscan = 6;

/** The rows that can be seen, cut ones included. */
export function visibleRange({ scrollTop, viewHeight, rowHeight, total }: ListGeometry): RowRange {
  const first = clamp(Math.floor(scrollTop / rowHeight), 0, total);
  const end = clamp(Math.ceil((scrollTop + viewHeight) / rowHeight), first, total);
  return { first, end };
}

/** How many rows are drawn, wherever the list is scrolled to: the visible ones and `overscan` more at both ends. */
export function drawnCount({ viewHeight, rowHeight, total }: Omit<ListGeometry, 'scrollTop'>): number {
  return Math.min(total, Math.ceil(viewHeight / rowHeight) + 1 + 2 * overscan);
}

/** The rows to draw: always equally many, so that no row is taken down or put up while the list is scrolled. */
export function drawnRange(geometry: ListGeometry): RowRange {
  const count = drawnCount(geometry);
  const first = clamp(visibleRange(geometry).first - overscan, 0, geometry.total - count);
  return { first, end: first + count };
}

/** Offsets of the pages of `pageSize` rows that hold these rows. */
export function pagesOf({ first, end }: RowRange, pageSize: number): readonly number[] {
  if (end <= first) return [];
  const start = Math.floor(first / pageSize) * pageSize;
  return Array.from({ length: Math.ceil((end - start) / pageSize) }, (_, page) => start + page * pageSize);
}

/** Where to scroll so that row `index` can be seen whole; as little as possible. */
export function scrollToSee(index: number, { scrollTop, viewHeight, rowHeight }: ListGeometry): number {
  const top = index * rowHeight;
  if (top < scrollTop) return top;
  return Math.max(scrollTop, top + rowHeight - viewHeight);
}

/** Row reached by a key from row `index`; -1 stands for none yet. */
export function stepTo(index: number, by: number, total: number): number {
  if (total === 0) return -1;
  if (index < 0) return by > 0 ? 0 : total - 1;
  return clamp(index + by, 0, total - 1);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
