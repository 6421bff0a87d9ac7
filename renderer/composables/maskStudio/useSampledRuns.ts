/** The runs that can fill in images, the recommended ones first, and the properties of the selected one. */

import { computed, onScopeDispose, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue';
import { traitsOf } from '../../../shared/config/networks/registry.ts';
import { type ClassicalMethod, classicalNames } from '../../../shared/inpainting.ts';
import type { RunSummary } from '../../../shared/runList.ts';
import { listen, request } from '../../api/client.ts';
import {
  findBetterRun,
  findRecommended,
  type Judgement,
  orderRuns,
} from '../../models/inpainting/runAdvice.ts';
import type { FieldTraits } from '../../../shared/config/networks/network.ts';

export interface ChosenRun {
  readonly id: string;
  /** Side of its training images, pixels. */
  readonly imageSize: number;
  readonly traits: FieldTraits;
}

export interface UseSampledRunsReturn {
  /** The selected classical method; the default one if there is no run; null if a run fills in, or the list is loading. */
  readonly method: ComputedRef<ClassicalMethod | null>;
  /**
   * The selected run if it can be sampled, else the first of the list; null if there is none, the list is loading, or a
   * classical method fills in.
   */
  readonly runId: ComputedRef<string | null>;
  /** The recommended ones first, see `rankRuns`; null while loading. */
  readonly runs: ComputedRef<readonly RunSummary[] | null>;
  /** The same runs in an order that does not depend on the mask. */
  readonly listed: Readonly<ShallowRef<readonly RunSummary[] | null>>;
  /** The run to recommend; null if none was trained with such masks, or that is unknown. */
  readonly recommended: ComputedRef<RunSummary | null>;
  /** What is new to the selected run in the mask; null: nothing, or unknown. */
  readonly warning: ComputedRef<string | null>;
  /** Why the selected run cannot be given the mask; null: it can, or that is unknown. */
  readonly obstacle: ComputedRef<string | null>;
  /** A run that was trained with such masks, if the selected one was not. */
  readonly better: ComputedRef<RunSummary | null>;
  readonly error: Readonly<ShallowRef<unknown>>;
  readonly chosen: Readonly<ShallowRef<ChosenRun | null>>;
  load(): Promise<void>;
}

/** Maximum number of runs in the list. */
const limit = 200;

/**
 * @param selected Returns the selected run and classical method; null if none is selected.
 * @param judgement What the runs were trained on, and the image that they are given.
 */
export function useSampledRuns(
  selected: () => { readonly runId: string | null; readonly method: ClassicalMethod | null },
  judgement: ComputedRef<Judgement>,
): UseSampledRunsReturn {
  const listed = shallowRef<readonly RunSummary[] | null>(null);
  const runs = computed(() => listed.value && orderRuns(listed.value, judgement.value));
  const error = shallowRef<unknown>(null);
  const wanted = () => selected().runId;
  const method = computed(() => selected().method ?? (runs.value?.length === 0 ? classicalNames[0] : null));
  const runId = computed(() => {
    if (method.value !== null) return null;
    const id = wanted();
    const isThere = runs.value?.some((run) => run.id === id) ?? false;
    return isThere ? id : (runs.value?.[0]?.id ?? null);
  });

  async function load() {
    try {
      const { rows } = await request('runs.list', { hasCheckpoint: true, limit });
      const id = wanted();
      const isThere = id === null || rows.some((run) => run.id === id);
      listed.value = isThere ? rows : [...rows, ...(await findRun(id))];
      error.value = null;
    } catch (failure) {
      error.value = failure;
    }
  }
  // A run is added with its first checkpoint.
  const isListed = (id: string) => runs.value?.some((run) => run.id === id) ?? false;
  onScopeDispose(listen('run.checkpoint', ({ runId: id }) => void (isListed(id) || load())));
  onScopeDispose(listen('runs.listChanged', () => void load()));
  void load();
  const advice = computed(() => (runId.value === null ? null : judgement.value.advice.get(runId.value)));
  const warning = computed(() => advice.value?.warning ?? null);
  const obstacle = computed(() => advice.value?.obstacle ?? null);
  const recommended = computed(() => findRecommended(listed.value ?? [], judgement.value));
  const better = computed(() => findBetterRun(listed.value ?? [], judgement.value, runId.value));
  const chosen = useChosenRun(runId);
  return { method, runId, runs, listed, error, recommended, warning, obstacle, better, chosen, load };
}

function useChosenRun(runId: ComputedRef<string | null>): ShallowRef<ChosenRun | null> {
  const chosen = shallowRef<ChosenRun | null>(null);
  watch(
    runId,
    async (id) => {
      chosen.value = null;
      if (id === null) return;
      // If this fails, only the note on image sizes is missing; starting reports the error.
      const detail = await request('runs.get', { id }).catch(() => null);
      if (!detail || id !== runId.value) return;
      const { data, field } = detail.run.config;
      chosen.value = { id, imageSize: data.imageSize, traits: traitsOf(field.kind) };
    },
    { immediate: true },
  );
  return chosen;
}

/** Finds a run that is not in the list, for example an archived one; returns none if it can no longer be sampled. */
async function findRun(id: string): Promise<RunSummary[]> {
  const detail = await request('runs.get', { id }).catch(() => null);
  const isThere = detail && detail.checkpoints.length > 0 && detail.summary.deletedAt === null;
  return isThere ? [detail.summary] : [];
}

/** Describes how a network handles images larger than its training images. */
export function describeReach({ isResolutionFree }: FieldTraits, imageSize: number | null): string {
  if (isResolutionFree) return 'any size';
  return imageSize === null ? 'in tiles' : `in tiles of ${imageSize}`;
}
