/** Keyboard commands of the run list, regardless of where the focus is in the view. */

import { mdiMagnify, mdiPlayPause, mdiRefresh } from '@mdi/js';
import { computed, type ComputedRef } from 'vue';
import { canCompare } from '../../models/compare/compareAddress.ts';
import {
  bulkTasks,
  canStart,
  runTasks,
  taskDefinitions,
  tasksFor,
  type RunTask,
} from '../../models/runs/runTasks.ts';
import type { RunSummary } from '../../../shared/runList.ts';
import { useQueueStore } from '../../stores/queue.ts';
import { useRunListStore } from '../../stores/runs/runList.ts';
import { useRunRowsStore } from '../../stores/runs/runRows.ts';
import { useRunSelectionStore } from '../../stores/runs/runSelection.ts';
import type { Command } from '../../models/frame/pageCommand.ts';
import { useKeys } from '../frame/useKeys.ts';
import { useWhileConnected } from '../frame/useWhileConnected.ts';

export interface RunListKeysOptions {
  perform(task: RunTask, ids: readonly string[]): Promise<void>;
  findRuns(): void;
}

/** Registers the commands while the view exists. */
export function useRunListKeys({ perform, findRuns }: RunListKeysOptions): void {
  const list = useRunListStore();
  const whileConnected = useWhileConnected();
  useKeys([
    {
      id: 'find',
      label: 'Find runs',
      group: 'General',
      keys: ['Mod+F', '/'],
      icon: mdiMagnify,
      run: findRuns,
    },
    {
      id: 'refreshRuns',
      label: 'Refresh the list',
      group: 'Runs',
      keys: [],
      icon: mdiRefresh,
      run: list.refresh,
    },
    ...whileConnected([...taskCommands(perform), pauseResume(perform)]),
    ...keyListOnly,
  ]);
}

/** The tasks of the menus and the toolbar, for the selected runs or for the focused one. */
function taskCommands(perform: RunListKeysOptions['perform']): Command[] {
  const selection = useRunSelectionStore();
  const possible = usePossibleTasks();
  return runTasks.map((task) => {
    const { label, icon, key } = taskDefinitions[task];
    return {
      id: `runs.${task}`,
      label: `${label}: selected runs`,
      caption: label,
      group: 'Runs',
      // Those of the focused list and of the active run have their own commands.
      keys: key === null || ['Enter', 'F2', '.'].includes(key) ? [] : [key],
      icon,
      isEnabled: () => possible.value.includes(task),
      run: () => perform(task, selection.targets),
    };
  });
}

function usePossibleTasks(): ComputedRef<readonly RunTask[]> {
  const list = useRunListStore();
  const rows = useRunRowsStore();
  const selection = useRunSelectionStore();
  const queue = useQueueStore();
  return computed(() => {
    const { targets } = selection;
    if (targets.length === 0) return [];
    const run = targets.length === 1 ? rows.get(targets[0]) : null;
    if (run)
      return tasksFor(
        run,
        queue.waiting.some(({ runId }) => runId === run.id),
      );
    const tasks = bulkTasks(list.query?.view ?? 'active');
    return canCompare(targets) ? tasks : tasks.filter((task) => task !== 'compare');
  });
}

/** Pauses or resumes the selected run if possible, else the active one. */
function pauseResume(perform: RunListKeysOptions['perform']): Command {
  const rows = useRunRowsStore();
  const selection = useRunSelectionStore();
  const queue = useQueueStore();
  const isFit = (run: RunSummary) =>
    run.status === 'running' || (run.deletedAt === null && canStart(run.status));
  const chosen = () => {
    const run = selection.targets.length === 1 ? rows.get(selection.targets[0]) : null;
    return run && isFit(run) ? run : null;
  };
  return {
    id: 'pauseResume',
    label: 'Pause or resume the run',
    group: 'Runs',
    keys: ['.'],
    icon: mdiPlayPause,
    isEnabled: () => chosen() !== null || queue.trainingId !== null,
    run: async () => {
      const run = chosen();
      if (run && run.status !== 'running') await perform('start', [run.id]);
      else if (run || queue.trainingId) await perform('pause', [run?.id ?? queue.trainingId ?? '']);
    },
  };
}

/** Keys that the focused list handles itself; listed only in the keyboard shortcuts. */
const keyListOnly: readonly Command[] = (
  [
    ['moveFocus', 'Move in the list', ['ArrowUp', 'ArrowDown']],
    ['selectRun', 'Select the run', ['Space']],
    ['selectAllRuns', 'Select all runs', ['Mod+A']],
    ['openRun', 'Open the run', ['Enter']],
    ['openGroup', 'Open or close a group', ['ArrowRight', 'ArrowLeft']],
    ['renameRun', 'Rename the run', ['F2']],
    ['runMenu', 'Menu of the run', ['Shift+F10']],
  ] as const
).map(([id, label, keys]) => ({
  id,
  label,
  group: 'Runs',
  keys,
  isOutOfPalette: true,
  isEnabled: () => false,
  run: () => undefined,
}));
