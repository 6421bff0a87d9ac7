/** Follows the guided tour: notices when a step has been done, and marks what the step is about. */

import { useEventListener, useMutationObserver } from '@vueuse/core';
import { onScopeDispose, shallowRef, type ShallowRef, watch } from 'vue';
import { useRouter } from 'vue-router';
import { listen, request } from '../../api/client.ts';
import { tourSteps } from '../../models/tour/tourSteps.ts';
import { useQueueStore } from '../../stores/queue.ts';
import { useTourStore } from '../../stores/tour.ts';

export interface UseTourReturn {
  /** Whether what the step is about is on the page. */
  readonly hasTarget: Readonly<ShallowRef<boolean>>;
  /** Opens the view of the step, and moves the focus to what it is about. */
  show(): Promise<void>;
}

const mark = 'data-tour-target';

export function useTour(): UseTourReturn {
  followProgress();
  const tour = useTourStore();
  const router = useRouter();
  const target = shallowRef<HTMLElement | null>(null);
  const hasTarget = shallowRef(false);
  let frame = 0;

  /** Whether the view of the step was opened, and what it is about gets the focus once it is there. */
  let isShowing = false;

  function findTarget() {
    const selectors = tour.current ? tourSteps[tour.current].targets : [];
    const found = selectors.map((selector) => document.querySelector<HTMLElement>(selector)).find(Boolean);
    if (found !== target.value || !found?.hasAttribute(mark)) {
      target.value?.removeAttribute(mark);
      target.value = found ?? null;
      hasTarget.value = target.value !== null;
      target.value?.setAttribute(mark, '');
    }
    if (isShowing && target.value) reveal(target.value);
  }

  function reveal(element: HTMLElement) {
    element.scrollIntoView({ block: 'center' });
    const control = element.matches('a, button') ? element : element.querySelector<HTMLElement>('a, button');
    control?.focus({ preventScroll: true });
    // A button takes the focus only when its view is visible and knows whether the action is possible.
    isShowing = control !== null && document.activeElement !== control;
    if (isShowing) findSoon();
  }

  function findSoon() {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(findTarget);
  }

  useMutationObserver(document.body, findSoon, { childList: true, subtree: true });
  watch(
    () => tour.current,
    () => {
      isShowing = false;
      findSoon();
    },
    { immediate: true },
  );
  onScopeDispose(() => {
    cancelAnimationFrame(frame);
    target.value?.removeAttribute(mark);
  });

  async function show() {
    if (!tour.current) return;
    const address = tourSteps[tour.current].address(tour.progress.runId);
    // What the step is about may be in the present view, such as the mask of an image that is open.
    isShowing = true;
    if (!target.value) await router.push(address);
    findTarget();
  }

  // Whoever does something else before the view is there keeps the focus.
  useEventListener(document, ['pointerdown', 'keydown', 'wheel'], () => (isShowing = false), {
    capture: true,
  });

  return { hasTarget, show };
}

/** Steps end by what the user has done, whichever way it was done. */
function followProgress(): void {
  const tour = useTourStore();
  const queue = useQueueStore();

  watch(
    () => [tour.current, queue.trainingId] as const,
    ([step, runId]) => {
      if (step === 'train' && runId !== null) tour.finish('train', runId);
    },
    { immediate: true },
  );
  // The training may have finished while the tour was closed.
  watch(
    () => tour.current,
    async (step) => {
      const { runId } = tour.progress;
      if (step !== 'watch' || runId === null) return;
      const detail = await request('runs.get', { id: runId }).catch(() => null);
      if (detail?.summary.status === 'finished') tour.finish('watch');
    },
    { immediate: true },
  );
  const subscriptions = [
    listen('runs.changed', (summaries) => {
      const run = summaries.find(({ id }) => id === tour.progress.runId);
      if (run?.status === 'finished') tour.finish('watch');
    }),
    listen('run.evaluated', () => tour.finish('evaluate')),
    listen('inpaint.changed', ({ status }) => {
      if (status === 'finished') tour.finish('image');
    }),
  ];
  onScopeDispose(() => subscriptions.forEach((unsubscribe) => unsubscribe()));
}
