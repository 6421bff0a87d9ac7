/** The query of the run list: stored in the page address; its order is remembered in the settings. */

import { shallowRef, watch, type ShallowRef } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import type { RunQuery, RunSortKey } from '../../../shared/runList.ts';
import { readQuery, withoutFilters, writeQuery, sortBy } from '../../models/runs/queryAddress.ts';
import { useSettingsStore } from '../../stores/settings.ts';

export interface UseRunQueryReturn {
  readonly query: Readonly<ShallowRef<RunQuery>>;
  /** Adds a history entry; while typing, replaces the previous one. */
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
    // When leaving for another view, the address does not concern this list any more.
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
