/** The selected results of the history; kept while one of them is opened and closed again. */

import { defineStore } from 'pinia';
import { computed, shallowRef, watch } from 'vue';
import {
  extendTo,
  keepListed,
  noSelection,
  selectAll,
  selectedInOrder,
  selectOnly,
  stateOf,
  toggle,
  type Selection,
} from '../../models/runs/selection.ts';
import { useInpaintingsStore } from './inpaintings.ts';

export const useInpaintingSelectionStore = defineStore('inpaintingSelection', () => {
  const history = useInpaintingsStore();
  const selection = shallowRef<Selection>(noSelection);
  const order = computed(() => history.entries.map(({ id }) => id));
  const ids = computed(() => selectedInOrder(selection.value, order.value));

  watch(order, (listed) => (selection.value = keepListed(selection.value, listed)));

  return {
    /** In the order of the history. */
    ids,
    entries: computed(() => history.entries.filter(({ id }) => selection.value.ids.has(id))),
    state: computed(() => stateOf(selection.value, order.value.length)),
    has: (id: string) => selection.value.ids.has(id),
    toggle: (id: string) => void (selection.value = toggle(selection.value, id)),
    /** Selects everything from the last one that was selected by itself to this one. */
    extend: (id: string) => void (selection.value = extendTo(selection.value, id, order.value)),
    /** Makes this one the start of a range; it is not selected by that. */
    startFrom(id: string) {
      if (selection.value.ids.size === 0) selection.value = { ...noSelection, anchor: id };
    },
    only: (id: string) => void (selection.value = selectOnly(id)),
    set: (chosen: readonly string[]) =>
      void (selection.value = { ids: new Set(chosen), anchor: chosen.at(0) ?? null }),
    /** Selects all that are loaded. */
    all: () => void (selection.value = selectAll(selection.value, order.value)),
    clear: () => void (selection.value = noSelection),
  };
});
