/** What is known of the current sweep on a cluster, updated live, and the inputs for its jobs, which later sweeps begin with. */

import { useLocalStorage } from '@vueuse/core';
import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import type { ClusterView, SlurmOptions } from '../../../shared/sweep/slurm.ts';
import { listen, request } from '../../api/client.ts';
import {
  checkCluster,
  type ClusterForm,
  emptyClusterForm,
  readClusterForm,
} from '../../models/sweeps/clusterForm.ts';
import { useReconnect } from '../connection.ts';
import { useNoticesStore } from '../notices.ts';

export const useClusterStore = defineStore('cluster', () => {
  const notices = useNoticesStore();
  const id = shallowRef<string | null>(null);
  const known = shallowRef<ClusterView | null>(null);
  const serializer = { read: readClusterForm, write: (form: ClusterForm) => JSON.stringify(form) };
  const form = useLocalStorage<ClusterForm>('clusterForm', emptyClusterForm, { serializer, shallow: true });

  async function reload() {
    const requested = id.value;
    if (requested === null) return;
    try {
      const answer = await request('cluster.view', { id: requested });
      if (requested === id.value) known.value = answer;
    } catch (reason) {
      if (requested === id.value) notices.fail(reason, 'The state of the cluster could not be read');
    }
  }

  /** What the cluster refuses is shown with the sweep, where it stays until something else is known. */
  async function act(sweepId: string, answer: Promise<unknown>) {
    try {
      await answer;
    } catch (reason) {
      const view = await request('cluster.view', { id: sweepId }).catch(() => null);
      if (id.value === sweepId && view !== null) known.value = view;
      if (id.value !== sweepId || !view?.problem) notices.fail(reason, 'The cluster did not do it');
    }
  }

  listen('cluster.changed', (changed) => {
    if (changed.id === id.value) void reload();
  });
  useReconnect(reload);

  return {
    /** null until loaded, and while another sweep is requested. */
    view: computed(() => (known.value?.id === id.value ? known.value : null)),
    form,
    checked: computed(() => checkCluster(form.value)),
    open(next: string) {
      id.value = next;
      return reload();
    },
    close() {
      id.value = null;
      known.value = null;
    },
    submit: (sweepId: string, options: SlurmOptions) =>
      act(sweepId, request('cluster.submit', { id: sweepId, options })),
    retry: (sweepId: string, options?: SlurmOptions) =>
      act(sweepId, request('cluster.retry', { id: sweepId, options })),
    collect: (sweepId: string) => act(sweepId, request('cluster.collect', { id: sweepId })),
    cancel: (sweepId: string) => act(sweepId, request('cluster.cancel', { id: sweepId })),
  };
});
