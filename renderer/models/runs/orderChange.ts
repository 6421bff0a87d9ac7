/** Changes of the list's order while the user reads it, and how to show them without moving visible rows. */

import type { RowRange } from './listWindow.ts';

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
