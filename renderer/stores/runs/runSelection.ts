/** Selected runs and the focused row; kept while a run is opened and closed again. */

import { defineStore } from 'pinia';
import { computed, shallowRef, watch } from 'vue';
import {
  extendTo,
  selectedInOrder,
  keepListed,
  noSelection,
  selectAll,
  selectOnly,
  stateOf,
  toggle,
  toggleAll,
  type Selection,
} from '../../models/runs/selection.ts';
import { groupItemKey, runsOf } from '../../models/runs/listItems.ts';
import { useRunListStore } from './runList.ts';

export const useRunSelectionStore = defineStore('runSelection', () => {
  const list = useRunListStore();
  const selection = shallowRef<Selection>(noSelection);
  /** Key of the focused row. */
  const focused = shallowRef<string | null>(null);
  const item = computed(() => list.items.find(({ key }) => key === focused.value) ?? null);
  const state = computed(() => stateOf(selection.value, list.total));
  const ids = computed(() => selectedInOrder(selection.value, list.order));
  /** The runs that actions apply to: the selected ones, else those of the focused row. */
  const targets = computed(() => (ids.value.length > 0 || !item.value ? ids.value : runsOf(item.value)));

  watch(
    () => list.items,
    (items, before) => {
      selection.value = keepListed(selection.value, list.order);
      if (focused.value === null || item.value !== null) return;
      const place = before.findIndex(({ key }) => key === focused.value);
      const lost = before.at(place);
      // The runs of a group that was closed are behind its row.
      const group = place >= 0 && lost?.kind === 'run' && lost.group ? groupItemKey(lost.group) : null;
      const isThere = items.some(({ key }) => key === group);
      focused.value = isThere ? group : (items[Math.min(Math.max(0, place), items.length - 1)]?.key ?? null);
    },
  );

  return {
    selection,
    focused,
    item,
    state,
    ids,
    targets,
    has: (id: string) => selection.value.ids.has(id),
    only: (id: string) => void (selection.value = selectOnly(id)),
    /** Selects all runs of a group, or none if all are. */
    toggleAll: (ids: readonly string[]) => void (selection.value = toggleAll(selection.value, ids)),
    toggle: (id: string) => void (selection.value = toggle(selection.value, id)),
    extend: (id: string) => void (selection.value = extendTo(selection.value, id, list.order)),
    all: () => void (selection.value = selectAll(selection.value, list.order)),
    clear: () => void (selection.value = noSelection),
  };
});
