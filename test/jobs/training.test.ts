import { appendFileSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ComputeEvent } from '../../main/compute/protocol.ts';
import type { ComputeExit, HostMode } from '../../main/jobs/computeHost.ts';
import { startTraining } from '../../main/jobs/training.ts';
import { databaseFile } from '../../main/store/dataFolder.ts';
import type { FileFault } from '../../main/store/files/checkpointFolder.ts';
import { listLeases } from '../../main/store/runs/leases.ts';
import { readRunLog } from '../../main/store/runs/runLog.ts';
import { getRun, updateRun } from '../../main/store/runs/runs.ts';
import { listSegments } from '../../main/store/runs/segments.ts';
import type { ExecutionKind } from '../../shared/run.ts';
import { startChild } from '../store/children/startChild.ts';
import { catchError } from '../store/exampleStore.ts';
import { emitSixSteps, insertTrainingRun, listLoggedSteps, startExample } from './exampleTraining.ts';
import {
  checkpointEvent,
  createFakeHost,
  endedEvent,
  evaluationEvent,
  type FakeHost,
  previewEvent,
  readyEvent,
  startedEvent,
  stepEvent,
} from './fakeHost.ts';
import { sharedCacheFolder } from '../store/temporaryFolder.ts';

afterEach(() => void vi.useRealTimers());

