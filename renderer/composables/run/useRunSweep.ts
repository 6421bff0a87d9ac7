/** The place of a run in its sweep, read again when the sweep changes. */

import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue';
import type { SweepMembership } from '../../../shared/sweep/sweepViews.ts';
import { listen, request } from '../../api/client.ts';

/** Milliseconds before it is read again: a sweep may change several times a second. */
const readLater = 3000;

/** null: none, or not read yet. The link is left out if it cannot be read: the run is what the page is about. */
export function useRunSweep(runId: () => string): Readonly<ShallowRef<SweepMembership | null>> {
  const found = shallowRef<SweepMembership | null>(null);
  let timer: ReturnType<typeof setTimeout> | null = null;

  async function read() {
    const id = runId();
    const answer = await request('sweeps.ofRun', { id }).catch(() => null);
    if (id === runId()) found.value = answer;
  }

  watch(
    runId,
    () => {
      found.value = null;
      void read();
    },
    { immediate: true },
  );
  const stop = listen('sweeps.changed', ({ id }) => {
    if (id !== found.value?.sweepId) return;
    timer ??= setTimeout(() => {
      timer = null;
      void read();
    }, readLater);
  });
  onScopeDispose(() => {
    stop();
    if (timer) clearTimeout(timer);
  });
  return found;
}
