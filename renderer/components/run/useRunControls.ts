/** What the buttons of a run do. */

import { computed, type ComputedRef } from 'vue';
import { useRouter } from 'vue-router';
import type { RequestInput } from '../../../shared/contract.ts';
import type { RunDetail } from '../../../shared/runDetail.ts';
import { request } from '../../api.ts';
import { useNoticesStore } from '../../stores/notices.ts';
import { useQueueStore } from '../../stores/queue.ts';
import { useRunStore } from '../../stores/run.ts';
import { findActions, type RunAction } from './runActions.ts';

export type Budget = NonNullable<RequestInput<'training.start'>['budget']>;

export interface TagChange {
  readonly add: string[];
  readonly remove: string[];
}

export interface UseRunControlsReturn {
  readonly actions: ComputedRef<readonly RunAction[]>;
  start(): Promise<void>;
  pause(): Promise<void>;
  stop(): Promise<void>;
  leaveQueue(): Promise<void>;
  extend(budget: Budget): Promise<void>;
  rename(name: string): Promise<void>;
  changeTags(change: TagChange): Promise<void>;
  writeNote(text: string): Promise<void>;
  archive(archived: boolean): Promise<void>;
  remove(): Promise<void>;
  restore(): Promise<void>;
  branch(step: number): void;
  duplicate(): void;
}

export function useRunControls(detail: () => RunDetail): UseRunControlsReturn {
  const router = useRouter();
  const queue = useQueueStore();
  const id = () => detail().run.id;
  return {
    actions: computed(() => findActions(stateOf(detail()), queue.state)),
    start: () => queue.start(id()),
    pause: () => queue.pause(id()),
    stop: () => queue.stop(id()),
    leaveQueue: () => queue.remove({ kind: 'training', runId: id(), name: detail().summary.name }),
    branch: (step) => void router.push({ name: 'newRun', query: { from: id(), branch: String(step) } }),
    duplicate: () => void router.push({ name: 'newRun', query: { from: id() } }),
    ...createChanges(id),
    ...createRemoval(detail),
  };
}

/** Changes of the run, read again after each. */
function createChanges(id: () => string) {
  const notices = useNoticesStore();
  const store = useRunStore();

  async function attempt(what: string, act: () => Promise<unknown>) {
    try {
      await act();
      await store.reload();
    } catch (error) {
      notices.fail(error, what);
    }
  }

  return {
    extend: (budget: Budget) =>
      attempt('The run could not be extended', () => request('training.start', { id: id(), budget })),
    rename: (name: string) =>
      attempt('The run could not be renamed', async () =>
        store.patch({ name: await request('runs.rename', { id: id(), name }) }),
      ),
    changeTags: ({ add, remove }: TagChange) =>
      attempt('The tags could not be changed', () => request('runs.tag', { ids: [id()], add, remove })),
    writeNote: (text: string) =>
      attempt('The note could not be kept', () => request('runs.note', { id: id(), text })),
    archive: (archived: boolean) =>
      attempt('The run could not be archived', () => request('runs.archive', { ids: [id()], archived })),
    restore: () => attempt('The run could not be restored', () => request('runs.restore', { ids: [id()] })),
  };
}

function createRemoval(detail: () => RunDetail) {
  const router = useRouter();
  const notices = useNoticesStore();
  return {
    async remove() {
      const { id, name } = detail().summary;
      try {
        const [refusal] = await request('runs.delete', { ids: [id] });
        if (refusal) {
          notices.show({ level: 'warning', message: refusal.message });
          return;
        }
        notices.showUndoable(`“${name}” is in the trash.`, async () => {
          await request('runs.restore', { ids: [id] });
        });
        await router.push({ name: 'runs' });
      } catch (error) {
        notices.fail(error, 'The run could not be deleted');
      }
    },
  };
}

function stateOf({ run, summary, checkpoints }: RunDetail) {
  return {
    id: run.id,
    status: summary.status,
    step: summary.step,
    isDeleted: summary.deletedAt !== null,
    hasCheckpoint: checkpoints.length > 0,
  };
}
