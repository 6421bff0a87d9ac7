/** The runs pictures can be reconstructed with, newest first, and what the chosen one can do. */

import { computed, onScopeDispose, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue';
import type { FieldConfig } from '../../../shared/config/config.ts';
import { fieldTraits } from '../../../shared/config/networks/registry.ts';
import type { RunSummary } from '../../../shared/runList.ts';
import { listen, request } from '../../api/client.ts';
import type { FieldTraits } from '../../../shared/config/networks/network.ts';

export interface ChosenRun {
  readonly id: string;
  /** Side of the pictures it was trained on. */
  readonly imageSize: number;
  readonly traits: FieldTraits;
}

export interface UseSampledRunsReturn {
  /** The wanted one where it can be sampled, else the newest; null: none, or not known yet. */
  readonly runId: ComputedRef<string | null>;
  /** null: not known yet. */
  readonly runs: Readonly<ShallowRef<readonly RunSummary[] | null>>;
  readonly error: Readonly<ShallowRef<unknown>>;
  readonly chosen: Readonly<ShallowRef<ChosenRun | null>>;
  load(): Promise<void>;
}

/** More are found by their names in the list of runs. */
const limit = 200;

/** @param wanted The one that was chosen; null: none yet. */
export function useSampledRuns(wanted: () => string | null): UseSampledRunsReturn {
  const runs = shallowRef<readonly RunSummary[] | null>(null);
  const error = shallowRef<unknown>(null);
  const runId = computed(() => {
    const id = wanted();
    const isThere = runs.value?.some((run) => run.id === id) ?? false;
    return isThere ? id : (runs.value?.[0]?.id ?? null);
  });

  async function load() {
    try {
      const { rows } = await request('runs.list', { hasCheckpoint: true, limit });
      const id = wanted();
      const isThere = id === null || rows.some((run) => run.id === id);
      runs.value = isThere ? rows : [...rows, ...(await findRun(id))];
      error.value = null;
    } catch (failure) {
      error.value = failure;
    }
  }
  // The first checkpoint of a run brings it into the list.
  const isListed = (id: string) => runs.value?.some((run) => run.id === id) ?? false;
  onScopeDispose(listen('run.checkpoint', (news) => void (isListed(news.runId) || load())));
  onScopeDispose(listen('runs.listChanged', () => void load()));
  void load();
  return { runId, runs, error, chosen: useChosenRun(runId), load };
}

function useChosenRun(runId: ComputedRef<string | null>): ShallowRef<ChosenRun | null> {
  const chosen = shallowRef<ChosenRun | null>(null);
  watch(
    runId,
    async (id) => {
      chosen.value = null;
      if (id === null) return;
      // Without it only the words about its size are missing; a start tells what is wrong.
      const detail = await request('runs.get', { id }).catch(() => null);
      if (!detail || id !== runId.value) return;
      const { data, field } = detail.run.config;
      chosen.value = { id, imageSize: data.imageSize, traits: fieldTraits[field.kind] };
    },
    { immediate: true },
  );
  return chosen;
}

/** One that stands behind the list's end, or in the archive; none where it cannot be sampled any more. */
async function findRun(id: string): Promise<RunSummary[]> {
  const detail = await request('runs.get', { id }).catch(() => null);
  const isThere = detail && detail.checkpoints.length > 0 && detail.summary.deletedAt === null;
  return isThere ? [detail.summary] : [];
}

/** What a network does with a picture larger than those it was trained on. */
export function describeReach({ isResolutionFree }: FieldTraits, imageSize: number | null): string {
  if (isResolutionFree) return 'any size';
  return imageSize === null ? 'in tiles' : `in tiles of ${imageSize}`;
}

export function traitsOf({ field }: RunSummary): FieldTraits {
  return fieldTraits[field as FieldConfig['kind']];
}
