/** Performs the tasks of menus, keys and the toolbar; holds which runs the open dialogs are about. */

import { shallowRef, type ShallowRef } from 'vue';
import { useRouter } from 'vue-router';
import { canCompare, compareAddress, groupingOfSelection } from '../../models/compare/compareAddress.ts';
import { archiveRuns, deleteRuns, purgeRuns, restoreRuns } from './runActions.ts';
import { exportRun } from './runFiles.ts';
import type { RunTask } from '../../models/runs/runTasks.ts';
import { useQueueStore } from '../../stores/queue.ts';
import { useRunListStore } from '../../stores/runs/runList.ts';
import { useSettingsStore } from '../../stores/settings.ts';

type Ids = readonly string[];

export interface UseRunTasksReturn {
  perform(task: RunTask, ids: Ids): Promise<void>;
  /** Runs whose tags are edited; null: dialog closed. */
  readonly tagging: ShallowRef<Ids | null>;
  /** The run whose note is edited. */
  readonly noting: ShallowRef<string | null>;
  /** The run whose name is edited. */
  readonly renaming: ShallowRef<string | null>;
  closeDialogs(): void;
}

export function useRunTasks(): UseRunTasksReturn {
  const tagging = shallowRef<Ids | null>(null);
  const noting = shallowRef<string | null>(null);
  const renaming = shallowRef<string | null>(null);
  const forMany = tasksForMany((ids) => (tagging.value = ids));
  const forOne = tasksForOne(
    (id) => (noting.value = id),
    (id) => (renaming.value = id),
  );
  return {
    tagging,
    noting,
    renaming,
    closeDialogs() {
      tagging.value = null;
      noting.value = null;
    },
    async perform(task, ids) {
      if (ids.length === 0) return;
      if (task in forMany) await forMany[task as keyof typeof forMany](ids);
      else await forOne[task as keyof typeof forOne](ids[0]);
    },
  };
}

function tasksForMany(editTags: (ids: Ids) => void) {
  const router = useRouter();
  const list = useRunListStore();
  const settings = useSettingsStore();
  return {
    compare: async (ids: Ids) => {
      if (!canCompare(ids)) return;
      const by = groupingOfSelection(ids, list.groups ?? [], settings.settings.groupBy);
      await router.push(compareAddress(ids, by));
    },
    tags: editTags,
    archive: (ids: Ids) => archiveRuns(ids, true),
    unarchive: (ids: Ids) => archiveRuns(ids, false),
    delete: deleteRuns,
    restore: restoreRuns,
    purge: purgeRuns,
  } satisfies Partial<Record<RunTask, (ids: Ids) => unknown>>;
}

function tasksForOne(editNote: (id: string) => void, editName: (id: string) => void) {
  const router = useRouter();
  const queue = useQueueStore();
  return {
    open: async (id: string) => void (await router.push(`/runs/${id}`)),
    duplicate: async (id: string) => void (await router.push({ path: '/new', query: { from: id } })),
    export: exportRun,
    rename: editName,
    note: editNote,
    start: queue.start,
    pause: queue.pause,
    stop: queue.stop,
    dequeue: async (id: string) => {
      const job = queue.waiting.find(({ runId }) => runId === id);
      if (job) await queue.remove(job);
    },
  } satisfies Partial<Record<RunTask, (id: string) => void | Promise<void>>>;
}
