/** A lane with fake compute processes, and everything that it reports. */

import { onTestFinished } from 'vitest';
import type { QueueState } from '../../shared/queue.ts';
import type { RunRecord } from '../../shared/run.ts';
import type { CreateHost } from '../../main/jobs/computeHost.ts';
import { createLane, type Lane } from '../../main/jobs/lane.ts';
import type { StoredEvaluation } from '../../main/store/runs/evaluations.ts';
import type { Store } from '../../main/store/store.ts';
import { insertExampleRun, openExampleStore } from '../store/exampleStore.ts';
import {
  checkpointEvent,
  createFakeHost,
  endedEvent,
  type FakeHost,
  readyEvent,
  startedEvent,
} from './fakeHost.ts';
import type { LaneRequest } from '../../main/jobs/laneJob.ts';
import { sharedCacheFolder } from '../store/temporaryFolder.ts';

export interface ExampleLane {
  readonly store: Store;
  readonly lane: Lane;
  /** In the order they were started. */
  readonly hosts: readonly FakeHost[];
  readonly states: QueueState[];
  readonly ended: string[];
  readonly failures: string[];
  readonly evaluations: StoredEvaluation[];
  /** Runs whose study was stored. */
  readonly studied: string[];
}

export function openExampleLane(
  store = openExampleStore(),
  createHost?: CreateHost,
  lanes = () => 1,
): ExampleLane {
  const hosts: FakeHost[] = [];
  const states: QueueState[] = [];
  const ended: string[] = [];
  const failures: string[] = [];
  const evaluations: StoredEvaluation[] = [];
  const studied: string[] = [];
  const startHost = () => {
    const host = createFakeHost();
    hosts.push(host);
    return host;
  };
  const lane = createLane(
    { store, createHost: createHost ?? startHost, cacheFolder: sharedCacheFolder, lanes },
    {
      onState: (state) => states.push(state),
      onBegin: () => undefined,
      onEnd: ({ kind, name }) => ended.push(`${kind} ${name}`),
      onFailure: (_, message) => failures.push(message),
      onCompute: () => undefined,
      onMetrics: () => undefined,
      onPreview: () => undefined,
      onEvaluated: (evaluation) => evaluations.push(evaluation),
      onStudied: (runId) => studied.push(runId),
      onWarning: () => undefined,
    },
  );
  onTestFinished(() => lane.close());
  return { store, lane, hosts, states, ended, failures, evaluations, studied };
}

export function insertSmallRun(store: Store, name: string): RunRecord {
  return insertExampleRun(store, name, { train: { steps: 100, evaluateEverySteps: 0 } });
}

/** Starts the process, ends its job in this way, and waits until the lane has processed the end. */
export async function endHost(
  host: FakeHost,
  end: 'finished' | 'paused' | 'stopped' = 'finished',
): Promise<void> {
  host.emit(readyEvent);
  host.emit(startedEvent());
  host.emit(endedEvent(end, 0));
  host.exit();
  await settle();
}

/** Waits until all promises that can settle have settled. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

export function requestTraining(runId: string): LaneRequest {
  return { kind: 'training', runId, request: {} };
}

export function requestEvaluation(runId: string): LaneRequest {
  return { kind: 'evaluation', runId, request: { images: 3, samples: 1, solver: 'heun', steps: 2 } };
}

export function listWaiting(lane: Lane): string[] {
  return lane.state().waiting.map(({ kind, name }) => `${kind} ${name}`);
}

/** Inserts runs, each with the file of a checkpoint of step 4. */
export function insertRuns(store: Store, ...names: string[]): string[] {
  return names.map((name) => {
    const { id } = insertSmallRun(store, name);
    checkpointEvent(store.runFolder(id), 4);
    return id;
  });
}
