/** The guided tour: whether it is open and how far it has come, which the browser remembers. */

import { useLocalStorage } from '@vueuse/core';
import { defineStore } from 'pinia';
import { computed } from 'vue';
import {
  afterStep,
  currentStep,
  readProgress,
  type TourProgress,
  type TourStepId,
  tourStart,
} from '../models/tour/tourProgress.ts';

export const useTourStore = defineStore('tour', () => {
  const progress = useLocalStorage<TourProgress>('tour', tourStart, {
    serializer: { read: readProgress, write: (value) => JSON.stringify(value) },
    shallow: true,
  });
  const current = computed(() => currentStep(progress.value));
  const isStarted = computed(() => progress.value.step > 0 && current.value !== null);

  /** Whether the tour was opened here just now, and not by a page that is loaded again. */
  let isNew = false;

  /** Opens the tour where it was left, or at its beginning if it was finished. */
  function open() {
    const begin = current.value === null ? tourStart : progress.value;
    isNew = true;
    progress.value = { ...begin, isOpen: true };
  }

  /** Returns whether the tour that has appeared is to take the focus: what opened it may be gone. */
  function takesFocus(): boolean {
    const isFirst = isNew;
    isNew = false;
    return isFirst;
  }

  function close() {
    progress.value = { ...progress.value, isOpen: false };
  }

  function skip() {
    progress.value = afterStep(progress.value);
  }

  function back() {
    progress.value = { ...progress.value, step: Math.max(0, progress.value.step - 1) };
  }

  /** Continues if this is the present step. `runId`: the run that the tour is about from now. */
  function finish(step: TourStepId, runId = progress.value.runId) {
    if (progress.value.isOpen && current.value === step)
      progress.value = { ...afterStep(progress.value), runId };
  }

  return { progress, current, isStarted, open, takesFocus, close, skip, back, finish };
});
