/** What the compute lane says about single runs of the list. */

import { computed, type ComputedRef } from 'vue';
import type { LaneProgress } from '../../../shared/queue.ts';
import { describePlace } from '../../models/runs/rowText.ts';
import { useQueueStore } from '../../stores/queue.ts';

export interface UseLaneRowsReturn {
  /** The job in the lane, if it is this run's. */
  progressOf(id: string): LaneProgress | null;
  /** `waiting, 2nd`; null where the run does not wait. */
  placeOf(id: string): string | null;
  readonly places: ComputedRef<ReadonlyMap<string, string>>;
}

export function useLaneRows(): UseLaneRowsReturn {
  const queue = useQueueStore();
  const places = computed(() => {
    const found = new Map<string, string>();
    for (const [index, { runId }] of queue.waiting.entries()) {
      if (!found.has(runId)) found.set(runId, describePlace(index + 1, queue.isHeld));
    }
    return found;
  });
  return {
    places,
    progressOf: (id) => (queue.active?.job.runId === id ? queue.active : null),
    placeOf: (id) => places.value.get(id) ?? null,
  };
}
