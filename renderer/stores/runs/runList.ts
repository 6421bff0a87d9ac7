/**
 * The run list: IDs in the order of the query, rows loaded page by page. Changes on the main side are shown immediately
 * only if no visible row moves; otherwise they wait until the user requests them.
 */

import { useDebounceFn } from '@vueuse/core';
import { defineStore } from 'pinia';
import { computed, shallowRef, watch } from 'vue';
import { type Grouping, mostOpenGroups, type RunGroup } from '../../../shared/runGroups.ts';
import type { RunQuery } from '../../../shared/runList.ts';
import { listen, request } from '../../api/client.ts';
import {
  compareItems,
  type ListItem,
  listItems,
  type ListOrder,
  orderOfGroups,
} from '../../models/runs/listItems.ts';
import { type OrderChange, pagesOf, type RowRange } from '../../models/runs/listWindow.ts';
import { useReconnect } from '../connection.ts';
import { useRunRowsStore } from './runRows.ts';
import { useSettingsStore } from '../settings.ts';

const pageSize = 100;

export const useRunListStore = defineStore('runList', () => {
  const list = createList();
  const actions = createActions(list);
  // The answer to a load may be older than a change that is reported meanwhile.
  const checkSoon = useDebounceFn(
    (): Promise<void> => (list.isLoading.value ? checkSoon() : actions.check()),
    250,
  );
  listen('runs.listChanged', checkSoon);
  useRunRowsStore().onStatus(checkSoon);
  useReconnect(() => void actions.refresh());
  watch(list.grouping, () => {
    // The settings may arrive while the first list is loading.
    if (list.wanted.value) void actions.load(list.wanted.value);
  });
  return { ...list, ...actions, ...createOpening(list), loadMissing: createLoadMissing(list, actions) };
});

function createList() {
  const settings = useSettingsStore();
  const query = shallowRef<RunQuery | null>(null);
  const shown = shallowRef<ListOrder>({ ids: [], groups: null });
  const grouping = computed(() => settings.settings.groupBy);
  const open = computed(() => new Set(settings.settings.openGroups));
  const isOpen = ({ key }: Pick<RunGroup, 'key'>) => open.value.has(openName(grouping.value, key));
  return {
    /** The query of the shown order; null before the first. */
    query,
    /** The query of the newest request. */
    wanted: shallowRef<RunQuery | null>(null),
    /** What the list is grouped by; null: not grouped. */
    grouping,
    /** The shown runs and groups. */
    shown,
    order: computed(() => shown.value.ids),
    groups: computed(() => shown.value.groups),
    items: computed(() => listItems(shown.value, isOpen)),
    isOpen,
    total: computed(() => shown.value.ids.length),
    /** Changes that are not shown yet. */
    waiting: shallowRef<OrderChange | null>(null),
    error: shallowRef<unknown>(null),
    isLoading: shallowRef(false),
    /** The visible rows; they never move by themselves. */
    visible: shallowRef<RowRange>({ first: 0, end: 0 }),
    /** Scroll position in pixels, restored when the user returns to the list. */
    scrollTop: shallowRef(0),
    /** Counts requests, so that late responses of earlier queries are discarded. */
    generation: shallowRef(0),
  };
}

type List = ReturnType<typeof createList>;

/** Name of a group in the setting. */
function openName(grouping: Grouping | null, key: string): string {
  return `${grouping ?? ''} ${key}`.slice(0, 400);
}

/** Opens and closes groups; the newest are remembered. */
function createOpening({ grouping, groups, isOpen }: List) {
  const settings = useSettingsStore();

  function openGroups(which: readonly Pick<RunGroup, 'key'>[], isWanted: boolean) {
    const names = which.map(({ key }) => openName(grouping.value, key));
    const others = settings.settings.openGroups.filter((name) => !names.includes(name));
    const openGroups = isWanted ? [...others, ...names].slice(-mostOpenGroups) : others;
    return settings.change({ openGroups });
  }

  return {
    openGroups,
    toggleGroup: (group: Pick<RunGroup, 'key'>) => openGroups([group], !isOpen(group)),
    openAllGroups: (isWanted: boolean) => openGroups(groups.value ?? [], isWanted),
  };
}

