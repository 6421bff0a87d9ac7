import { appendFileSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ComputeExit, HostMode } from '../../main/jobs/computeHost.ts';
import { startTraining } from '../../main/jobs/training.ts';
import { databaseFile } from '../../main/store/dataFolder.ts';
import type { FileFault } from '../../main/store/files/checkpointFolder.ts';
import { listLeases } from '../../main/store/runs/leases.ts';
import { getRun, updateRun } from '../../main/store/runs/runs.ts';
import { listSegments } from '../../main/store/runs/segments.ts';
import { startChild } from '../store/children/startChild.ts';
import { catchError } from '../store/exampleStore.ts';
import {
  checkpointEvent,
  endedEvent,
  previewEvent,
  readyEvent,
  startedEvent,
  stepEvent,
} from './exampleEvents.ts';
import { createFakeHost, type FakeHost } from './fakeHost.ts';
import { exampleRun, loggedSteps, startExample, work } from './exampleTraining.ts';

afterEach(() => void vi.useRealTimers());

describe('a training that ends by itself', () => {
  it.each(['finished', 'paused', 'stopped'] as const)('is %s when it says so', async (end) => {
    const example = startExample();
    const { host, folder, store, run, training } = example;
    work(example);
    host.emit(checkpointEvent(folder, 6));
    host.emit(endedEvent(end, 6));
    host.exit();
    expect(await training.ended).toMatchObject({ status: end, step: 6, error: null });
    expect(listLeases(store.db)).toEqual([]);
    expect(listSegments(store.db, run.id)).toMatchObject([{ fromStep: 0, toStep: 6 }]);
    expect(loggedSteps(example)).toEqual([1, 2, 4, 6]);
  });

  it('has diverged at the step where the loss was no number', async () => {
    const example = startExample();
    work(example);
    example.host.emit(stepEvent(7, { loss: NaN }));
    example.host.emit(endedEvent('diverged', 7));
    example.host.exit();
    const ended = await example.training.ended;
    expect(ended.status).toBe('diverged');
    expect(ended.error).toMatch(/at step 7.*smaller optim\.learningRate/);
  });

  it.each([
    ['error', 'crashed'],
    ['storage', 'paused'],
  ] as const)('after a failure of cause "%s" it is %s and carries the message', async (cause, status) => {
    const example = startExample();
    work(example);
    example.host.emit({ type: 'failed', cause, message: 'No space left.' });
    example.host.exit();
    expect(await example.training.ended).toMatchObject({ status, error: 'No space left.', step: 4 });
    expect(listLeases(example.store.db)).toEqual([]);
  });

  it('keeps its last word whatever follows it', async () => {
    const example = startExample();
    example.host.emit({ type: 'failed', cause: 'error', message: 'No images.' });
    example.host.emit({ type: 'progress', phase: 'reading', done: 1, total: null });
    example.host.exit({ code: 1, signal: null });
    expect(await example.training.ended).toMatchObject({ status: 'crashed', error: 'No images.' });
  });

  const silent: [string, ComputeExit, RegExp][] = [
    [
      'is killed',
      { code: null, signal: 'SIGKILL' },
      /ended by SIGKILL \(.*memory.*continues from the checkpoint of step 4/,
    ],
    ['leaves with an error code', { code: 7, signal: null }, /ended with code 7\. Resuming continues/],
    [
      'leaves politely without a last word',
      { code: 0, signal: null },
      /ended with code 0\. Resuming continues/,
    ],
    ['never starts', { code: null, signal: null }, /ended with code unknown\. Resuming continues/],
  ];
  it.each(silent)('has crashed when the process %s', async (_, exit, reason) => {
    const example = startExample();
    work(example);
    example.host.exit(exit);
    const ended = await example.training.ended;
    expect(ended).toMatchObject({ status: 'crashed', step: 4, error: expect.stringMatching(reason) });
    expect(listLeases(example.store.db)).toEqual([]);
    expect(loggedSteps(example)).toEqual([1, 2, 4, 6]);
  });
});

describe('the user', () => {
  it('sends pause and stop to the process, and kill ends it as interrupted without an error', async () => {
    const example = startExample();
    work(example);
    example.training.pause();
    example.training.stop();
    expect(example.host.sent.map(({ type }) => type)).toEqual(['train', 'pause', 'stop']);
    example.training.kill();
    expect(await example.training.ended).toMatchObject({ status: 'interrupted', error: null, step: 4 });
  });
});

describe('one process a run', () => {
  it('is kept: a run that another process computes is refused', async () => {
    const example = exampleRun();
    const holder = startChild('holdLease.ts', databaseFile(example.store.dataFolder), example.run.id);
    await holder.waitFor('held by');
    const refusal = catchError(() => startExample(example)).message;
    expect(refusal).toMatch(/is being computed by process \d+.*Pause or stop it there/);
    await holder.kill();
    const { training, host } = startExample(example);
    host.exit();
    await training.ended;
  });

  it('is kept inside one process too', async () => {
    const example = startExample();
    expect(() => startExample(example)).toThrow('is being computed');
    expect(getRun(example.store.db, example.run.id).status).toBe('running');
    example.host.exit();
    await example.training.ended;
  });

  it('leaves the run alone when its lease went to another process', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const { store, run, host, training } = startExample();
    store.db.prepare('DELETE FROM leases').run();
    const lost = expect(training.ended).rejects.toThrow(/lease of run .* is gone/);
    vi.advanceTimersByTime(5000);
    await lost;
    expect(host.isGone()).toBe(true);
    expect(getRun(store.db, run.id).status).toBe('running');
  });
});

