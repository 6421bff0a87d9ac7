/**
 * Virtual scrolling of a long list with rows of equal height: rows to render, scroll positions, and changes of the order
 * while the user reads the list.
 */

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

/** The difference between the shown order and the current one. */
export interface OrderChange {
  /** Number of runs that are new in the list. */
  readonly added: number;
  readonly gone: number;
  /** Whether every visible row stays where it is, so that the new order can be shown immediately. */
  readonly isStill: boolean;
}

/** Compares the shown order with the current one; null if they are equal. */
export function compareOrders(
  shown: readonly string[],
  now: readonly string[],
  visible: RowRange,
): OrderChange | null {
  const isSame = shown.length === now.length && shown.every((id, index) => id === now[index]);
  if (isSame) return null;
  const before = new Set(shown);
  const added = now.reduce((count, id) => count + (before.has(id) ? 0 : 1), 0);
  const gone = shown.length - (now.length - added);
  return { added, gone, isStill: isStill(shown, now, visible) };
}

/** Returns a short text for the button that shows the new order. */
export function describeChange({ added, gone }: OrderChange): string {
  if (added > 0 && gone > 0) return `${added} new, ${gone} gone`;
  if (added > 0) return added === 1 ? '1 new run' : `${added} new runs`;
  if (gone > 0) return gone === 1 ? '1 run gone' : `${gone} runs gone`;
  return 'Order changed';
}

/**
 * Returns the scroll position under a new order at which the first visible run stays in place; if that run is gone,
 * the next one that still exists.
 */
export function keepInPlace(
  shown: readonly string[],
  now: readonly string[],
  { scrollTop, rowHeight }: { readonly scrollTop: number; readonly rowHeight: number },
): number {
  const first = Math.floor(scrollTop / rowHeight);
  const places = new Map(now.map((id, index) => [id, index]));
  for (let index = first; index < shown.length; index += 1) {
    const place = places.get(shown[index]);
    if (place !== undefined) return Math.max(0, scrollTop + (place - index) * rowHeight);
  }
  return Math.max(0, Math.min(scrollTop, now.length * rowHeight));
}

function isStill(shown: readonly string[], now: readonly string[], { first, end }: RowRange): boolean {
  for (let index = first; index < end; index += 1) if (shown[index] !== now[index]) return false;
  return true;
}
