/** Runs with a fake compute process. */

import type { RunConfigInput } from '../../shared/config/config.ts';
import type { RunRecord } from '../../shared/run.ts';
import { startTraining, type Training, type TrainingOptions } from '../../main/jobs/training.ts';
import { readMetrics } from '../../main/store/runs/metrics.ts';
import type { Store } from '../../main/store/store.ts';
import { insertExampleRun, openExampleStore } from '../store/exampleStore.ts';
import {
  createFakeHost,
  type FakeHost,
  checkpointEvent,
  readyEvent,
  startedEvent,
  stepEvent,
} from './fakeHost.ts';
import { sharedCacheFolder } from '../store/temporaryFolder.ts';

export interface ExampleTraining {
  readonly store: Store;
  readonly run: RunRecord;
  readonly folder: string;
  readonly host: FakeHost;
  readonly training: Training;
}

/** Inserts a run that logs every second step. */
export function insertTrainingRun(train: RunConfigInput['train'] = {}): { store: Store; run: RunRecord } {
  const store = openExampleStore();
  const run = insertExampleRun(store, 'example', {
    train: { steps: 100, logEverySteps: 2, checkpointEverySteps: 4, evaluateEverySteps: 0, ...train },
  });
  return { store, run };
}

/** Starts or resumes a run whose process is ready. */
export function startExample(
  { store, run }: { store: Store; run: RunRecord } = insertTrainingRun(),
  options: Partial<TrainingOptions> = {},
): ExampleTraining {
  const host = createFakeHost();
  const training = startTraining(store, run.id, {
    createHost: () => host,
    cacheFolder: sharedCacheFolder,
    ...options,
  });
  host.emit(readyEvent);
  host.emit(startedEvent());
  return { store, run, folder: store.runFolder(run.id), host, training };
}

/** Emits six steps and a checkpoint after the fourth; the points of the sixth step remain buffered. */
export function emitSixSteps({ host, folder }: Pick<ExampleTraining, 'host' | 'folder'>): void {
  for (const step of [1, 2, 3, 4]) host.emit(stepEvent(step));
  host.emit(checkpointEvent(folder, 4));
  for (const step of [5, 6]) host.emit(stepEvent(step));
}

/** Lists the steps whose metrics are stored. */
export function listLoggedSteps({ store, run }: { store: Store; run: RunRecord }): number[] {
  return readMetrics(store.db, run.id, { names: ['learningRate'] }).map(({ step }) => step);
}
