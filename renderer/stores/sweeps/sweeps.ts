/** All sweeps, updated live, and what can be done with one. */

import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import type { RequestInput } from '../../../shared/contract.ts';
import type { SweepSummary } from '../../../shared/sweep/sweepViews.ts';
import { listen, request } from '../../api/client.ts';
import { useReconnect } from '../connection.ts';
import { useNoticesStore } from '../notices.ts';
import { createNewestRows } from '../updateGate.ts';

export const useSweepsStore = defineStore('sweeps', () => {
  const notices = useNoticesStore();
  /** Newest first; null until loaded. */
  const sweeps = shallowRef<readonly SweepSummary[] | null>(null);
  const error = shallowRef<unknown>(null);
  const newest = createNewestRows<SweepSummary>();
  let requests = 0;

  async function load() {
    const own = (requests += 1);
    try {
      const answer = await newest.wait(request('sweeps.list', {}));
      if (own !== requests) return;
      sweeps.value = answer;
      error.value = null;
    } catch (reason) {
      if (own === requests) error.value = reason;
    }
  }

  function accept(summary: SweepSummary) {
    newest.countEvent([summary]);
    sweeps.value = sweeps.value?.map((known) => (known.id === summary.id ? summary : known)) ?? null;
  }

  /** Shows a notice if the main side refuses. */
  async function act(what: string, answer: Promise<SweepSummary>) {
    try {
      accept(await answer);
    } catch (reason) {
      notices.fail(reason, what);
    }
  }

  listen('sweeps.changed', accept);
  listen('sweeps.listChanged', () => {
    if (sweeps.value) void load();
  });
  useReconnect(() => {
    if (sweeps.value) void load();
  });

  return {
    sweeps,
    error,
    load,
    start: (id: string) => act('The sweep could not be started', request('sweeps.start', { id })),
    retry: (id: string) => act('The runs could not be tried again', request('sweeps.retry', { id })),
    pause: (id: string) => act('The sweep could not be paused', request('sweeps.pause', { id })),
    stop: (id: string) => act('The sweep could not be stopped', request('sweeps.stop', { id })),
    rename: (id: string, name: string) =>
      act('The sweep could not be renamed', request('sweeps.rename', { id, name })),
    /** Returns whether it was deleted. */
    async remove(input: RequestInput<'sweeps.delete'>): Promise<boolean> {
      try {
        await request('sweeps.delete', input);
        return true;
      } catch (reason) {
        notices.fail(reason, 'The sweep could not be deleted');
        return false;
      }
    },
  };
});
