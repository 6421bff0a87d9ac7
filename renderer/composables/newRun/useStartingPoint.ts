/** Reads from the address what a new run starts from: `?preset=`, `?data=`, `?from=` a run, `&branch=` a step of it. */

import { shallowRef, watch, type ShallowRef } from 'vue';
import { useRoute } from 'vue-router';
import { request } from '../../api/client.ts';
import { startingPointOfRun, type StartingPoint } from '../../models/forms/runForm.ts';
import { useNewRunStore } from '../../stores/runs/newRun.ts';
import { usePresetsStore } from '../../stores/runs/presets.ts';

export interface UseStartingPointReturn {
  readonly isLoading: Readonly<ShallowRef<boolean>>;
  /** Why the run could not be read; null if it could. */
  readonly error: Readonly<ShallowRef<unknown>>;
  load(): Promise<void>;
}

/** Follows the address while the view is shown. */
export function useStartingPoint(): UseStartingPointReturn {
  const route = useRoute();
  const newRun = useNewRunStore();
  const presets = usePresetsStore();
  const isLoading = shallowRef(false);
  const error = shallowRef<unknown>(null);

  async function load() {
    const { from, branch, preset, data } = route.query;
    error.value = null;
    if (typeof from !== 'string') {
      // A form that is shown stays, and with it the focus.
      isLoading.value = !presets.isLoaded;
      await presets.load();
      isLoading.value = false;
      if (route.name !== 'newRun' || route.query.preset !== preset || route.query.from !== undefined) return;
      const last = newRun.lastPreset() || presets.defaultName;
      newRun.startFromPreset(typeof preset === 'string' ? preset : last);
      if (typeof data === 'string') newRun.update({ datasetId: data });
      return;
    }
    isLoading.value = true;
    const startingPoint = await readRun(from, branch).catch((failure: unknown) => ({ failure }));
    // If the address has changed meanwhile, a newer request is running.
    if (route.query.from !== from || route.query.branch !== branch) return;
    isLoading.value = false;
    if ('failure' in startingPoint) error.value = startingPoint.failure;
    else newRun.setStartingPoint(startingPoint);
  }

  watch(
    () => (route.name === 'newRun' ? route.query : null),
    (query) => query && load(),
    { immediate: true },
  );
  return { isLoading, error, load };
}

async function readRun(id: string, branch: unknown): Promise<StartingPoint> {
  const step = typeof branch === 'string' && /^\d+$/.test(branch) ? Number(branch) : null;
  return startingPointOfRun(await request('runs.get', { id }), step);
}
