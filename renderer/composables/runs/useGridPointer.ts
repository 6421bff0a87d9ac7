/** Pointer events in the run list: one listener for all rows, which are identified by their `data-id`. */

import type { Ref } from 'vue';
import { useRunSelectionStore } from '../../stores/runSelection.ts';

/** Position of a menu, CSS pixels in the window. */
export type MenuPlace = readonly [x: number, y: number];

export interface GridPointerOptions {
  readonly scroller: Ref<HTMLElement | null>;
  open(id: string): void;
  menu(id: string, place: MenuPlace): void;
}

export interface UseGridPointerReturn {
  onClick(event: MouseEvent): void;
  onDoubleClick(event: MouseEvent): void;
  onContextMenu(event: MouseEvent): void;
}

export function useGridPointer({ scroller, open, menu }: GridPointerOptions): UseGridPointerReturn {
  const selection = useRunSelectionStore();

  function onClick(event: MouseEvent) {
    const { id, part, isLink } = hit(event);
    if (id === null) return;
    selection.focused = id;
    // The name is a link and opens the run itself, also in a new window.
    if (isLink) return;
    scroller.value?.focus({ preventScroll: true });
    if (part === 'menu') return menu(id, [event.clientX, event.clientY]);
    if (event.shiftKey) selection.extend(id);
    else if (part === 'select' || event.ctrlKey || event.metaKey) selection.toggle(id);
    else selection.only(id);
  }

  function onDoubleClick(event: MouseEvent) {
    const { id, part } = hit(event);
    if (id !== null && part === null) open(id);
  }

  function onContextMenu(event: MouseEvent) {
    const { id } = hit(event);
    if (id === null) return;
    event.preventDefault();
    selection.focused = id;
    menu(id, [event.clientX, event.clientY]);
  }

  return { onClick, onDoubleClick, onContextMenu };
}

interface Hit {
  readonly id: string | null;
  readonly part: string | null;
  readonly isLink: boolean;
}

function hit({ target }: MouseEvent): Hit {
  const element = target instanceof Element ? target : null;
  return {
    id: element?.closest<HTMLElement>('[data-id]')?.dataset['id'] ?? null,
    part: element?.closest<HTMLElement>('[data-part]')?.dataset['part'] ?? null,
    isLink: element?.closest('a') !== null && element !== null,
  };
}
