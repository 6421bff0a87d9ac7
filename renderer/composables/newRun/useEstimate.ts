/** Estimates time and memory of a run on this machine, whenever the configuration has stopped changing. */

import type { MaybeRefOrGetter } from 'vue';
import type { RunConfig } from '../../../shared/config/config.ts';
import type { RunEstimate } from '../../../shared/contract/training.ts';
import { request } from '../../api/client.ts';
import { useSettledAnswer, type UseSettledAnswerReturn } from './useSettledAnswer.ts';

export interface EstimateQuestion {
  readonly config: RunConfig;
  readonly datasetId: string;
}

export interface UseEstimateReturn extends Pick<UseSettledAnswerReturn<RunEstimate>, 'problem' | 'isStale'> {
  readonly estimate: UseSettledAnswerReturn<RunEstimate>['answer'];
}

export function useEstimate(question: MaybeRefOrGetter<EstimateQuestion | null>): UseEstimateReturn {
  const { answer, ...state } = useSettledAnswer(question, (asked) => request('training.estimate', asked));
  return { estimate: answer, ...state };
}