describe('resuming', () => {
  it('continues from the newest checkpoint and forgets what was logged after it', async () => {
    const first = startExample();
    work(first);
    first.host.exit({ code: 1, signal: null });
    await first.training.ended;
    const second = startExample(first);
    expect(loggedSteps(second)).toEqual([1, 2, 4]);
    const path = join(second.folder, 'ckpt-4.safetensors');
    expect(second.host.sent[0]).toMatchObject({ type: 'train', job: { checkpoint: path } });
    second.host.exit();
    await second.training.ended;
    expect(listSegments(first.store.db, first.run.id).map(({ fromStep }) => fromStep)).toEqual([0, 4]);
  });

  it('passes a damaged checkpoint over, and says so', async () => {
    const first = startExample();
    work(first);
    first.host.emit(checkpointEvent(first.folder, 6));
    first.host.exit();
    await first.training.ended;
    appendFileSync(join(first.folder, 'ckpt-6.safetensors'), 'x');
    const faults: FileFault[] = [];
    const second = startExample(first, { onDamaged: (found) => faults.push(...found) });
    expect(faults.map(({ file }) => file)).toEqual(['ckpt-6.safetensors']);
    const path = join(second.folder, 'ckpt-4.safetensors');
    expect(second.host.sent[0]).toMatchObject({ job: { checkpoint: path } });
    second.host.exit();
    expect(await second.training.ended).toMatchObject({ step: 4 });
  });

  it('a finished run wants a budget that is not spent yet', async () => {
    const example = exampleRun();
    const { store, run } = example;
    updateRun(store.db, run.id, { status: 'finished', step: 12, epoch: 6, processSeconds: 90 });
    expect(() => startExample(example)).toThrow(/is finished: there is nothing to resume\. .*--steps N/);
    const withTrain = (train: object) => ({
      config: { ...run.config, train: { ...run.config.train, ...train } },
    });
    for (const spent of [{ steps: 12 }, { steps: null, epochs: 6 }, { minutes: 1.5 }]) {
      expect(() => startExample(example, withTrain(spent))).toThrow(/12 steps \(6 epochs, 1\.5 minutes\)/);
    }
    expect(getRun(store.db, run.id).config.train.steps).toBe(100);
    const { training, host } = startExample(example, withTrain({ steps: 13 }));
    expect(getRun(store.db, run.id).config.train.steps).toBe(13);
    host.exit();
    await training.ended;
  });

  it('a run that diverged does not continue', () => {
    const example = exampleRun();
    updateRun(example.store.db, example.run.id, { status: 'diverged' });
    expect(() => startExample(example)).toThrow(/has diverged.*smaller optim\.learningRate/);
    expect(listLeases(example.store.db)).toEqual([]);
  });
});

