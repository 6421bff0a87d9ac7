/** What a run will take on this machine, asked of the main side whenever the configuration has come to rest. */

import { watchDebounced } from '@vueuse/core';
import { shallowRef, toValue, type MaybeRefOrGetter, type ShallowRef } from 'vue';
import type { RunConfig } from '../../../shared/config/config.ts';
import type { RunEstimate } from '../../../shared/contract/training.ts';
import { request } from '../../api/client.ts';
import { explainError } from '../../models/frame/errors.ts';

export interface EstimateQuestion {
  readonly config: RunConfig;
  readonly dataSetId: string;
}

export interface UseEstimateReturn {
  /** The newest answer, also while a newer question is open. */
  readonly estimate: Readonly<ShallowRef<RunEstimate | null>>;
  /** Why there is none; null where nothing failed. */
  readonly problem: Readonly<ShallowRef<string | null>>;
  /** The answer belongs to an earlier question. */
  readonly isStale: Readonly<ShallowRef<boolean>>;
}

/** Asks at once, then 300 ms after the last change; `null` asks nothing and keeps the last answer. */
export function useEstimate(question: MaybeRefOrGetter<EstimateQuestion | null>): UseEstimateReturn {
  const estimate = shallowRef<RunEstimate | null>(null);
  const problem = shallowRef<string | null>(null);
  const isStale = shallowRef(false);
  let asked = 0;

  async function ask() {
    const current = toValue(question);
    asked += 1;
    if (!current) return;
    const turn = asked;
    isStale.value = true;
    const answer = await request('training.estimate', current).catch((error: unknown) => ({ error }));
    // A later question is open: its answer counts.
    if (turn !== asked) return;
    isStale.value = false;
    const isRefused = 'error' in answer;
    problem.value = isRefused ? explainError(answer.error).message : null;
    estimate.value = isRefused ? null : answer;
  }

  void ask();
  watchDebounced(() => toValue(question), ask, { debounce: 300 });
  return { estimate, problem, isStale };
}
