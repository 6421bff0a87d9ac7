/** Tasks in the menus of runs, depending on view, status and queue. */

import {
  mdiArchiveArrowDownOutline,
  mdiArchiveArrowUpOutline,
  mdiCompare,
  mdiContentDuplicate,
  mdiDeleteForeverOutline,
  mdiDeleteOutline,
  mdiDeleteRestore,
  mdiFileExportOutline,
  mdiNoteEditOutline,
  mdiOpenInApp,
  mdiPause,
  mdiPlay,
  mdiRenameOutline,
  mdiStop,
  mdiTagOutline,
  mdiTrayMinus,
} from '@mdi/js';
import { resumableStatuses, type RunStatus } from '../../../shared/run.ts';
import type { RunQuery, RunSummary } from '../../../shared/runList.ts';

export const runTasks = [
  'open',
  'rename',
  'start',
  'pause',
  'stop',
  'dequeue',
  'compare',
  'duplicate',
  'export',
  'tags',
  'note',
  'archive',
  'unarchive',
  'restore',
  'delete',
  'purge',
] as const;
export type RunTask = (typeof runTasks)[number];

export interface TaskDefinition {
  readonly label: string;
  readonly icon: string;
  /** Chord such as `Mod+Shift+E`; null: no key. */
  readonly key: string | null;
  readonly isDangerous: boolean;
}

export const taskDefinitions: Readonly<Record<RunTask, TaskDefinition>> = {
  open: defineTask('Open', mdiOpenInApp, 'Enter'),
  rename: defineTask('Rename', mdiRenameOutline, 'F2'),
  start: defineTask('Start or resume', mdiPlay, '.'),
  pause: defineTask('Pause', mdiPause, '.'),
  stop: defineTask('Stop', mdiStop),
  dequeue: defineTask('Remove from the queue', mdiTrayMinus),
  compare: defineTask('Compare', mdiCompare, 'C'),
  duplicate: defineTask('Duplicate with changes', mdiContentDuplicate),
  export: defineTask('Export run', mdiFileExportOutline, 'Shift+E'),
  tags: defineTask('Tags', mdiTagOutline, 'T'),
  note: defineTask('Note', mdiNoteEditOutline),
  archive: defineTask('Archive', mdiArchiveArrowDownOutline, 'E'),
  unarchive: defineTask('Restore from the archive', mdiArchiveArrowUpOutline, 'E'),
  restore: defineTask('Restore', mdiDeleteRestore),
  delete: defineTask('Delete', mdiDeleteOutline, 'Delete'),
  purge: { ...defineTask('Delete permanently', mdiDeleteForeverOutline, 'Delete'), isDangerous: true },
};

/** Returns the tasks for several runs at once. */
export function bulkTasks(view: RunQuery['view']): readonly RunTask[] {
  if (view === 'trash') return ['restore', 'purge'];
  return ['compare', 'tags', view === 'archived' ? 'unarchive' : 'archive', 'delete'];
}

/** Returns the tasks for one run; `isWaiting`: it waits in the queue. */
export function tasksFor(run: RunSummary, isWaiting: boolean): readonly RunTask[] {
  if (run.deletedAt !== null) return ['open', 'restore', 'purge'];
  const isRunning = run.status === 'running';
  const tasks: RunTask[] = ['open', 'rename'];
  if (isRunning) tasks.push('pause', 'stop');
  else if (isWaiting) tasks.push('dequeue');
  else if (canStart(run.status)) tasks.push('start');
  tasks.push('duplicate', 'export', 'tags', 'note', run.archived ? 'unarchive' : 'archive');
  // An active run must be stopped first.
  if (!isRunning) tasks.push('delete');
  return tasks;
}

export function canStart(status: RunStatus): boolean {
  return resumableStatuses.includes(status);
}

function defineTask(label: string, icon: string, key: string | null = null): TaskDefinition {
  return { label, icon, key, isDangerous: false };
}
