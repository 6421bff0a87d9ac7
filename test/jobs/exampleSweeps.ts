/** Sweeps whose compute processes are simulated: they train at once, and an evaluation scores the values of the run. */

import { basename, dirname } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Command } from '../../main/compute/protocol.ts';
import type { CreateHost } from '../../main/jobs/computeHost.ts';
import { createLane, type Lane } from '../../main/jobs/lane.ts';
import { createSweeps, type Sweeps } from '../../main/jobs/sweeps/sweeps.ts';
import { describeSweep, readSweepFacts } from '../../main/jobs/sweeps/sweepState.ts';
import { getRun } from '../../main/store/runs/runs.ts';
import type { Store } from '../../main/store/store.ts';
import { createSweep, getSweep } from '../../main/store/sweeps.ts';
import type { RunRecord } from '../../shared/run.ts';
import type { SweepSpecInput } from '../../shared/sweep/sweep.ts';
import type { SweepDetail } from '../../shared/sweep/sweepViews.ts';
import { exampleEvaluation, exampleRow } from '../reports/exampleEvaluation.ts';
import { exampleSpec } from '../shared/sweep/exampleSweep.ts';
import { openExampleStore } from '../store/exampleStore.ts';
import {
  checkpointEvent,
  createFakeHost,
  endedEvent,
  type FakeHost,
  readyEvent,
  startedEvent,
  stepEvent,
} from './fakeHost.ts';
import { settle } from './exampleLane.ts';
import { sharedCacheFolder } from '../store/temporaryFolder.ts';

/** What a simulated process does with a command: `work` trains or evaluates completely. */
export type Behaviour = (command: Command, host: FakeHost, work: () => void) => void;

export interface ExampleSweeps {
  readonly store: Store;
  readonly lane: Lane;
  readonly sweeps: Sweeps;
  readonly hosts: readonly FakeHost[];
  /** Training and evaluation commands in their order: `train 3 to 30`, `evaluate 3 at 30`; the number is the member's. */
  readonly log: string[];
  /** Errors of sweeps that ended; null: finished. */
  readonly ends: (string | null)[];
  create(changes?: Partial<SweepSpecInput>): string;
  read(id: string): SweepDetail;
  /** Waits until no process is at work. */
  idle(): Promise<void>;
}

export function openExampleSweeps({
  store = openExampleStore(),
  behave = (_, __, work) => work(),
  scoreOf = (run) => 1000 * run.config.optim.learningRate,
}: {
  store?: Store;
  behave?: Behaviour;
  scoreOf?: (run: RunRecord) => number;
} = {}): ExampleSweeps {
  const hosts: FakeHost[] = [];
  const log: string[] = [];
  const ends: (string | null)[] = [];
  const memberOf = (id: string) =>
    store.db.prepare<[string], number>('SELECT sweep_member FROM runs WHERE id = ?').pluck().get(id);
  const createHost: CreateHost = () => {
    const host = createFakeHost((command) =>
      setImmediate(() => behave(command, host, () => work(command, host))),
    );
    hosts.push(host);
    return host;
  };
  const work = (command: Command, host: FakeHost) => {
    if (command.type === 'train') {
      const { folder, config, pauseAt, checkpoint } = command.job;
      const from = checkpoint === null ? 0 : Number(/ckpt-(\d+)/.exec(checkpoint)?.[1]);
      const until = pauseAt && 'steps' in pauseAt ? pauseAt.steps : (config.train.steps ?? 100);
      log.push(`train ${memberOf(basename(folder))} to ${until}`);
      host.emit(readyEvent);
      host.emit(startedEvent(from));
      host.emit(stepEvent(until));
      host.emit(checkpointEvent(folder, until));
      host.emit(endedEvent(pauseAt ? 'paused' : 'finished', until));
    }
    if (command.type === 'evaluate') {
      const { checkpoint, protocol, images } = command.job;
      const run = getRun(store.db, basename(dirname(checkpoint)));
      log.push(`evaluate ${memberOf(run.id)} at ${run.step}`);
      const row = exampleRow({ method: 'flow · posterior mean', nfe: 1, psnr: scoreOf(run) });
      host.emit({
        type: 'evaluated',
        evaluation: { protocol: { ...exampleEvaluation.protocol, ...protocol, images }, rows: [row] },
      });
    }
    host.exit();
  };
  const resources = { store, createHost, cacheFolder: sharedCacheFolder };
  const sweeps: Sweeps = createSweeps(resources, () => lane, {
    onChange: () => undefined,
    onCreated: () => undefined,
    onEnd: ({ error }) => ends.push(error),
  });
  const lane: Lane = openSweepLane({ ...resources, supply: sweeps }, sweeps);
  return {
    store,
    lane,
    sweeps,
    hosts,
    log,
    ends,
    create: (changes) => createSweep(store.db, exampleSpec(changes)).id,
    read: (id) => describeSweep(readSweepFacts(store, getSweep(store.db, id), sweeps.known)),
    async idle() {
      // A process that is held never ends: then only it is left.
      for (let quiet = 0, seen = 0; lane.isBusy() && quiet < 20; quiet++) {
        await settle();
        if (hosts.length + log.length > seen) quiet = 0;
        seen = hosts.length + log.length;
      }
    },
  };
}

/** Opens a lane that notifies the sweeps of evaluations, and nobody of anything else; both are closed when the test ends. */
export function openSweepLane(resources: Parameters<typeof createLane>[0], sweeps: Sweeps): Lane {
  const nothing = () => undefined;
  const lane = createLane(resources, {
    onState: nothing,
    onBegin: nothing,
    onEnd: nothing,
    onFailure: nothing,
    onCompute: nothing,
    onMetrics: nothing,
    onPreview: nothing,
    onStudied: nothing,
    onWarning: nothing,
    onEvaluated: (evaluation) => sweeps.evaluated(evaluation),
  });
  onTestFinished(async () => {
    sweeps.close();
    await lane.close();
  });
  return lane;
}
