/** The answer to a question that the inputs of a form ask, whenever they have stopped changing. */

import { watchDebounced } from '@vueuse/core';
import { shallowRef, toValue, type MaybeRefOrGetter, type ShallowRef } from 'vue';
import { explainError } from '../../models/frame/explainError.ts';

export interface UseSettledAnswerReturn<Answer> {
  /** The newest answer, also while a newer request is running. */
  readonly answer: Readonly<ShallowRef<Answer | null>>;
  /** Why there is no answer; null if nothing failed. */
  readonly problem: Readonly<ShallowRef<string | null>>;
  /** Whether the answer belongs to earlier inputs. */
  readonly isStale: Readonly<ShallowRef<boolean>>;
}

/** Asks immediately, then 300 ms after the last change; the question `null` keeps the last answer. */
export function useSettledAnswer<Question extends object, Answer extends object>(
  question: MaybeRefOrGetter<Question | null>,
  ask: (question: Question) => Promise<Answer>,
): UseSettledAnswerReturn<Answer> {
  const answer = shallowRef(null) as ShallowRef<Answer | null>;
  const problem = shallowRef<string | null>(null);
  const isStale = shallowRef(false);
  let requests = 0;

  async function load() {
    const current = toValue(question);
    requests += 1;
    if (!current) return;
    const own = requests;
    isStale.value = true;
    const outcome = await ask(current).then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    // A newer request is running.
    if (own !== requests) return;
    isStale.value = false;
    problem.value = 'error' in outcome ? explainError(outcome.error).message : null;
    answer.value = 'error' in outcome ? null : outcome.value;
  }

  void load();
  watchDebounced(() => toValue(question), load, { debounce: 300 });
  return { answer, problem, isStale };
}
