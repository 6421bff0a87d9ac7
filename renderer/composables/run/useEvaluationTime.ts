/** Estimates how long the evaluation of runs takes, whenever its settings have stopped changing. */

import { watchDebounced } from '@vueuse/core';
import { shallowRef, type ShallowRef } from 'vue';
import type { TimeEstimate } from '../../../shared/text/timeRange.ts';
import { request } from '../../api/client.ts';
import type { UseEvaluationFormReturn } from './useEvaluationForm.ts';

/** Milliseconds without a change after which the time is estimated. */
const pause = 200;

/** Returns the newest estimate; null before the first, while a setting is invalid, and where there is none. */
export function useEvaluationTime(
  runIds: () => readonly string[],
  settings: UseEvaluationFormReturn['settings'],
): Readonly<ShallowRef<TimeEstimate | null>> {
  const time = shallowRef<TimeEstimate | null>(null);
  let newest = 0;
  const estimate = async () => {
    const number = ++newest;
    const ids = [...runIds()];
    // Without an estimate, starting works as well.
    const answer =
      settings.value === null || ids.length === 0
        ? null
        : await request('training.estimateEvaluation', { ids, ...settings.value }).catch(() => null);
    if (number === newest) time.value = answer;
  };
  watchDebounced([runIds, settings], estimate, { debounce: pause, immediate: true });
  return time;
}
