/** Questions before something that cannot easily be taken back. */

import { defineStore } from 'pinia';
import { shallowRef } from 'vue';

export interface Question {
  readonly title: string;
  /** What will happen, with names and sizes. */
  readonly text: string;
  /** The verb on the button, e.g. `Delete for ever`. */
  readonly confirmLabel: string;
  /** Colours the button as dangerous. */
  readonly isDangerous?: boolean;
  /** What must be typed before the button works. */
  readonly typed?: string;
}

export const useConfirmStore = defineStore('confirm', () => {
  const question = shallowRef<Question | null>(null);
  let answerOpen: ((isConfirmed: boolean) => void) | null = null;

  /** Resolves to true when the user confirms; a question asked meanwhile answers the first with no. */
  function ask(next: Question): Promise<boolean> {
    answer(false);
    question.value = next;
    return new Promise((resolve) => {
      answerOpen = resolve;
    });
  }

  function answer(isConfirmed: boolean) {
    question.value = null;
    answerOpen?.(isConfirmed);
    answerOpen = null;
  }

  return { question, ask, answer };
});
