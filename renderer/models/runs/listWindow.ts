/** Virtual scrolling of a long list with rows of equal height: rows to render and scroll positions. */

export interface ListGeometry {
  /** Pixels the list is scrolled down by. */
  readonly scrollTop: number;
  /** Visible height for rows, pixels. */
  readonly viewHeight: number;
  readonly rowHeight: number;
  readonly total: number;
}

/** Rows `first` to `end - 1`. */
export interface RowRange {
  readonly first: number;
  readonly end: number;
}

/** Rows rendered above and below the visible ones, so that small scrolls need no new rows. */
export const overscan = 6;

/** Returns the visible rows, including partly visible ones. */
export function visibleRange({ scrollTop, viewHeight, rowHeight, total }: ListGeometry): RowRange {
  const first = clamp(Math.floor(scrollTop / rowHeight), 0, total);
  const end = clamp(Math.ceil((scrollTop + viewHeight) / rowHeight), first, total);
  return { first, end };
}

/** Returns the constant number of rendered rows: the visible ones and `overscan` more at both ends. */
export function renderedCount({ viewHeight, rowHeight, total }: Omit<ListGeometry, 'scrollTop'>): number {
  return Math.min(total, Math.ceil(viewHeight / rowHeight) + 1 + 2 * overscan);
}

/** Returns the rows to render; their number is constant, so that scrolling adds and removes no elements. */
export function renderedRange(geometry: ListGeometry): RowRange {
  const count = renderedCount(geometry);
  const first = clamp(visibleRange(geometry).first - overscan, 0, geometry.total - count);
  return { first, end: first + count };
}

/** Returns the offsets of the pages of `pageSize` rows that contain these rows. */
export function pagesOf({ first, end }: RowRange, pageSize: number): readonly number[] {
  if (end <= first) return [];
  const start = Math.floor(first / pageSize) * pageSize;
  return Array.from({ length: Math.ceil((end - start) / pageSize) }, (_, page) => start + page * pageSize);
}

/** Returns the nearest scroll position at which row `index` is fully visible. */
export function scrollToSee(index: number, { scrollTop, viewHeight, rowHeight }: ListGeometry): number {
  const top = index * rowHeight;
  if (top < scrollTop) return top;
  return Math.max(scrollTop, top + rowHeight - viewHeight);
}

/** Returns the row reached by a key from row `index`; -1 means no row. */
export function stepTo(index: number, by: number, total: number): number {
  if (total === 0) return -1;
  if (index < 0) return by > 0 ? 0 : total - 1;
  return clamp(index + by, 0, total - 1);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
