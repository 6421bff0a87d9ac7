/** The selected runs (a set of IDs, and the run that a range starts from), and the keys that act on the list. */

export interface Selection {
  readonly ids: ReadonlySet<string>;
  /** The last run selected by itself; Shift extends the selection from here. */
  readonly anchor: string | null;
}

export const noSelection: Selection = { ids: new Set(), anchor: null };

export function selectOnly(id: string): Selection {
  return { ids: new Set([id]), anchor: id };
}

export function toggle({ ids }: Selection, id: string): Selection {
  const next = new Set(ids);
  if (!next.delete(id)) next.add(id);
  return { ids: next, anchor: id };
}

/** Adds runs; removes them if all of them are selected. */
export function toggleAll({ ids, anchor }: Selection, more: readonly string[]): Selection {
  const isAll = more.every((id) => ids.has(id));
  const next = new Set(ids);
  for (const id of more)
    if (isAll) next.delete(id);
    else next.add(id);
  return { ids: next, anchor };
}

/** Selects everything between the anchor and `id` in list order; only `id` if the anchor is not in the list. */
export function extendTo(selection: Selection, id: string, order: readonly string[]): Selection {
  const from = selection.anchor === null ? -1 : order.indexOf(selection.anchor);
  const to = order.indexOf(id);
  if (from < 0 || to < 0) return selectOnly(id);
  const range = order.slice(Math.min(from, to), Math.max(from, to) + 1);
  return { ids: new Set(range), anchor: selection.anchor };
}

export function selectAll({ anchor }: Selection, order: readonly string[]): Selection {
  return { ids: new Set(order), anchor };
}

/** Removes runs that are not in the list any more, so that actions never apply to invisible runs. */
export function keepListed(selection: Selection, order: readonly string[]): Selection {
  if (selection.ids.size === 0 && selection.anchor === null) return selection;
  const listed = new Set(order);
  const ids = new Set([...selection.ids].filter((id) => listed.has(id)));
  const isAnchorListed = selection.anchor !== null && listed.has(selection.anchor);
  if (ids.size === selection.ids.size && isAnchorListed === (selection.anchor !== null)) return selection;
  return { ids, anchor: isAnchorListed ? selection.anchor : null };
}

/** Returns the selected runs in list order. */
export function selectedInOrder({ ids }: Selection, order: readonly string[]): readonly string[] {
  return order.filter((id) => ids.has(id));
}

export type SelectionState = 'none' | 'some' | 'all';

export function stateOf({ ids }: Selection, total: number): SelectionState {
  if (ids.size === 0) return 'none';
  return ids.size >= total ? 'all' : 'some';
}

interface PressedKey {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/** A keyboard action of the run list while it has the focus. */
export type GridAction =
  /** Moves the focus by a number of rows; with `extends` the selection follows. */
  | { readonly kind: 'move'; readonly by: number; readonly extends: boolean }
  | { readonly kind: 'toggle' }
  /** Opens or closes the group of the row. */
  | { readonly kind: 'group'; readonly isOpen: boolean }
  | { readonly kind: 'open' }
  | { readonly kind: 'rename' }
  | { readonly kind: 'menu' }
  | { readonly kind: 'selectAll' }
  | { readonly kind: 'clear' };

/**
 * Returns the action for a key, or null; `page` is the number of visible rows. Left and right open and close groups, and scroll a
 * list without groups.
 */
export function gridAction(pressed: PressedKey, page: number, isGrouped = false): GridAction | null {
  const { key, shiftKey, altKey } = pressed;
  const isCommand = pressed.ctrlKey || pressed.metaKey;
  if (altKey) return null;
  if (isCommand) return key.toLowerCase() === 'a' && !shiftKey ? { kind: 'selectAll' } : null;
  const by = moves(page)[key];
  if (by !== undefined) return { kind: 'move', by, extends: shiftKey };
  if (shiftKey) return key === 'F10' ? { kind: 'menu' } : null;
  return (isGrouped ? { ...single, ...inGroups } : single)[key] ?? null;
}

const single: Readonly<Record<string, GridAction>> = {
  ' ': { kind: 'toggle' },
  Enter: { kind: 'open' },
  F2: { kind: 'rename' },
  ContextMenu: { kind: 'menu' },
  Escape: { kind: 'clear' },
};

const inGroups: Readonly<Record<string, GridAction>> = {
  ArrowRight: { kind: 'group', isOpen: true },
  ArrowLeft: { kind: 'group', isOpen: false },
};

function moves(page: number): Readonly<Record<string, number>> {
  return {
    ArrowDown: 1,
    ArrowUp: -1,
    PageDown: Math.max(1, page - 1),
    PageUp: -Math.max(1, page - 1),
    Home: -Infinity,
    End: Infinity,
  };
}
