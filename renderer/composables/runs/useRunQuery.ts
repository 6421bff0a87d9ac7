/** The list's query: read from the page's address, changed through it, its order remembered in the settings. */

import { shallowRef, watch, type ShallowRef } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import type { RunQuery, RunSortKey } from '../../../shared/runList.ts';
import { readQuery, withoutFilters, writeQuery, sortBy } from '../../models/runs/queryAddress.ts';
import { useSettingsStore } from '../../stores/settings.ts';

export interface UseRunQueryReturn {
  readonly query: Readonly<ShallowRef<RunQuery>>;
  /** A step the back button goes back over; typing takes the place of what was typed before. */
  change(patch: Partial<RunQuery>, isTyping?: boolean): void;
  clearFilters(): void;
  sort(by: RunSortKey, isAdded: boolean): void;
  /** Shows a saved view. */
  apply(query: RunQuery): void;
}

export function useRunQuery(): UseRunQueryReturn {
  const route = useRoute();
  const router = useRouter();
  const settings = useSettingsStore();
  const read = () => readQuery(route.query, settings.settings.sort);
  const query = shallowRef(read());

  watch([() => route.fullPath, () => settings.settings.sort], () => {
    // On the way to another view the address says nothing about this list any more.
    if (route.name !== 'runs') return;
    const next = read();
    if (JSON.stringify(next) !== JSON.stringify(query.value)) query.value = next;
  });

  function show(next: RunQuery, isTyping = false) {
    const to = { path: '/runs', query: writeQuery(next, settings.settings.sort) };
    void (isTyping ? router.replace(to) : router.push(to));
  }

  function remember(sort: RunQuery['sort'], next: RunQuery) {
    void settings.change({ sort });
    show({ ...next, sort });
  }

  return {
    query,
    change: (patch, isTyping) => show({ ...query.value, ...patch }, isTyping),
    clearFilters: () => show(withoutFilters(query.value)),
    sort: (by, isAdded) => remember(sortBy(query.value.sort, by, isAdded), query.value),
    apply: (next) =>
      next.sort.length > 0 ? remember(next.sort, next) : show({ ...next, sort: query.value.sort }),
  };
}
