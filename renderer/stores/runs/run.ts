/** The current run without its curves, updated live. */

import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import type { RunDetail } from '../../../shared/runDetail.ts';
import type { RunSummary } from '../../../shared/runList.ts';
import { listen, request } from '../../api/client.ts';
import { useReconnect } from '../connection.ts';

/** Delay in milliseconds, because checkpoints, previews and evaluations of one step arrive together. */
const readSoon = 250;

export const useRunStore = defineStore('run', () => {
  const { id, detail, error, open, close, reload, reloadSoon, accept } = createReader();

  /** Shows a change before the run is read again. */
  function patch(summary: Partial<RunSummary>) {
    if (detail.value) accept({ ...detail.value, summary: { ...detail.value.summary, ...summary } });
  }

  const reloadOwn = ({ runId }: { readonly runId: string }) => {
    if (runId === id.value) reloadSoon();
  };

  listen('runs.changed', (summaries) => {
    const before = detail.value?.summary;
    const summary = summaries.find((one) => one.id === id.value);
    if (!summary || !before) return;
    patch(summary);
    // Markers and segments change with the status.
    if (before.status !== summary.status || before.deletedAt !== summary.deletedAt) reloadSoon();
  });
  listen('runs.listChanged', () => {
    if (id.value !== null) reloadSoon();
  });
  listen('run.checkpoint', reloadOwn);
  listen('run.preview', reloadOwn);
  listen('run.evaluated', reloadOwn);
  useReconnect(reload);

  return { detail, error, open, close, reload };
});

/** Reads one run at a time. */
function createReader() {
  const id = shallowRef<string | null>(null);
  const known = shallowRef<RunDetail | null>(null);
  const error = shallowRef<unknown>(null);
  /** null until loaded, and while another run is requested. */
  const detail = computed(() => (known.value?.run.id === id.value ? known.value : null));
  let timer: ReturnType<typeof setTimeout> | null = null;

  async function reload() {
    const requested = id.value;
    if (requested === null) return;
    try {
      const answer = await request('runs.get', { id: requested });
      if (requested !== id.value) return;
      known.value = answer;
      error.value = null;
    } catch (reason) {
      if (requested === id.value) error.value = reason;
    }
  }

  return {
    id,
    detail,
    error,
    reload,
    open(next: string) {
      id.value = next;
      error.value = null;
      return reload();
    },
    close() {
      id.value = null;
      known.value = null;
    },
    accept: (next: RunDetail) => void (known.value = next),
    reloadSoon() {
      timer ??= setTimeout(() => {
        timer = null;
        void reload();
      }, readSoon);
    },
  };
}
