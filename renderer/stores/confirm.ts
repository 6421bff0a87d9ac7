/** Confirmations before actions that cannot easily be undone. */

import { defineStore } from 'pinia';
import { shallowRef } from 'vue';

export interface Question {
  readonly title: string;
  /** What will happen, with names and sizes. */
  readonly text: string;
  /** The verb on the button, e.g. `Delete permanently`. */
  readonly confirmLabel: string;
  /** Colours the button as dangerous. */
  readonly isDangerous?: boolean;
  /** Text that must be typed before the button is enabled. */
  readonly typed?: string;
}

export const useConfirmStore = defineStore('confirm', () => {
  const question = shallowRef<Question | null>(null);
  let answerOpen: ((isConfirmed: boolean) => void) | null = null;

  /** Asks the user; resolves to true if confirmed. A second question declines the first. */
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
