/** Keyboard focus in the run list: the focused row, moving it, and acting on it. */

import type { Ref } from 'vue';
import { gridAction, type GridAction } from '../../models/runs/selection.ts';
import { stepTo } from '../../models/runs/listWindow.ts';
import { useRunListStore } from '../../stores/runList.ts';
import { useRunSelectionStore } from '../../stores/runSelection.ts';
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
      const action = gridAction(event, view.page.value);
      // Escape without a selection is left to other handlers.
      if (!action || (action.kind === 'clear' && selection.state === 'none')) return;
      event.preventDefault();
      act(action);
    },
    onFocus() {
      const isListed = selection.focused !== null && list.order.includes(selection.focused);
      if (!isListed) selection.focused = list.order[list.visible.first] ?? null;
    },
  };
}

function createAct({ view, open, menu, rename }: RunFocusOptions): (action: GridAction) => void {
  const list = useRunListStore();
  const selection = useRunSelectionStore();
  const place = () => (selection.focused === null ? -1 : list.order.indexOf(selection.focused));

  function move({ by, extends: isExtending }: Extract<GridAction, { kind: 'move' }>) {
    const from = selection.focused;
    const index = stepTo(place(), by, list.total);
    if (index < 0) return;
    const id = list.order[index];
    if (isExtending) {
      if (selection.selection.anchor === null && from) selection.only(from);
      selection.extend(id);
    }
    selection.focused = id;
    view.reveal(index);
  }

  return (action) => {
    const id = selection.focused;
    if (action.kind === 'move') return move(action);
    if (action.kind === 'selectAll') return selection.all();
    if (action.kind === 'clear') return selection.clear();
    if (id === null) return;
    view.reveal(place());
    if (action.kind === 'toggle') selection.toggle(id);
    if (action.kind === 'open') open(id);
    if (action.kind === 'rename') rename(id);
    if (action.kind === 'menu') menu(id, placeOf(id));
  };
}

/** Returns a position below the name of the row. */
function placeOf(id: string): MenuPlace {
  const row = document.getElementById(`run-${id}`)?.getBoundingClientRect();
  return row ? [row.left + 48, row.bottom - 4] : [0, 0];
}
