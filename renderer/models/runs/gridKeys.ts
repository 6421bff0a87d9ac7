/** Keyboard actions of the run list while it has the focus. */

export interface PressedKey {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

export type GridAction =
  /** Moves the focus by a number of rows; with `extends` the selection follows. */
  | { readonly kind: 'move'; readonly by: number; readonly extends: boolean }
  | { readonly kind: 'toggle' }
  | { readonly kind: 'open' }
  | { readonly kind: 'rename' }
  | { readonly kind: 'menu' }
  | { readonly kind: 'selectAll' }
  | { readonly kind: 'clear' };

/** Returns the action for a key, or null; `page` is the number of visible rows. */
export function gridAction(pressed: PressedKey, page: number): GridAction | null {
  const { key, shiftKey, altKey } = pressed;
  const isCommand = pressed.ctrlKey || pressed.metaKey;
  if (altKey) return null;
  if (isCommand) return key.toLowerCase() === 'a' && !shiftKey ? { kind: 'selectAll' } : null;
  const by = moves(page)[key];
  if (by !== undefined) return { kind: 'move', by, extends: shiftKey };
  if (key === 'F10' && shiftKey) return { kind: 'menu' };
  return shiftKey ? null : (single[key] ?? null);
}

const single: Readonly<Record<string, GridAction>> = {
  ' ': { kind: 'toggle' },
  Enter: { kind: 'open' },
  F2: { kind: 'rename' },
  ContextMenu: { kind: 'menu' },
  Escape: { kind: 'clear' },
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
