/** Keyboard commands of the run list, regardless of where the focus is in the view. */

import {
  mdiArchiveOutline,
  mdiCompare,
  mdiDeleteOutline,
  mdiFileExportOutline,
  mdiMagnify,
  mdiPlayPause,
  mdiRefresh,
  mdiTagOutline,
} from '@mdi/js';
import { canCompare } from '../../models/compare/compareAddress.ts';
import { canStart, type RunTask } from '../../models/runs/runTasks.ts';
import type { RunSummary } from '../../../shared/runList.ts';
import { useQueueStore } from '../../stores/queue.ts';
import { useRunListStore } from '../../stores/runList.ts';
import { useRunRowsStore } from '../../stores/runRows.ts';
import { useRunSelectionStore } from '../../stores/runSelection.ts';
import type { Command } from '../../models/frame/pageCommand.ts';
import { useKeys } from '../frame/useKeys.ts';

export interface RunListKeysOptions {
  perform(task: RunTask, ids: readonly string[]): Promise<void>;
  findRuns(): void;
}

/** Registers the commands while the view exists. */
export function useRunListKeys({ perform, findRuns }: RunListKeysOptions): void {
  const list = useRunListStore();
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
    compareCommand(perform),
    ...targetCommands(perform),
    exportCommand(perform),
    pauseResume(perform),
    ...keyListOnly,
  ]);
}

function compareCommand(perform: RunListKeysOptions['perform']): Command {
  const list = useRunListStore();
  const selection = useRunSelectionStore();
  return {
    id: 'compareRuns',
    label: 'Compare selected runs',
    group: 'Runs',
    keys: ['C'],
    icon: mdiCompare,
    isEnabled: () => canCompare(selection.ids) && list.query?.view !== 'trash',
    run: () => perform('compare', selection.ids),
  };
}

/** Commands for the selected runs, or for the focused one. */
function targetCommands(perform: RunListKeysOptions['perform']): Command[] {
  const list = useRunListStore();
  const selection = useRunSelectionStore();
  const view = () => list.query?.view ?? 'active';
  const hasTargets = () => selection.targets.length > 0;
  const hasLivingTargets = () => hasTargets() && view() !== 'trash';
  const act = (task: () => RunTask) => () => perform(task(), selection.targets);
  return [
    {
      id: 'archiveRuns',
      label: 'Archive or restore',
      group: 'Runs',
      keys: ['E'],
      icon: mdiArchiveOutline,
      isEnabled: hasLivingTargets,
      run: act(() => (view() === 'archived' ? 'unarchive' : 'archive')),
    },
    {
      id: 'deleteRuns',
      label: 'Delete runs',
      group: 'Runs',
      keys: ['Delete'],
      icon: mdiDeleteOutline,
      isEnabled: hasTargets,
      run: act(() => (view() === 'trash' ? 'purge' : 'delete')),
    },
    {
      id: 'tagRuns',
      label: 'Change tags',
      group: 'Runs',
      keys: ['T'],
      icon: mdiTagOutline,
      isEnabled: hasLivingTargets,
      run: act(() => 'tags'),
    },
  ];
}

function exportCommand(perform: RunListKeysOptions['perform']): Command {
  const list = useRunListStore();
  const selection = useRunSelectionStore();
  return {
    id: 'exportRun',
    label: 'Export the run',
    group: 'Runs',
    keys: ['Shift+E'],
    icon: mdiFileExportOutline,
    isEnabled: () => selection.targets.length === 1 && list.query?.view !== 'trash',
    run: () => perform('export', selection.targets),
  };
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
