/** Which of the runs to fill in a mask with, judged by the masks that they were trained with. */

import type { MaskAdvice } from '../../../shared/contract/inpainting.ts';

/** What is new to runs in the mask, by their IDs: null for nothing; a run without an entry has not been judged. */
export type RunAdvice = ReadonlyMap<string, string | null>;

export const noAdvice: RunAdvice = new Map();

export function toRunAdvice(answer: readonly MaskAdvice[]): RunAdvice {
  return new Map(answer.map(({ runId, warning }) => [runId, warning]));
}

/** Returns the runs in another order: first those that were trained with such masks, in the order they had. */
export function orderRuns<Run extends { readonly id: string }>(
  runs: readonly Run[],
  advice: RunAdvice,
): readonly Run[] {
  const isTrained = ({ id }: Run) => advice.get(id) === null;
  return [...runs.filter(isTrained), ...runs.filter((run) => !isTrained(run))];
}

/** Returns the first run that was trained with such masks; null if there is none, or the given one is. */
export function findBetterRun<Run extends { readonly id: string }>(
  runs: readonly Run[],
  advice: RunAdvice,
  chosen: string | null,
): Run | null {
  if (chosen === null || (advice.get(chosen) ?? null) === null) return null;
  return runs.find(({ id }) => advice.get(id) === null) ?? null;
}
