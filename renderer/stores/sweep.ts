/** The current sweep with its members, updated live. */

import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import type { SweepDetail } from '../../shared/sweep/sweepViews.ts';
import { listen, request } from '../api/client.ts';
import { useReconnect } from './connection.ts';

/** Delay in milliseconds before members are read again after a change; with many members the answer is large. */
const readSoon = 500;
const readLater = 3000;
const many = 200;

export const useSweepStore = defineStore('sweep', () => {
  const id = shallowRef<string | null>(null);
  const known = shallowRef<SweepDetail | null>(null);
  const error = shallowRef<unknown>(null);
  /** null until loaded, and while another sweep is requested. */
  const detail = computed(() => (known.value?.id === id.value ? known.value : null));
  let timer: ReturnType<typeof setTimeout> | null = null;

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
