/** Keyboard focus in the run list: the focused row, moving it, and acting on it. */

import type { Ref } from 'vue';
import type { RunGroup } from '../../../shared/runGroups.ts';
import { gridAction, type GridAction } from '../../models/runs/selection.ts';
import { groupItemKey } from '../../models/runs/listItems.ts';
import { stepTo } from '../../models/runs/listWindow.ts';
import { useRunListStore } from '../../stores/runs/runList.ts';
import { useRunSelectionStore } from '../../stores/runs/runSelection.ts';
import type { MenuPlace } from './useGridPointer.ts';
import type { UseRunWindowReturn } from './useRunWindow.ts';

export interface RunFocusOptions {
  readonly scroller: Ref<HTMLElement | null>;
  readonly view: UseRunWindowReturn;
  open(id: string): void;
  menu(id: string, place: MenuPlace): void;
  rename(id: string): void;
}

export interface UseRunFocusReturn {
  onKeydown(event: KeyboardEvent): void;
  onFocus(): void;
}

export function useRunFocus(options: RunFocusOptions): UseRunFocusReturn {
  const { scroller, view } = options;
  const list = useRunListStore();
  const selection = useRunSelectionStore();
  const act = createAct(options);
  return {
    onKeydown(event) {
      // Buttons in the header handle their own keys.
      if (event.target !== scroller.value) return;
      const action = gridAction(event, view.page.value, list.groups !== null);
      // Escape without a selection is left to other handlers.
      if (!action || (action.kind === 'clear' && selection.state === 'none')) return;
      event.preventDefault();
      act(action);
    },
    onFocus() {
      if (selection.item === null) selection.focused = list.items[list.visible.first]?.key ?? null;
    },
  };
}

function createAct({ view, open, menu, rename }: RunFocusOptions): (action: GridAction) => void {
  const list = useRunListStore();
  const selection = useRunSelectionStore();
  const place = () => list.items.findIndex(({ key }) => key === selection.focused);

  function move({ by, extends: isExtending }: Extract<GridAction, { kind: 'move' }>) {
    const from = selection.item;
    const index = stepTo(place(), by, list.items.length);
    if (index < 0) return;
    const item = list.items[index];
    if (isExtending && item.kind === 'run') {
      if (selection.selection.anchor === null && from?.kind === 'run') selection.only(from.id);
      selection.extend(item.id);
    }
    selection.focused = item.key;
    view.reveal(index);
  }

  /** Opens or closes a group; from a run to the left, the focus moves to its group first. */
  function openGroup(isOpen: boolean) {
    const { item } = selection;
    if (item?.kind === 'group') {
      if (item.isOpen !== isOpen) void list.toggleGroup(item.group);
    } else if (item?.group && !isOpen) {
      selection.focused = groupItemKey(item.group);
      view.reveal(place());
    }
  }

  function actOnGroup(group: RunGroup, kind: GridAction['kind']) {
    if (kind === 'toggle') selection.toggleAll(group.ids);
    if (kind === 'open') void list.toggleGroup(group);
  }

  function actOnRun(id: string, key: string, kind: GridAction['kind']) {
    if (kind === 'toggle') selection.toggle(id);
    if (kind === 'open') open(id);
    if (kind === 'rename') rename(id);
    if (kind === 'menu') menu(id, placeOf(key));
  }

  return (action) => {
    if (action.kind === 'move') return move(action);
    if (action.kind === 'selectAll') return selection.all();
    if (action.kind === 'clear') return selection.clear();
    const { item } = selection;
    if (item === null) return;
    view.reveal(place());
    if (action.kind === 'group') openGroup(action.isOpen);
    else if (item.kind === 'group') actOnGroup(item.group, action.kind);
    else actOnRun(item.id, item.key, action.kind);
  };
}

/** Returns a position below the name of the row. */
function placeOf(key: string): MenuPlace {
  const row = document.getElementById(`run-${key}`)?.getBoundingClientRect();
  return row ? [row.left + 48, row.bottom - 4] : [0, 0];
}
