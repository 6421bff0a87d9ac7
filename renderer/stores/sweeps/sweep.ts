/** The current sweep with its members, updated live. */

import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import type { SweepDetail } from '../../../shared/sweep/sweepViews.ts';
import { listen, request } from '../../api/client.ts';
import { useReconnect } from '../connection.ts';

/** Delay in milliseconds before members are read again after a change; with many members the answer is large. */
const readSoon = 500;
const readLater = 3000;
const many = 200;
/** Delay in milliseconds before the steps of active members are read again, which change without a change of their sweep. */
const readSteps = { few: 5000, many: 15_000 };

export const useSweepStore = defineStore('sweep', () => {
  const id = shallowRef<string | null>(null);
  const known = shallowRef<SweepDetail | null>(null);
  const error = shallowRef<unknown>(null);
  /** null until loaded, and while another sweep is requested. */
  const detail = computed(() => (known.value?.id === id.value ? known.value : null));
  let timer: ReturnType<typeof setTimeout> | null = null;
  let stepsTimer: ReturnType<typeof setTimeout> | null = null;

  async function reload() {
    const requested = id.value;
    if (requested === null) return;
    try {
      const answer = await request('sweeps.get', { id: requested });
      if (requested !== id.value) return;
      known.value = answer;
      error.value = null;
    } catch (reason) {
      if (requested === id.value) error.value = reason;
    }
  }

  function reloadSoon() {
    const delay = (known.value?.list.length ?? 0) > many ? readLater : readSoon;
    timer ??= setTimeout(() => {
      timer = null;
      void reload();
    }, delay);
  }

  listen('sweeps.changed', (summary) => {
    if (summary.id !== id.value) return;
    // Buttons follow at once; members, which are many, a moment later.
    if (known.value?.id === summary.id) known.value = { ...known.value, ...summary };
    reloadSoon();
  });
  listen('queue.changed', ({ active }) => {
    const isOwn = (runId: string) => known.value?.list.some((member) => member.runId === runId) ?? false;
    if (stepsTimer !== null || !active.some(({ job }) => isOwn(job.runId))) return;
    const delay = readSteps[(known.value?.list.length ?? 0) > many ? 'many' : 'few'];
    stepsTimer = setTimeout(() => {
      stepsTimer = null;
      void reload();
    }, delay);
  });
  useReconnect(reload);

  return {
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
  };
});
