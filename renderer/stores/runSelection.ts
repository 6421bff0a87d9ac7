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
  type Selection,
} from '../models/runs/selection.ts';
import { useRunListStore } from './runList.ts';

export const useRunSelectionStore = defineStore('runSelection', () => {
  const list = useRunListStore();
  const selection = shallowRef<Selection>(noSelection);
  const focused = shallowRef<string | null>(null);
  const state = computed(() => stateOf(selection.value, list.total));
  const ids = computed(() => selectedInOrder(selection.value, list.order));
  /** The runs that actions apply to: the selected ones, else the focused one. */
  const targets = computed(() => (ids.value.length > 0 || !focused.value ? ids.value : [focused.value]));

  watch(
    () => list.order,
    (order, before) => {
      selection.value = keepListed(selection.value, order);
      if (focused.value && !order.includes(focused.value)) {
        const place = before.indexOf(focused.value);
        focused.value = order[Math.min(place, order.length - 1)] ?? null;
      }
    },
  );

  return {
    selection,
    focused,
    state,
    ids,
    targets,
    has: (id: string) => selection.value.ids.has(id),
    only: (id: string) => void (selection.value = selectOnly(id)),
    toggle: (id: string) => void (selection.value = toggle(selection.value, id)),
    extend: (id: string) => void (selection.value = extendTo(selection.value, id, list.order)),
    all: () => void (selection.value = selectAll(selection.value, list.order)),
    clear: () => void (selection.value = noSelection),
  };
});
