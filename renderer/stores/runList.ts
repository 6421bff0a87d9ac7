/**
 * The run list: IDs in the order of the query, rows loaded page by page. Changes on the main side are shown immediately
 * only if no visible row moves; otherwise they wait until the user requests them.
 */

import { useDebounceFn } from '@vueuse/core';
import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import type { RunQuery } from '../../shared/runList.ts';
import { listen, request } from '../api/client.ts';
import { compareOrders, type OrderChange, pagesOf, type RowRange } from '../models/runs/listWindow.ts';
import { useReconnect } from './connection.ts';
import { useRunRowsStore } from './runRows.ts';

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
  return { ...list, ...actions, loadMissing: createLoadMissing(list, actions) };
});

function createList() {
  const query = shallowRef<RunQuery | null>(null);
  const order = shallowRef<readonly string[]>([]);
  return {
    /** The query of the shown order; null before the first. */
    query,
    order,
    total: computed(() => order.value.length),
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

  /** Checks for a new order, and shows it if no visible row moves. */
  async function check() {
    const query = list.query.value;
    if (!query || list.isLoading.value) return;
    const generation = list.generation.value;
    const now = await request('runs.ids', query).catch(() => null);
    if (!now || generation !== list.generation.value) return;
    const change = compareOrders(list.order.value, now, list.visible.value);
    list.waiting.value = change?.isStill ? null : change;
    if (change?.isStill) list.order.value = now;
  }

  return { load, refresh, check };
}

/** Loads the missing rows of a range. */
function createLoadMissing(list: List, { refresh, check }: ReturnType<typeof createActions>) {
  const rows = useRunRowsStore();
  const requestPage = createPageRequests();
  const isMissing = ({ first, end }: RowRange) =>
    list.order.value.slice(first, end).some((id) => !rows.get(id));
  const missingPages = (range: RowRange) =>
    pagesOf(range, pageSize).filter((offset) =>
      isMissing({ first: Math.max(offset, range.first), end: Math.min(offset + pageSize, range.end) }),
    );
  return async (range: RowRange): Promise<void> => {
    const query = list.query.value;
    const offsets = missingPages(range);
    if (!query || offsets.length === 0) return;
    // Pages of an outdated order would not contain the missing rows.
    if (list.waiting.value) return refresh();
    const generation = list.generation.value;
    await Promise.all(offsets.map((offset) => requestPage(query, offset)));
    if (generation === list.generation.value && isMissing(range)) await check();
  };
}

/** Requests one page; the same page only once at a time. */
function createPageRequests() {
  const rows = useRunRowsStore();
  const running = new Map<string, Promise<void>>();
  return (query: RunQuery, offset: number): Promise<void> => {
    const key = `${offset} ${JSON.stringify(query)}`;
    const earlier = running.get(key);
    if (earlier) return earlier;
    const answer = rows
      .requestPage(query, { offset, limit: pageSize })
      .then(rows.put)
      // The connection banner reports it; the rows are requested again at the next scroll.
      .catch(() => undefined)
      .finally(() => running.delete(key));
    running.set(key, answer);
    return answer;
  };
}

/** Requests the order and the rows of a range, and shows both together. */
async function show(list: List, query: RunQuery, range: RowRange) {
  const rows = useRunRowsStore();
  const generation = (list.generation.value += 1);
  list.isLoading.value = true;
  try {
    const [ids, ...pages] = await Promise.all([
      request('runs.ids', query),
      ...pagesOf(range, pageSize).map((offset) => rows.requestPage(query, { offset, limit: pageSize })),
    ]);
    if (generation !== list.generation.value) return;
    rows.replace(pages.flat());
    list.query.value = query;
    list.order.value = ids;
    list.waiting.value = null;
    list.error.value = null;
  } catch (error) {
    if (generation === list.generation.value) list.error.value = error;
  } finally {
    if (generation === list.generation.value) list.isLoading.value = false;
  }
}
