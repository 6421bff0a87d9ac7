/** Texts for charts without points, which explain what the charts wait for. */

import { computed, type ComputedRef } from 'vue';
import type { RunDetail } from '../../../shared/runDetail.ts';
import { useQueueStore } from '../../stores/queue.ts';
import type { RunStatus } from '../../../shared/run.ts';
import { formatCount } from '../../../shared/text/format.ts';

export interface EmptyTexts {
  /** Metrics logged every few steps. */
  readonly training: string;
  /** Metrics of evaluations while training. */
  readonly evaluation: string;
  /** The PSNR of evaluations, which is infinite if every image is exact. */
  readonly psnr: string;
  /** What the machine does while the run trains. */
  readonly system: string;
}

const over: readonly RunStatus[] = ['finished', 'stopped', 'diverged', 'crashed'];

export function useEmptyTexts(detail: () => RunDetail): ComputedRef<EmptyTexts> {
  const queue = useQueueStore();
  return computed(() => {
    const { run, summary } = detail();
    const phase = queue.activeOf(run.id)?.phase ?? null;
    const now =
      phase !== null
        ? `Now: ${phase}.`
        : summary.status === 'queued'
          ? 'The run has not started.'
          : `The run ${['crashed', 'diverged'].includes(summary.status) ? 'has' : 'is'} ${summary.status}.`;
    const { evaluateEverySteps: every, timesPerRun } = run.config.train;
    const isOver = over.includes(summary.status);
    const first =
      timesPerRun === null ? `at step ${formatCount(every)}` : `after 1/${timesPerRun} of the run`;
    const waiting = !isOver
      ? `The first value appears with the evaluation ${first}, or when the run ends. ${now}`
      : `No evaluation was recorded. ${now}`;
    const evaluation =
      every === 0 ? 'This run does not evaluate while it trains: its interval is 0.' : waiting;
    return {
      training:
        isOver && run.step > 0
          ? `No finite value was logged. ${now}`
          : `The first loss appears after the first step. ${now}`,
      evaluation,
      system: `A run is sampled every 5 seconds while it trains; runs of earlier versions were not. ${now}`,
      psnr:
        summary.bestPsnr === Infinity
          ? 'Every evaluated image is exact, so its PSNR is infinite and there is nothing to draw.'
          : evaluation,
    };
  });
}
