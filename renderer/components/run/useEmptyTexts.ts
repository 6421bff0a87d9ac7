/** What charts say before they have points: what they wait for. */

import { computed, type ComputedRef } from 'vue';
import type { RunDetail } from '../../../shared/runDetail.ts';
import { useQueueStore } from '../../stores/queue.ts';

export interface EmptyTexts {
  /** Metrics logged every few steps. */
  readonly training: string;
  /** Metrics of evaluations while training. */
  readonly evaluation: string;
}

export function useEmptyTexts(detail: () => RunDetail): ComputedRef<EmptyTexts> {
  const queue = useQueueStore();
  return computed(() => {
    const { run, summary } = detail();
    const phase = queue.active?.job.runId === run.id ? queue.active.phase : null;
    const now =
      phase !== null
        ? `Now: ${phase}.`
        : summary.status === 'queued'
          ? 'The run is not started.'
          : `The run ${['crashed', 'diverged'].includes(summary.status) ? 'has' : 'is'} ${summary.status}.`;
    const every = run.config.train.evaluateEverySteps;
    return {
      training: `The first loss appears after the first step. ${now}`,
      evaluation:
        every === 0
          ? 'This run does not evaluate while it trains (train.evaluateEverySteps is 0).'
          : `The first value appears with the evaluation at step ${every}. ${now}`,
    };
  });
}