describe('an error of the parent', () => {
  it('while recording ends the process, pauses the run with the reason and gives the lease back', async () => {
    const example = startExample();
    work(example);
    example.store.db.exec('ALTER TABLE metrics RENAME TO lost');
    example.host.emit(checkpointEvent(example.folder, 8));
    expect(example.host.isGone()).toBe(true);
    example.store.db.exec('ALTER TABLE lost RENAME TO metrics');
    const ended = await example.training.ended;
    expect(ended).toMatchObject({ status: 'paused', step: 4 });
    expect(ended.error).toMatch(/Recording failed: .*metrics.*then resume/);
    expect(listLeases(example.store.db)).toEqual([]);
  });

  it('over a preview does the same', async () => {
    const example = startExample();
    rmSync(example.folder, { recursive: true });
    example.host.emit(previewEvent(0));
    expect(await example.training.ended).toMatchObject({
      status: 'paused',
      error: expect.stringMatching(/Recording failed: .* does not exist\. Training stopped/),
    });
    expect(existsSync(example.folder)).toBe(false);
  });

  it('over a database that is gone ends the process and is passed on', async () => {
    const { store, host, training } = startExample();
    const rejected = expect(training.ended).rejects.toThrow(/database connection is not open/);
    store.db.close();
    host.emit(endedEvent('finished', 1));
    host.emit(checkpointEvent(store.dataFolder, 1));
    expect(host.isGone()).toBe(true);
    await rejected;
  });

  it('before the process is there leaves the run as it was, without a lease', () => {
    const { store, run } = exampleRun();
    const createHost = () => {
      throw new Error('no more processes');
    };
    expect(() => startTraining(store, run.id, { createHost, cacheFolder: '' })).toThrow('no more processes');
    expect(getRun(store.db, run.id).status).toBe('queued');
    expect(listLeases(store.db)).toEqual([]);
  });
});

describe('a training whose process crashes', () => {
  function startCrashing() {
    const hosts: FakeHost[] = [];
    const modes: (HostMode | undefined)[] = [];
    const messages: string[] = [];
    const example = exampleRun();
    const training = startTraining(example.store, example.run.id, {
      createHost(mode) {
        modes.push(mode);
        hosts.push(createFakeHost());
        return hosts[hosts.length - 1];
      },
      cacheFolder: '',
      onEvent: (event) => event.type === 'retried' && messages.push(event.message),
    });
    hosts[0].emit(readyEvent);
    hosts[0].emit(startedEvent());
    return { ...example, folder: example.store.runFolder(example.run.id), training, hosts, modes, messages };
  }

  it('continues from its newest checkpoint in a safe process, and says so', async () => {
    const { hosts, modes, messages, training, folder, store, run } = startCrashing();
    work({ host: hosts[0], folder });
    hosts[0].exit({ code: null, signal: 'SIGSEGV' });
    await vi.waitUntil(() => hosts.length === 2);
    expect(modes).toEqual(['usual', 'safe']);
    expect(messages).toEqual([
      'The compute process crashed (SIGSEGV); continuing once more in a safer, slower mode.',
    ]);
    const [command] = hosts[1].sent;
    expect(command).toMatchObject({ type: 'train', job: { folder } });
    expect(getRun(store.db, run.id).status).toBe('running');
    training.pause();
    expect(hosts[1].sent.at(-1)).toEqual({ type: 'pause' });
    hosts[1].emit(readyEvent);
    hosts[1].emit(startedEvent(4));
    hosts[1].emit(endedEvent('paused', 4));
    hosts[1].exit();
    expect(await training.ended).toMatchObject({ status: 'paused', step: 4, error: null });
    expect(listSegments(store.db, run.id)).toMatchObject([{ fromStep: 0 }, { fromStep: 4, toStep: 4 }]);
    expect(listLeases(store.db)).toEqual([]);
  });

  it('starts over where it has no checkpoint', async () => {
    const { hosts, training } = startCrashing();
    hosts[0].exit({ code: null, signal: 'SIGBUS' });
    await vi.waitUntil(() => hosts.length === 2);
    expect(hosts[1].sent[0]).toMatchObject({ type: 'train', job: { checkpoint: null } });
    hosts[1].emit(endedEvent('finished', 6));
    hosts[1].exit();
    expect(await training.ended).toMatchObject({ status: 'finished' });
  });

  it('has crashed when it happens a second time', async () => {
    const { hosts, training, store } = startCrashing();
    hosts[0].exit({ code: null, signal: 'SIGABRT' });
    await vi.waitUntil(() => hosts.length === 2);
    hosts[1].exit({ code: null, signal: 'SIGABRT' });
    const ended = await training.ended;
    expect(ended.status).toBe('crashed');
    expect(ended.error).toMatch(/SIGABRT/);
    expect(hosts).toHaveLength(2);
    expect(listLeases(store.db)).toEqual([]);
  });

  it('is not started again while it is being paused', async () => {
    const { hosts, training } = startCrashing();
    training.pause();
    hosts[0].exit({ code: null, signal: 'SIGSEGV' });
    expect(await training.ended).toMatchObject({ status: 'crashed' });
    expect(hosts).toHaveLength(1);
  });
});
