/** The commands of a run's page: its buttons, its menu and the palette are made from this list. */

import {
  mdiArchiveOutline,
  mdiCallSplit,
  mdiClipboardCheckOutline,
  mdiContentDuplicate,
  mdiDeleteOutline,
  mdiFileChartOutline,
  mdiFileExportOutline,
  mdiFolderSearchOutline,
  mdiNoteEditOutline,
  mdiPause,
  mdiPlay,
  mdiPlaylistRemove,
  mdiRestore,
  mdiStop,
  mdiTimerPlusOutline,
} from '@mdi/js';
import { computed, type ComputedRef } from 'vue';
import type { RunDetail } from '../../../shared/runDetail.ts';
import { isPossible, type Command } from '../../models/frame/pageCommand.ts';
import { hasDataLocation, type RunAction } from '../../models/run/availableActions.ts';
import { useWhileConnected } from '../frame/useWhileConnected.ts';
import type { UseRunControlsReturn } from './useRunControls.ts';

export type RunDialog = 'evaluate' | 'report' | 'extend' | 'locate' | 'note';

export interface UseRunCommandsReturn {
  /** Commands with a button of their own, in order; only those that are possible now. */
  readonly buttons: ComputedRef<readonly Command[]>;
  /** Commands of the menu, in order. */
  readonly menu: ComputedRef<readonly Command[]>;
}

const group = 'Run' as const;

export function useRunCommands(
  detail: () => RunDetail,
  controls: UseRunControlsReturn,
  openDialog: (dialog: RunDialog) => void,
): UseRunCommandsReturn {
  const can = (action: RunAction) => controls.actions.value.includes(action);
  const isDeleted = () => detail().summary.deletedAt !== null;
  const whileConnected = useWhileConnected();
  return {
    buttons: computed(() => {
      const commands: Command[] = [
        restoreCommand(controls, isDeleted()),
        startCommand(controls, can),
        ...laneCommands(controls, can),
        {
          id: 'run.evaluate',
          label: 'Evaluate this run…',
          caption: 'Evaluate…',
          group,
          keys: [],
          icon: mdiClipboardCheckOutline,
          isEnabled: () => can('evaluate'),
          run: () => openDialog('evaluate'),
        },
        {
          id: 'run.report',
          label: 'Write a report of this run…',
          caption: 'Report…',
          group,
          keys: [],
          icon: mdiFileChartOutline,
          isEnabled: () => detail().evaluations.length > 0 && !isDeleted(),
          run: () => openDialog('report'),
        },
        {
          id: 'run.note',
          label: detail().note ? 'Read or change the note' : 'Write a note',
          caption: 'Note',
          group,
          keys: [],
          icon: mdiNoteEditOutline,
          run: () => openDialog('note'),
        },
      ];
      // Buttons keep their places while the main side cannot be reached.
      return whileConnected(commands.filter(isPossible));
    }),
    menu: computed(() =>
      whileConnected([
        {
          id: 'run.extend',
          label: 'Extend the budget…',
          group,
          keys: [],
          icon: mdiTimerPlusOutline,
          isEnabled: () => can('extend'),
          run: () => openDialog('extend'),
        },
        {
          id: 'run.locate',
          label: 'Locate data…',
          hint: 'If its images have moved',
          group,
          keys: [],
          icon: mdiFolderSearchOutline,
          isEnabled: () => hasDataLocation(detail().run.config.data.source) && !can('pause') && !isDeleted(),
          run: () => openDialog('locate'),
        },
        ...copyCommands(detail(), controls, can),
        ...removalCommands(detail(), controls, can),
      ]),
    ),
  };
}

function restoreCommand(controls: UseRunControlsReturn, isDeleted: boolean): Command {
  return {
    id: 'run.restore',
    label: 'Restore from the trash',
    group,
    keys: [],
    icon: mdiRestore,
    isEnabled: () => isDeleted,
    run: controls.restore,
  };
}

/** Starts, resumes or pauses: one button, so that it keeps the focus while the run changes. */
function startCommand(controls: UseRunControlsReturn, can: (action: RunAction) => boolean): Command {
  const shared = { id: 'pauseResume', group, keys: ['.'] };
  if (can('pause'))
    return {
      ...shared,
      label: 'Pause this run',
      caption: 'Pause',
      hint: 'Write a checkpoint and pause',
      icon: mdiPause,
      run: controls.pause,
    };
  const isFirst = can('start');
  return {
    ...shared,
    label: isFirst ? 'Start this run' : 'Resume this run',
    caption: isFirst ? 'Start' : 'Resume',
    hint: isFirst ? 'Start training now, or add it to the queue' : 'Continue from the newest checkpoint',
    icon: mdiPlay,
    isEnabled: () => isFirst || can('resume'),
    run: controls.start,
  };
}

function laneCommands(controls: UseRunControlsReturn, can: (action: RunAction) => boolean): Command[] {
  return [
    {
      id: 'run.stop',
      label: 'Stop this run',
      caption: 'Stop',
      hint: 'Write a checkpoint and stop the run before its budget is reached',
      group,
      keys: [],
      icon: mdiStop,
      isEnabled: () => can('stop'),
      run: controls.stop,
    },
    {
      id: 'run.leaveQueue',
      label: 'Leave the queue',
      group,
      keys: [],
      icon: mdiPlaylistRemove,
      isEnabled: () => can('leaveQueue'),
      run: controls.leaveQueue,
    },
  ];
}

function copyCommands(
  { checkpoints }: RunDetail,
  controls: UseRunControlsReturn,
  can: (action: RunAction) => boolean,
): Command[] {
  const newest = checkpoints.at(0)?.step ?? null;
  return [
    {
      id: 'run.duplicate',
      label: 'Duplicate with changes',
      group,
      keys: [],
      icon: mdiContentDuplicate,
      run: controls.duplicate,
    },
    {
      id: 'run.branch',
      label: `Branch from step ${newest}`,
      group,
      keys: [],
      icon: mdiCallSplit,
      isEnabled: () => newest !== null && can('branch'),
      run: () => (newest === null ? undefined : controls.branch(newest)),
    },
    {
      id: 'run.export',
      label: 'Export this run',
      caption: 'Export run',
      hint: 'One file that can be imported on another machine',
      group,
      keys: ['Shift+E'],
      icon: mdiFileExportOutline,
      run: controls.exportRun,
    },
  ];
}

function removalCommands(
  { summary }: RunDetail,
  controls: UseRunControlsReturn,
  can: (action: RunAction) => boolean,
): Command[] {
  return [
    {
      id: 'run.archive',
      label: summary.archived ? 'Restore this run from the archive' : 'Archive this run',
      caption: summary.archived ? 'Restore from the archive' : 'Archive',
      group,
      keys: ['E'],
      icon: mdiArchiveOutline,
      run: () => controls.archive(!summary.archived),
    },
    {
      id: 'run.delete',
      label: 'Delete this run',
      caption: 'Delete',
      hint: 'Moves it to the trash',
      group,
      keys: ['Delete'],
      icon: mdiDeleteOutline,
      isEnabled: () => can('delete'),
      run: controls.remove,
    },
  ];
}
