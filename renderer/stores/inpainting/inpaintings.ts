/** The history of inpaintings, newest first, loaded page by page as it is scrolled. */

import { useDebounceFn } from '@vueuse/core';
import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import type { InpaintingEntry } from '../../../shared/inpainting.ts';
import type { InpaintingBatch } from '../../../shared/inpaintingBatch.ts';
import { formatPlural } from '../../../shared/text/format.ts';
import { listen, request } from '../../api/client.ts';
import { useReconnect } from '../connection.ts';
import { useNoticesStore } from '../notices.ts';

const historyPage = 60;
/** Greatest number of entries per request. */
const atMost = 200;

export const useInpaintingsStore = defineStore('inpaintings', () => {
  const history = createHistory();
  const notices = useNoticesStore();

  /** Removes entries from the history, which can be undone until the application exits. Returns whether it succeeded. */
  async function remove(entries: readonly Pick<InpaintingEntry, 'id' | 'image'>[]): Promise<boolean> {
    const ids = entries.map(({ id }) => id);
    const isOne = ids.length === 1;
    try {
      await request('inpaint.delete', { ids });
      await history.refresh();
    } catch (failure) {
      notices.fail(
        failure,
        isOne ? 'The inpainting could not be deleted' : 'The results could not be deleted',
      );
      return false;
    }
    const what = isOne
      ? `The inpainting of ${entries[0].image.name} is deleted`
      : `${formatPlural(ids.length, 'result')} deleted`;
    notices.showUndoable(what, async () => {
      await request('inpaint.restore', { ids });
      await history.refresh();
    });
    return true;
  }

  const refreshSoon = useDebounceFn(history.refresh, 250);
  listen('inpaint.listChanged', () => void refreshSoon());
  listen('inpaint.changed', (entry) => {
    history.patch(entry);
    // The means of a batch change with its results.
    if (entry.request.batchId !== undefined && entry.result) void refreshSoon();
  });
  useReconnect(() => void history.refresh());

  return { ...history, remove };
});

function createHistory() {
  const text = shallowRef('');
  const entries = shallowRef<readonly InpaintingEntry[]>([]);
  const batches = shallowRef<readonly InpaintingBatch[]>([]);
  const total = shallowRef(0);
  const isLoaded = shallowRef(false);
  const error = shallowRef<unknown>(null);
  /** Counts requests, so that late responses of earlier ones are discarded. */
  let generation = 0;

  /** Reads the newest `count` matching entries. */
  async function read(count: number) {
    const own = (generation += 1);
    try {
      const page = await readPages(text.value, count);
      if (own !== generation) return;
      entries.value = page.entries;
      batches.value = page.batches;
      total.value = page.total;
      error.value = null;
      isLoaded.value = true;
    } catch (failure) {
      if (own === generation) error.value = failure;
    }
  }

  return {
    text,
    entries,
    batches,
    total,
    isLoaded,
    error,
    hasMore: computed(() => entries.value.length < total.value),
    /** Reads the shown entries again, at least the first page. */
    refresh: () => read(Math.max(historyPage, entries.value.length)),
    more: () => read(entries.value.length + historyPage),
    search(next: string) {
      text.value = next;
      return read(historyPage);
    },
    patch(next: InpaintingEntry) {
      entries.value = entries.value.map((old) => (old.id === next.id ? next : old));
    },
  };
}

async function readPages(text: string, count: number) {
  const offsets = Array.from({ length: Math.ceil(count / atMost) }, (_, page) => page * atMost);
  const pages = await Promise.all(
    offsets.map((offset) =>
      request('inpaint.list', { text, offset, limit: Math.min(atMost, count - offset) }),
    ),
  );
  const batches = new Map(pages.flatMap((page) => page.batches.map((batch) => [batch.id, batch])));
  return {
    total: pages[0].total,
    entries: pages.flatMap(({ entries }) => entries),
    batches: [...batches.values()],
  };
}
