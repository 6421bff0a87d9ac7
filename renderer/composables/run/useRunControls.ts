/** The actions behind the buttons of a run. */

import { computed, type ComputedRef } from 'vue';
import { useRouter } from 'vue-router';
import type { RunDetail } from '../../../shared/runDetail.ts';
import { useQueueStore } from '../../stores/queue.ts';
import { useOpenResult } from '../frame/useOpenResult.ts';
import {
  archiveRuns,
  deleteRuns,
  extendRun,
  renameRun,
  restoreRuns,
  tagRuns,
  type Extension,
} from '../runs/runActions.ts';
import { exportRun } from '../runs/runFiles.ts';
import type { TagChanges } from '../../models/runs/tagChanges.ts';
import { findActions, type RunAction } from '../../models/run/availableActions.ts';

export interface UseRunControlsReturn {
  readonly actions: ComputedRef<readonly RunAction[]>;
  start(): Promise<void>;
  pause(): Promise<void>;
  stop(): Promise<void>;
  leaveQueue(): Promise<void>;
  /** Starts the run with the current images although they differ from those it was trained with. */
  acceptChangedData(): Promise<void>;
  extend(extension: Extension): Promise<void>;
  rename(name: string): Promise<void>;
  changeTags(changes: TagChanges): Promise<void>;
  archive(archived: boolean): Promise<void>;
  remove(): Promise<void>;
  restore(): Promise<void>;
  branch(step: number): void;
  duplicate(): void;
  exportRun(): Promise<void>;
}

export function useRunControls(detail: () => RunDetail): UseRunControlsReturn {
  const router = useRouter();
  const openResult = useOpenResult();
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
    exportRun: () => exportRun(id()),
    acceptChangedData: () => queue.start(id(), { acceptChangedData: true }),
    extend: (extension) => extendRun(id(), extension),
    rename: (name) => renameRun(id(), name),
    changeTags: ({ add, remove }) => tagRuns([id()], add, remove),
    archive: (archived) => archiveRuns([id()], archived),
    restore: () => restoreRuns([id()]),
    async remove() {
      await openResult(async () => {
        const deleted = await deleteRuns([id()]);
        return deleted.length > 0 ? { to: { name: 'runs' }, message: null } : null;
      });
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
