/** The actions that are possible for a run, depending on its status and the queue. */

import { isBoundToMachine, parseDataSource } from '../../../shared/dataset.ts';
import { activeJobOf, type QueueState } from '../../../shared/queue.ts';
import type { RunDetail } from '../../../shared/runDetail.ts';
import { resumableStatuses, type RunStatus } from '../../../shared/run.ts';

export type RunAction =
  'start' | 'resume' | 'pause' | 'stop' | 'leaveQueue' | 'extend' | 'branch' | 'evaluate' | 'delete';

export interface RunState {
  readonly id: string;
  readonly status: RunStatus;
  readonly step: number;
  readonly isDeleted: boolean;
  readonly hasCheckpoint: boolean;
}

/** Returns the actions that are possible now, in the order of their buttons. */
export function findActions(run: RunState, queue: QueueState): readonly RunAction[] {
  if (run.isDeleted) return [];
  const fromCheckpoint: readonly RunAction[] = run.hasCheckpoint ? ['branch', 'evaluate'] : [];
  switch (laneStateOf(run, queue)) {
    case 'training':
      return run.hasCheckpoint ? ['pause', 'stop', 'branch'] : ['pause', 'stop'];
    case 'waiting':
      return ['leaveQueue', ...fromCheckpoint, 'delete'];
    case 'evaluating':
      return [...budgetActions(run), ...fromCheckpoint];
    case 'idle':
      return [...budgetActions(run), ...fromCheckpoint, 'delete'];
  }
}

function laneStateOf(run: RunState, queue: QueueState): 'training' | 'waiting' | 'evaluating' | 'idle' {
  const job = activeJobOf(queue.active, run.id)?.job ?? null;
  if (run.status === 'running' || job?.kind === 'training') return 'training';
  if (queue.waiting.some(({ kind, runId }) => kind === 'training' && runId === run.id)) return 'waiting';
  return job ? 'evaluating' : 'idle';
}

/** Starting, resuming, and a longer budget. */
function budgetActions({ status, step }: RunState): readonly RunAction[] {
  if (status === 'finished') return ['extend'];
  if (!resumableStatuses.includes(status)) return [];
  return [step === 0 ? 'start' : 'resume', 'extend'];
}

/** Whether the user has to decide something: the run failed, could not start, or its images have changed. */
export function needsAttention({ run, summary }: Pick<RunDetail, 'run' | 'summary'>): boolean {
  if (summary.status === 'running' || summary.deletedAt !== null) return false;
  const hasFailed = summary.status === 'crashed' || summary.status === 'diverged';
  return hasFailed || summary.error !== null || run.dataset?.refused !== undefined;
}

/** Whether the images are files, so that the run can be given a new location for them. */
export function hasDataLocation(source: string): boolean {
  return isBoundToMachine(parseDataSource(source));
}

/** Suggests the next step after a run crashed or diverged. */
export function nextStep(status: RunStatus, lastCheckpoint: number | null): string {
  const from = lastCheckpoint === null ? '' : `from the checkpoint of step ${lastCheckpoint}`;
  if (status === 'diverged') {
    return lastCheckpoint === null
      ? 'Duplicate it with a smaller learning rate.'
      : `Branch ${from} with a smaller learning rate, or duplicate the run.`;
  }
  const resume = lastCheckpoint === null ? 'Start begins again at step 0' : `Resume continues ${from}`;
  return `${resume}. If it fails again, look at the Log & environment tab and at Doctor.`;
}
