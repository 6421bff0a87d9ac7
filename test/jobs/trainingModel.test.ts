/** Start, pause, stop, kill, crash and finish in any order: status, lease, step and metrics always agree. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Command } from '../../main/compute/protocol.ts';
import { startTraining, type Training } from '../../main/jobs/training.ts';
import { listLeases } from '../../main/store/runs/leases.ts';
import { getRun } from '../../main/store/runs/runs.ts';
import type { RunStatus } from '../../shared/run.ts';
import {
  checkpointEvent,
  endedEvent,
  readyEvent,
  startedEvent,
  stepEvent,
  createFakeHost,
  type FakeHost,
} from './fakeHost.ts';
import { insertTrainingRun, listLoggedSteps } from './exampleTraining.ts';
import { sharedCacheFolder } from '../store/temporaryFolder.ts';

interface Model {
  status: RunStatus;
  isLive: boolean;
  /** Step of the newest checkpoint. */
  saved: number;
  step: number;
}

/** A run whose process obeys every command immediately. */
class System {
  readonly example = insertTrainingRun({ logEverySteps: 1, keepCheckpoints: 2, checkpointEverySteps: 1 });
  step = 0;
  host: FakeHost | null = null;
  training: Training | null = null;

  start(): void {
    const { store, run } = this.example;
    const host = createFakeHost((command) => this.answer(command));
    this.training = startTraining(store, run.id, {
      cacheFolder: sharedCacheFolder,
      createHost: () => (this.host = host),
    });
  }

  work(): void {
    this.step++;
    this.host?.emit(stepEvent(this.step));
  }

  save(): void {
    const { store, run } = this.example;
    this.host?.emit(checkpointEvent(store.runFolder(run.id), this.step));
  }

  end(how: 'finished' | 'paused' | 'stopped'): void {
    this.save();
    this.host?.emit(endedEvent(how, this.step));
    this.host?.exit();
  }

  /** Ends the training, whose heartbeat would otherwise outlive the store. */
  async leave(): Promise<void> {
    this.training?.kill();
    await this.training?.ended;
  }

  private answer(command: Command): void {
    if (command.type === 'pause') this.end('paused');
    if (command.type === 'stop') this.end('stopped');
    if (command.type !== 'train') return;
    this.step = Number(/ckpt-(\d+)/.exec(command.job.checkpoint ?? 'ckpt-0')?.[1]);
    this.host?.emit(readyEvent);
    this.host?.emit(startedEvent(this.step));
  }
}

const createModel = (): Model => ({ status: 'queued', isLive: false, saved: 0, step: 0 });

type Action = fc.AsyncCommand<Model, System>;

/** Returns an action that ends a live run with `status`; `isSaving`: after a checkpoint of its current step. */
function ending(
  status: RunStatus,
  options: { name: string; isSaving: boolean; act: (system: System) => void },
): Action {
  return {
    check: (model) => model.isLive,
    async run(model, system) {
      options.act(system);
      await system.training?.ended;
      if (options.isSaving) model.saved = model.step;
      expectAgreement(Object.assign(model, { status, isLive: false }), system);
    },
    toString: () => options.name,
  };
}

function expectAgreement(model: Model, { example }: System): void {
  const { store, run } = example;
  expect(getRun(store.db, run.id).status).toBe(model.status);
  expect(listLeases(store.db).length).toBe(model.isLive ? 1 : 0);
  if (model.isLive) return;
  expect(getRun(store.db, run.id).step).toBe(model.saved);
  expect(listLoggedSteps(example)).toEqual(Array.from({ length: model.step }, (_, index) => index + 1));
}

const start: Action = {
  check: () => true,
  async run(model, system) {
    const isRefused = model.isLive || model.status === 'finished';
    if (isRefused) expect(() => system.start()).toThrow(/being computed|is finished/);
    else {
      system.start();
      Object.assign(model, { isLive: true, status: 'running', step: model.saved });
    }
    expectAgreement(model, system);
  },
  toString: () => 'start',
};

const work: Action = {
  check: (model) => model.isLive,
  async run(model, system) {
    system.work();
    model.step++;
    expectAgreement(model, system);
  },
  toString: () => 'work',
};

const save: Action = {
  check: (model) => model.isLive && model.step > 0,
  async run(model, system) {
    system.save();
    model.saved = model.step;
    expectAgreement(model, system);
  },
  toString: () => 'save',
};

const actions: Action[] = [
  start,
  work,
  save,
  ending('paused', { name: 'pause', isSaving: true, act: ({ training }) => training?.pause() }),
  ending('stopped', { name: 'stop', isSaving: true, act: ({ training }) => training?.stop() }),
  ending('finished', { name: 'finish', isSaving: true, act: (system) => system.end('finished') }),
  ending('interrupted', { name: 'kill', isSaving: false, act: ({ training }) => training?.kill() }),
  ending('crashed', { name: 'die', isSaving: false, act: ({ host }) => host?.kill() }),
];

describe('a training under any sequence of commands', () => {
  it('keeps status, lease, step and metrics in agreement', async () => {
    const sequences = fc.commands(
      [start, start, work, work, ...actions].map((action) => fc.constant(action)),
      { maxCommands: 30, size: 'max' },
    );
    const property = fc.asyncProperty(sequences, async (commands) => {
      const real = new System();
      try {
        await fc.asyncModelRun(() => ({ model: createModel(), real }), commands);
      } finally {
        await real.leave();
      }
    });
    await fc.assert(property, { numRuns: 40 });
  });
});