describe('a training that ends by itself', () => {
  it.each(['finished', 'paused', 'stopped'] as const)('is %s if its process reports this', async (end) => {
    const example = startExample();
    const { host, folder, store, run, training } = example;
    emitSixSteps(example);
    host.emit(checkpointEvent(folder, 6));
    host.emit(endedEvent(end, 6));
    host.exit();
    expect(await training.ended).toMatchObject({ status: end, step: 6, error: null });
    expect(listLeases(store.db)).toEqual([]);
    expect(listSegments(store.db, run.id)).toMatchObject([{ fromStep: 0, toStep: 6 }]);
    expect(listLoggedSteps(example)).toEqual([1, 2, 4, 6]);
  });

  it('has a log of its start, scores, checkpoints, images, warnings and end, with steps', async () => {
    const example = startExample();
    const { host, store, run, training } = example;
    emitSixSteps(example);
    host.emit(Object.assign(evaluationEvent(6, 24.5), { warning: 'It learns nothing.' }));
    host.emit(Object.assign(evaluationEvent(6, 24.5), { warning: 'It still learns nothing.' }));
    host.emit(previewEvent(6));
    host.emit(endedEvent('paused', 6));
    host.exit();
    await training.ended;
    const lines = readRunLog(store.db, run.id);
    expect(lines.map(({ kind, step, text }) => [kind, step, text.split(/[.:,]/)[0]])).toEqual([
      ['start', 0, 'WASM 1'],
      ['start', 0, 'Training starts'],
      ['start', 0, 'Data'],
      ['checkpoint', 4, 'Checkpoint'],
      ['evaluation', 6, 'PSNR 24'],
      ['warning', 6, 'It learns nothing'],
      ['evaluation', 6, 'PSNR 24'],
      ['preview', 6, 'Preview of 2 images'],
      ['end', 4, 'Paused at step 4 after 0 s of training'],
    ]);
    expect(readRunLog(store.db, run.id, ['warning', 'end'])).toHaveLength(2);
  });

  it('has diverged at the step whose loss is not finite', async () => {
    const example = startExample();
    emitSixSteps(example);
    example.host.emit(stepEvent(7, { loss: NaN }));
    example.host.emit(endedEvent('diverged', 7));
    example.host.exit();
    const ended = await example.training.ended;
    expect(ended.status).toBe('diverged');
    expect(ended.error).toMatch(/at step 7.*smaller learning rate/);
  });

  it.each([
    ['error', 'crashed'],
    ['storage', 'paused'],
    ['device', 'paused'],
  ] as const)('with a failure of cause "%s" is %s and stores the message', async (cause, status) => {
    const example = startExample();
    emitSixSteps(example);
    example.host.emit({ type: 'failed', cause, message: 'No space left.' });
    example.host.exit();
    expect(await example.training.ended).toMatchObject({ status, error: 'No space left.', step: 4 });
    expect(listLeases(example.store.db)).toEqual([]);
  });

  it('keeps its error, whatever follows it', async () => {
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
    ['exits with an error code', { code: 7, signal: null }, /ended with code 7\. Resuming continues/],
    [
      'exits without an error code or a message',
      { code: 0, signal: null },
      /ended with code 0\. Resuming continues/,
    ],
    ['never starts', { code: null, signal: null }, /ended with code unknown\. Resuming continues/],
  ];
  it.each(silent)('has crashed if its process %s', async (_, exit, reason) => {
    const example = startExample();
    emitSixSteps(example);
    example.host.exit(exit);
    const ended = await example.training.ended;
    expect(ended).toMatchObject({ status: 'crashed', step: 4, error: expect.stringMatching(reason) });
    expect(listLeases(example.store.db)).toEqual([]);
    expect(listLoggedSteps(example)).toEqual([1, 2, 4, 6]);
  });
});

describe('a request of the user', () => {
  it('sends pause or stop to the process; kill interrupts the run without an error', async () => {
    const example = startExample();
    emitSixSteps(example);
    example.training.pause();
    example.training.stop();
    expect(example.host.sent.map(({ type }) => type)).toEqual(['train', 'pause', 'stop']);
    example.training.kill();
    expect(await example.training.ended).toMatchObject({ status: 'interrupted', error: null, step: 4 });
  });
});

describe('the rule of one process per run', () => {
  it('refuses a run that another process computes', async () => {
    const example = insertTrainingRun();
    const holder = startChild('holdLease.ts', databaseFile(example.store.dataFolder), example.run.id);
    await holder.waitFor('held by');
    const refusal = catchError(() => startExample(example)).message;
    expect(refusal).toMatch(/is being computed by process \d+.*Pause or stop it there/);
    await holder.kill();
    const { training, host } = startExample(example);
    host.exit();
    await training.ended;
  });

  it('holds inside one process too', async () => {
    const example = startExample();
    expect(() => startExample(example)).toThrow('is being computed');
    expect(getRun(example.store.db, example.run.id).status).toBe('running');
    example.host.exit();
    await example.training.ended;
  });

  it('leaves the run unchanged if its lease has gone to another process', async () => {
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

describe('resuming a run', () => {
  it('continues from the newest checkpoint and deletes what was logged after it', async () => {
    const first = startExample();
    emitSixSteps(first);
    first.host.exit({ code: 1, signal: null });
    await first.training.ended;
    const second = startExample(first);
    expect(listLoggedSteps(second)).toEqual([1, 2, 4]);
    const path = join(second.folder, 'ckpt-4.safetensors');
    expect(second.host.sent[0]).toMatchObject({ type: 'train', job: { checkpoint: path } });
    second.host.exit();
    await second.training.ended;
    expect(listSegments(first.store.db, first.run.id).map(({ fromStep }) => fromStep)).toEqual([0, 4]);
  });

  it('skips a damaged checkpoint and reports it', async () => {
    const first = startExample();
    emitSixSteps(first);
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

  it('that is finished needs a larger budget', async () => {
    const example = insertTrainingRun();
    const { store, run } = example;
    updateRun(store.db, run.id, { status: 'finished', step: 12, epoch: 6, processSeconds: 90 });
    expect(() => startExample(example)).toThrow(/is finished: there is nothing to resume\. .*--steps N/);
    const withTrain = (train: object) => ({
      config: { ...run.config, train: { ...run.config.train, ...train } },
    });
    for (const spent of [{ steps: 12 }, { steps: null, epochs: 6 }, { minutes: 1.5 }]) {
      expect(() => startExample(example, withTrain(spent))).toThrow(/12 steps \(6 epochs, 1\.5 min\)/);
    }
    expect(getRun(store.db, run.id).config.train.steps).toBe(100);
    const { training, host } = startExample(example, withTrain({ steps: 13 }));
    expect(getRun(store.db, run.id).config.train.steps).toBe(13);
    host.exit();
    await training.ended;
  });

  it('that has diverged is refused', () => {
    const example = insertTrainingRun();
    updateRun(example.store.db, example.run.id, { status: 'diverged' });
    expect(() => startExample(example)).toThrow(/has diverged.*smaller learning rate/);
    expect(listLeases(example.store.db)).toEqual([]);
  });
});

describe('an error of the parent process', () => {
  it('while recording ends the compute process, pauses the run with the reason and releases the lease', async () => {
    const example = startExample();
    emitSixSteps(example);
    example.store.db.exec('ALTER TABLE metrics RENAME TO lost');
    example.host.emit(checkpointEvent(example.folder, 8));
    expect(example.host.isGone()).toBe(true);
    example.store.db.exec('ALTER TABLE lost RENAME TO metrics');
    const ended = await example.training.ended;
    expect(ended).toMatchObject({ status: 'paused', step: 4 });
    expect(ended.error).toMatch(/Recording failed: .*metrics.*then resume/);
    expect(listLeases(example.store.db)).toEqual([]);
  });

  it('that keeps even the end from being recorded lets the run be resumed, and records the end once that is possible', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const example = startExample();
    const { store, run, host, training, folder } = example;
    emitSixSteps(example);
    store.db.pragma('query_only = 1');
    host.emit(checkpointEvent(folder, 8));
    await expect(training.ended).rejects.toThrow(/readonly/);
    expect(getRun(store.db, run.id).status).toBe('running');
    store.db.pragma('query_only = 0');
    vi.advanceTimersByTime(5000);
    expect(getRun(store.db, run.id)).toMatchObject({
      status: 'paused',
      step: 4,
      error: expect.stringMatching(/^Recording failed: The database is on a read-only disk.*then resume\.$/),
    });
    expect(listLeases(store.db)).toEqual([]);
    expect(listSegments(store.db, run.id)).toMatchObject([{ fromStep: 0, toStep: 4 }]);
  });

  it('while writing a preview does the same', async () => {
    const example = startExample();
    rmSync(example.folder, { recursive: true });
    example.host.emit(previewEvent(0));
    expect(await example.training.ended).toMatchObject({
      status: 'paused',
      error: expect.stringMatching(/Recording failed: .* does not exist\. Training stopped/),
    });
    expect(existsSync(example.folder)).toBe(false);
  });

  it('because the database is closed ends the compute process and is passed on', async () => {
    const { store, host, training } = startExample();
    const rejected = expect(training.ended).rejects.toThrow(/database connection is not open/);
    store.db.close();
    host.emit(endedEvent('finished', 1));
    host.emit(checkpointEvent(store.dataFolder, 1));
    expect(host.isGone()).toBe(true);
    await rejected;
  });

  it('before the compute process exists leaves the run unchanged, without a lease', () => {
    const { store, run } = insertTrainingRun();
    const createHost = () => {
      throw new Error('no more processes');
    };
    expect(() => startTraining(store, run.id, { createHost, cacheFolder: sharedCacheFolder })).toThrow(
      'no more processes',
    );
    expect(getRun(store.db, run.id).status).toBe('queued');
    expect(listLeases(store.db)).toEqual([]);
  });
});

describe('a training whose process crashes', () => {
  function startCrashing() {
    const hosts: FakeHost[] = [];
    const modes: (HostMode | undefined)[] = [];
    const messages: string[] = [];
    const example = insertTrainingRun();
    const training = startTraining(example.store, example.run.id, {
      createHost(mode) {
        modes.push(mode);
        hosts.push(createFakeHost());
        return hosts[hosts.length - 1];
      },
      cacheFolder: sharedCacheFolder,
      onEvent: (event) => event.type === 'retried' && messages.push(event.message),
    });
    hosts[0].emit(readyEvent);
    hosts[0].emit(startedEvent());
    return { ...example, folder: example.store.runFolder(example.run.id), training, hosts, modes, messages };
  }

  it('continues from its newest checkpoint in a safe process and reports this', async () => {
    const { hosts, modes, messages, training, folder, store, run } = startCrashing();
    emitSixSteps({ host: hosts[0], folder });
    hosts[0].exit({ code: null, signal: 'SIGSEGV' });
    await vi.waitUntil(() => hosts.length === 2);
    expect(modes).toEqual(['usual', 'safe']);
    expect(messages).toEqual([
      'The compute process crashed (SIGSEGV); continuing once more in a safer, slower mode.',
    ]);
    const [command] = hosts[1].sent;
    expect(command).toMatchObject({ type: 'train', job: { folder } });
    expect(getRun(store.db, run.id).status).toBe('running');
    expect(readRunLog(store.db, run.id, ['error']).map(({ text }) => text)).toEqual(messages);
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

  it('starts again if it has no checkpoint', async () => {
    const { hosts, training } = startCrashing();
    hosts[0].exit({ code: null, signal: 'SIGBUS' });
    await vi.waitUntil(() => hosts.length === 2);
    expect(hosts[1].sent[0]).toMatchObject({ type: 'train', job: { checkpoint: null } });
    hosts[1].emit(endedEvent('finished', 6));
    hosts[1].exit();
    expect(await training.ended).toMatchObject({ status: 'finished' });
  });

  it('has crashed if this happens a second time', async () => {
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

  it('is not started again if it was about to pause', async () => {
    const { hosts, training } = startCrashing();
    training.pause();
    hosts[0].exit({ code: null, signal: 'SIGSEGV' });
    expect(await training.ended).toMatchObject({ status: 'crashed' });
    expect(hosts).toHaveLength(1);
  });
});

function executionEvent(kind: ExecutionKind, what = 'training step'): ComputeEvent {
  return { type: 'execution', what, kind, reason: kind === 'eager' ? 'requested' : null };
}

const backend = { kind: 'wasm', device: 'CPU', version: '1.0.0' };

describe('the execution mode of training steps', () => {
  it.each(['compiled', 'eager'] as const)('is stored with the run’s backend: %s', async (kind) => {
    const { host, store, run, training } = startExample();
    expect(getRun(store.db, run.id).backend).toEqual(backend);
    host.emit(executionEvent(kind));
    host.emit(stepEvent(1));
    expect(getRun(store.db, run.id).backend).toEqual({ ...backend, execution: kind });
    host.emit(endedEvent('finished', 1));
    host.exit();
    expect((await training.ended).backend).toEqual({ ...backend, execution: kind });
  });

  it('is not changed by the report of another function', async () => {
    const { host, training } = startExample();
    host.emit(executionEvent('compiled'));
    host.emit(executionEvent('eager', 'velocity'));
    host.exit();
    expect((await training.ended).backend).toEqual({ ...backend, execution: 'compiled' });
  });

  it('is reported again by the process that resumes the run', async () => {
    const first = startExample();
    first.host.emit(executionEvent('compiled'));
    first.host.exit();
    await first.training.ended;
    const second = startExample(first);
    expect(getRun(second.store.db, second.run.id).backend).toEqual(backend);
    second.host.emit(executionEvent('eager'));
    second.host.exit();
    expect((await second.training.ended).backend).toEqual({ ...backend, execution: 'eager' });
  });

  it('is passed to listeners, with its reason', async () => {
    const seen: ComputeEvent[] = [];
    const { host, training } = startExample(undefined, { onEvent: (event) => seen.push(event) });
    host.emit(executionEvent('eager'));
    host.exit();
    await training.ended;
    expect(seen).toContainEqual({
      type: 'execution',
      what: 'training step',
      kind: 'eager',
      reason: 'requested',
    });
  });
});