function createActions(list: List) {
  /** Shows the results of `query` from the top. The previous list stays until the response arrives. */
  async function load(query: RunQuery) {
    await show(list, query, { first: 0, end: pageSize });
  }

  /** Shows the current order; the view keeps the first visible row in place. */
  async function refresh() {
    const { first, end } = list.visible.value;
    // A view that has just opened has no height yet, and so no visible rows.
    const range = { first, end: Math.max(end, first + 1) };
    if (list.query.value) await show(list, list.query.value, range);
  }

  /** Checks for a new order, and shows it if no visible row moves; the numbers of groups are shown at once. */
  async function check() {
    const query = list.query.value;
    if (!query || list.isLoading.value) return;
    const generation = list.generation.value;
    const now = await requestOrder(query, list.grouping.value).catch(() => null);
    if (!now || generation !== list.generation.value) return;
    const change = compareItems(
      { order: list.shown.value, items: list.items.value },
      { order: now, items: listItems(now, list.isOpen) },
      list.visible.value,
    );
    list.waiting.value = change?.isStill === false ? change : null;
    if (change?.isStill || (change === null && now.groups)) list.shown.value = now;
  }

  return { load, refresh, check };
}

async function requestOrder(query: RunQuery, by: Grouping | null): Promise<ListOrder> {
  if (by === null) return { ids: await request('runs.ids', query), groups: null };
  const groups = await request('runs.groups', { ...query, by });
  useRunRowsStore().nameBases(groups.flatMap(({ scores }) => (scores ? [scores.basis] : [])));
  return orderOfGroups(groups);
}

/** Loads the missing rows of a range. */
function createLoadMissing(list: List, { refresh, check }: ReturnType<typeof createActions>) {
  const rows = useRunRowsStore();
  const load = createRowRequests();
  const missingOf = (range: RowRange) => runsIn(list.items.value, range).filter((id) => !rows.get(id));
  const isMissing = (range: RowRange) => missingOf(range).length > 0;
  const missingPages = (range: RowRange) =>
    pagesOf(range, pageSize).filter((offset) =>
      isMissing({ first: Math.max(offset, range.first), end: Math.min(offset + pageSize, range.end) }),
    );
  return async (range: RowRange): Promise<void> => {
    const query = list.query.value;
    if (!query || !isMissing(range)) return;
    // Pages of an outdated order would not contain the missing rows.
    if (list.waiting.value) return refresh();
    const generation = list.generation.value;
    await (list.shown.value.groups
      ? load.rows(missingOf(range))
      : Promise.all(missingPages(range).map((offset) => load.page(query, offset))));
    if (generation === list.generation.value && isMissing(range)) await check();
  };
}

/** Returns the runs among the rows of a range, each once. */
function runsIn(items: readonly ListItem[], { first, end }: RowRange): string[] {
  return [...new Set(items.slice(first, end).flatMap((item) => (item.kind === 'run' ? [item.id] : [])))];
}

/** Requests rows by page or by ID; the same ones only once at a time. */
function createRowRequests() {
  const rows = useRunRowsStore();
  const running = new Map<string, Promise<void>>();
  const once = (key: string, send: () => ReturnType<typeof rows.requestRows>): Promise<void> => {
    const earlier = running.get(key);
    if (earlier) return earlier;
    const answer = send()
      .then(rows.put)
      // The connection banner reports it; the rows are requested again at the next scroll.
      .catch(() => undefined)
      .finally(() => running.delete(key));
    running.set(key, answer);
    return answer;
  };
  return {
    page: (query: RunQuery, offset: number) =>
      once(`${offset} ${JSON.stringify(query)}`, () => rows.requestPage(query, { offset, limit: pageSize })),
    rows: (ids: readonly string[]) => once(ids.join(), () => rows.requestRows(ids)),
  };
}

/** Requests the order and the rows of a range, and shows both together. */
async function show(list: List, query: RunQuery, range: RowRange) {
  const rows = useRunRowsStore();
  const generation = (list.generation.value += 1);
  list.wanted.value = query;
  list.isLoading.value = true;
  try {
    const [order, loaded] = await requestList(list, query, range);
    if (generation !== list.generation.value) return;
    rows.replace(loaded);
    list.query.value = query;
    list.shown.value = order;
    list.waiting.value = null;
    list.error.value = null;
  } catch (error) {
    if (generation === list.generation.value) list.error.value = error;
  } finally {
    if (generation === list.generation.value) list.isLoading.value = false;
  }
}

async function requestList(list: List, query: RunQuery, range: RowRange) {
  const rows = useRunRowsStore();
  const by = list.grouping.value;
  if (by === null) {
    const [order, ...pages] = await Promise.all([
      requestOrder(query, null),
      ...pagesOf(range, pageSize).map((offset) => rows.requestPage(query, { offset, limit: pageSize })),
    ]);
    return [order, pages.flat()] as const;
  }
  const order = await requestOrder(query, by);
  const ids = runsIn(listItems(order, list.isOpen), range).slice(0, pageSize);
  return [order, ids.length > 0 ? await rows.requestRows(ids) : []] as const;
}
