/** Which of the runs to fill in a mask with, judged by the masks, the scale and the scores of their training. */

import {
  type Candidate,
  type GivenImage,
  isAtScale,
  isRecommendable,
  rankRuns,
} from '../../../shared/config/recommendedRuns.ts';
import type { MaskAdvice } from '../../../shared/contract/inpainting.ts';
import type { RunSummary } from '../../../shared/runList.ts';

/** What runs were trained on, by their IDs; a run without an entry has not been judged. */
export type RunAdvice = ReadonlyMap<string, MaskAdvice>;

export const noAdvice: RunAdvice = new Map();

export function toRunAdvice(answer: readonly MaskAdvice[]): RunAdvice {
  return new Map(answer.map((advice) => [advice.runId, advice]));
}

/** The parts of a run that decide on its place. */
export type JudgedRun = Pick<RunSummary, 'id' | 'bestPsnr' | 'scores' | 'warning'>;

/** The mask's advice, and the image that the runs are given. */
export interface Judgement {
  readonly advice: RunAdvice;
  readonly image: GivenImage;
}

/** Returns the runs with the recommended ones first: see `rankRuns`. Without any advice their order is kept. */
export function orderRuns<Run extends JudgedRun>(runs: readonly Run[], judgement: Judgement): readonly Run[] {
  return judgement.advice.size === 0 ? runs : rankRuns(runs, (run) => judgeRun(run, judgement));
}

/** Returns the run to recommend; null if none was trained with such masks, or no run has been judged. */
export function findRecommended<Run extends JudgedRun>(
  runs: readonly Run[],
  judgement: Judgement,
): Run | null {
  const first = orderRuns(runs, judgement).at(0);
  return first && isRecommendable(judgeRun(first, judgement)) ? first : null;
}

/** Returns the run to use instead of the given one; null if there is none, or the given one was trained with such masks. */
export function findBetterRun<Run extends JudgedRun>(
  runs: readonly Run[],
  judgement: Judgement,
  chosen: string | null,
): Run | null {
  const isWarned = chosen !== null && (judgement.advice.get(chosen)?.warning ?? null) !== null;
  return isWarned ? findRecommended(runs, judgement) : null;
}

function judgeRun({ id, bestPsnr, scores, warning }: JudgedRun, { advice, image }: Judgement): Candidate {
  const found = advice.get(id);
  return {
    isTrained: found?.warning === null,
    isAtScale: found !== undefined && isAtScale(found, image),
    hasLearnt: warning === null,
    bestPsnr,
    scores,
  };
}
