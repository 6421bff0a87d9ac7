/** Pointer events in the run list: one listener for all rows, which are identified by their `data-key`. */

import type { Ref } from 'vue';
import type { ListItem } from '../../models/runs/listItems.ts';
import { useRunListStore } from '../../stores/runs/runList.ts';
import { useRunSelectionStore } from '../../stores/runs/runSelection.ts';

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
  const list = useRunListStore();
  const selection = useRunSelectionStore();

  function onClick(event: MouseEvent) {
    const { item, part, isLink } = hit(event);
    if (item === null) return;
    selection.focused = item.key;
    // The name is a link and opens the run itself, also in a new window.
    if (isLink) return;
    scroller.value?.focus({ preventScroll: true });
    if (item.kind === 'group') {
      if (part === 'select') selection.toggleAll(item.group.ids);
      else void list.toggleGroup(item.group);
      return;
    }
    const { id } = item;
    if (part === 'menu') return menu(id, [event.clientX, event.clientY]);
    if (event.shiftKey) selection.extend(id);
    else if (part === 'select' || event.ctrlKey || event.metaKey) selection.toggle(id);
    else selection.only(id);
  }

  function onDoubleClick(event: MouseEvent) {
    const { item, part } = hit(event);
    if (item?.kind === 'run' && part === null) open(item.id);
  }

  function onContextMenu(event: MouseEvent) {
    const { item } = hit(event);
    if (item?.kind !== 'run') return;
    event.preventDefault();
    selection.focused = item.key;
    menu(item.id, [event.clientX, event.clientY]);
  }

  function hit({ target }: MouseEvent): Hit {
    const element = target instanceof Element ? target : null;
    const key = element?.closest<HTMLElement>('[data-key]')?.dataset['key'];
    return {
      item: list.items.find((item) => item.key === key) ?? null,
      part: element?.closest<HTMLElement>('[data-part]')?.dataset['part'] ?? null,
      isLink: element?.closest('a') !== null && element !== null,
    };
  }

  return { onClick, onDoubleClick, onContextMenu };
}

interface Hit {
  readonly item: ListItem | null;
  readonly part: string | null;
  readonly isLink: boolean;
}
