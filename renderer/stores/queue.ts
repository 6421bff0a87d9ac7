/** The compute queue: the active jobs and the waiting ones. */

import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import { activeJobOf, type LaneJob, type LaneProgress, type QueueState } from '../../shared/queue.ts';
import { listen, request } from '../api/client.ts';
import { useReconnect } from './connection.ts';
import { createUpdateGate } from './updateGate.ts';
import { useNoticesStore } from './notices.ts';

export const useQueueStore = defineStore('queue', () => {
  const notices = useNoticesStore();
  const state = shallowRef<QueueState>({ active: [], waiting: [], held: false });
  const isLoaded = shallowRef(false);
  const active = computed(() => state.value.active);
  /** Returns the active job of a run; null if there is none. */
  const activeOf = (runId: string): LaneProgress | null => activeJobOf(active.value, runId) ?? null;
  const waiting = computed(() => state.value.waiting);
  const isHeld = computed(() => state.value.held && state.value.waiting.length > 0);
  /** ID of a run that is being trained, the one that began first; null if none is. */
  const trainingId = computed(
    () => active.value.find(({ job }) => job.kind === 'training')?.job.runId ?? null,
  );

  const gate = createUpdateGate();

  function accept(next: QueueState) {
    state.value = next;
    isLoaded.value = true;
  }

  /** Updates the queue from a response; shows a notice if the main side refuses. */
  async function applyAnswer(what: string, answer: Promise<QueueState>) {
    try {
      const { value, isNewest } = await gate.wait(answer);
      if (isNewest) accept(value);
    } catch (error) {
      notices.fail(error, what);
    }
  }

  const actions = createActions(applyAnswer);

  listen('queue.changed', (next) => {
    gate.countEvent();
    accept(next);
  });
  useReconnect(actions.load);

  return { state, isLoaded, active, activeOf, waiting, isHeld, trainingId, ...actions };
});

type ApplyAnswer = (what: string, answer: Promise<QueueState>) => Promise<void>;

function createActions(applyAnswer: ApplyAnswer) {
  return {
    load: () => applyAnswer('The queue could not be read', request('queue.get', {})),
    /** Starts or resumes a run, or appends it to the queue. */
    start: (id: string, options: { acceptChangedData?: boolean } = {}) =>
      applyAnswer('The run could not be started', request('training.start', { id, ...options })),
    pause: (id: string) => applyAnswer('The run could not be paused', request('training.pause', { id })),
    stop: (id: string) => applyAnswer('The run could not be stopped', request('training.stop', { id })),
    /** Removes a waiting job, or stops the active evaluation. */
    remove: ({ runId: id, kind }: LaneJob) =>
      applyAnswer('The job could not be removed from the queue', request('queue.remove', { id, kind })),
    move: ({ runId: id, kind }: LaneJob, position: number) =>
      applyAnswer('The job could not be moved', request('queue.move', { id, kind, position })),
    release: () => applyAnswer('The queue could not be started', request('queue.release', {})),
  };
}
