/** What can be done with a run now, by its status and its place in the queue. */

import type { QueueState } from '../../../shared/queue.ts';
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

/** In the order buttons stand. */
export function findActions(run: RunState, queue: QueueState): readonly RunAction[] {
  if (run.isDeleted) return [];
  const job = queue.active?.job;
  const isTraining = run.status === 'running' || (job?.kind === 'training' && job.runId === run.id);
  const isEvaluating = job?.kind === 'evaluation' && job.runId === run.id;
  const isWaiting = queue.waiting.some(({ kind, runId }) => kind === 'training' && runId === run.id);
  const afterwards: RunAction[] = run.hasCheckpoint ? ['branch', 'evaluate'] : [];
  if (isTraining) return ['pause', 'stop', ...(run.hasCheckpoint ? (['branch'] as const) : [])];
  if (isWaiting) return ['leaveQueue', ...afterwards, 'delete'];
  const end: RunAction[] = isEvaluating ? [] : ['delete'];
  if (run.status === 'finished') return ['extend', ...afterwards, ...end];
  if (!resumableStatuses.includes(run.status)) return [...afterwards, ...end];
  return [run.step === 0 ? 'start' : 'resume', 'extend', ...afterwards, ...end];
}

/** What the reader of a crashed or diverged run may do next. */
export function nextStep(status: RunStatus, lastCheckpoint: number | null): string {
  const from =
    lastCheckpoint === null ? 'from the beginning' : `from the checkpoint of step ${lastCheckpoint}`;
  if (status === 'diverged') {
    return lastCheckpoint === null
      ? 'Duplicate it with a smaller learning rate.'
      : `Branch ${from} with a smaller learning rate, or duplicate the run.`;
  }
  return `Resume continues ${from}. If it fails again, look at the log below and at Doctor.`;
}
