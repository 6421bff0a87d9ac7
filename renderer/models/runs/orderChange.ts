/** What became of the list's order while it was read, and how to show it without moving what is read. */

import type { RowRange } from './listWindow.ts';

export interface OrderChange {
  /** Runs that are in the list now and were not. */
  readonly added: number;
  readonly gone: number;
  /** Whether the new order can be shown at once: every visible row stays where it is. */
  readonly isStill: boolean;
}

/** Compares the order that is shown with the one the main side has now; null where they are equal. */
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

/** In a word or two, for the chip that offers the new order. */
export function describeChange({ added, gone }: OrderChange): string {
  if (added > 0 && gone > 0) return `${added} new, ${gone} gone`;
  if (added > 0) return added === 1 ? '1 new run' : `${added} new runs`;
  if (gone > 0) return gone === 1 ? '1 run gone' : `${gone} runs gone`;
  return 'Order changed';
}

/**
 * Where to scroll under a new order so that the first row that can be seen stays in its place; where that run is gone,
 * the next one that is still there.
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
