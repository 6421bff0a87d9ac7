/** Estimates time and memory of a run on this machine, whenever the configuration has stopped changing. */

import { watchDebounced } from '@vueuse/core';
import { shallowRef, toValue, type MaybeRefOrGetter, type ShallowRef } from 'vue';
import type { RunConfig } from '../../../shared/config/config.ts';
import type { RunEstimate } from '../../../shared/contract/training.ts';
import { request } from '../../api/client.ts';
import { explainError } from '../../models/frame/explainError.ts';

export interface EstimateQuestion {
  readonly config: RunConfig;
  readonly datasetId: string;
}

export interface UseEstimateReturn {
  /** The newest estimate, also while a newer request is running. */
  readonly estimate: Readonly<ShallowRef<RunEstimate | null>>;
  /** Why there is no estimate; null if nothing failed. */
  readonly problem: Readonly<ShallowRef<string | null>>;
  /** Whether the estimate belongs to an earlier configuration. */
  readonly isStale: Readonly<ShallowRef<boolean>>;
}

/** Requests an estimate immediately, then 300 ms after the last change; `null` keeps the last estimate. */
export function useEstimate(question: MaybeRefOrGetter<EstimateQuestion | null>): UseEstimateReturn {
  const estimate = shallowRef<RunEstimate | null>(null);
  const problem = shallowRef<string | null>(null);
  const isStale = shallowRef(false);
  let requests = 0;

  async function load() {
    const current = toValue(question);
    requests += 1;
    if (!current) return;
    const own = requests;
    isStale.value = true;
    const answer = await request('training.estimate', current).catch((error: unknown) => ({ error }));
    // A newer request is running.
    if (own !== requests) return;
    isStale.value = false;
    const isRefused = 'error' in answer;
    problem.value = isRefused ? explainError(answer.error).message : null;
    estimate.value = isRefused ? null : answer;
  }

  void load();
  watchDebounced(() => toValue(question), load, { debounce: 300 });
  return { estimate, problem, isStale };
}
