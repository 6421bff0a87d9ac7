import { describe, expect, it } from 'vitest';
import { runConfigSchema, type RunConfigInput } from '../../shared/config/config.ts';
import type { RequestInput } from '../../shared/contract.ts';
import { insertRun } from '../../main/store/runs/runLifecycle.ts';
import { acquireLease } from '../../main/store/runs/leases.ts';
import { openStore } from '../../main/store/store.ts';
import {
  checkpointEvent,
  endedEvent,
  evaluationEvent,
  previewEvent,
  readyEvent,
  startedEvent,
  stepEvent,
} from '../jobs/fakeHost.ts';
import { endHost, settle } from '../jobs/exampleLane.ts';
import { openExampleLaboratory, waitUntil } from './exampleLaboratory.ts';

function newRun(changes: Partial<RequestInput<'training.create'>> = {}, config: RunConfigInput = {}) {
  const full = runConfigSchema.parse({ preset: 'tiny', train: { steps: 100, logEverySteps: 2 }, ...config });
  return { config: full, datasetId: 'synthetic', then: 'start', ...changes } as const;
}

describe('a new run', () => {
  it('is created with the name of its preset, the source of the dataset and its tags, and starts', async () => {
    const { ask, hosts, sentEvents } = await openExampleLaboratory();
    const config = { data: { source: 'folder:/etc' } };
    const run = await ask('training.create', newRun({ tags: ['a'] }, config));
    expect(run).toMatchObject({ name: 'tiny', status: 'queued', config: { data: { source: 'synthetic' } } });
    expect(hosts[0].sent).toMatchObject([
      { type: 'train', job: { config: { data: { source: 'synthetic' } } } },
    ]);
    expect((await ask('runs.list', {})).rows).toMatchObject([{ id: run.id, tags: ['a'] }]);
    expect(sentEvents('runs.listChanged').length).toBe(1);
  });

  it('can be created without starting, and waits while another run is computed', async () => {
    const { ask, hosts } = await openExampleLaboratory();
    const kept = await ask('training.create', newRun({ name: 'kept', then: 'keep' }));
    expect([kept.status, hosts.length]).toEqual(['queued', 0]);
    await ask('training.create', newRun({ name: 'first' }));
    const second = await ask('training.create', newRun({ name: 'second' }));
    expect(second.status).toBe('queued');
    expect(await ask('queue.get', {})).toMatchObject({
      active: [{ job: { name: 'first' } }],
      waiting: [{ name: 'second' }],
    });
  });

  it('is rejected if its dataset is not listed or its folder is missing', async () => {
    const { ask, expectFailure, folder } = await openExampleLaboratory();
    expect((await expectFailure('training.create', newRun({ datasetId: 'folder-0123456789ab' }))).code).toBe(
      'notFound',
    );
    const other = openStore(folder);
    insertRun(other, { name: 'x', config: runConfigSchema.parse({ data: { source: 'folder:/gone/away' } }) });
    other.close();
    const { id } = (await ask('data.list', {})).find(({ kind }) => kind === 'folder') ?? { id: '' };
    const { code, message } = await expectFailure('training.create', newRun({ datasetId: id }));
    expect([code, message]).toEqual(['conflict', expect.stringContaining('/gone/away does not exist')]);
  });

  it('can be the demonstration with preset tiny, generated shapes and three minutes', async () => {
    const { ask } = await openExampleLaboratory();
    expect(await ask('training.demo', {})).toMatchObject({
      name: 'demo',
      preset: 'tiny',
      status: 'queued',
      config: { data: { source: 'shapes' }, train: { minutes: 3 } },
    });
  });
});

describe('a run that is computed', () => {
  it('sends events for points, previews, checkpoints and evaluations, and a notice when it finishes', async () => {
    const { ask, hosts, sentEvents, laboratory, folder } = await openExampleLaboratory();
    const { id } = await ask('training.create', newRun());
    const [host] = hosts;
    const runFolder = `${folder}/runs/${id}`;
    for (const event of [
      readyEvent,
      startedEvent(),
      previewEvent(0),
      stepEvent(1),
      stepEvent(2),
      stepEvent(3),
    ])
      host.emit(event);
    host.emit(evaluationEvent(4));
    host.emit(checkpointEvent(runFolder, 4, { bestPsnr: 24 }));
    await waitUntil(() => sentEvents('run.metrics').length > 0 && sentEvents('run.preview').length > 0);
    const points = sentEvents('run.metrics').flatMap((event) => event.points);
    expect(points.map(({ step, name }) => `${step} ${name}`)).toEqual([
      '1 loss',
      '1 gradNorm',
      '1 learningRate',
      '2 loss',
      '2 gradNorm',
      '2 learningRate',
      '4 evaluation/mse',
      '4 evaluation/mae',
      '4 evaluation/psnr',
      '4 evaluation/ssim',
    ]);
    expect(sentEvents('run.preview')).toEqual([{ runId: id, step: 0 }]);
    expect(sentEvents('run.checkpoint')).toEqual([{ runId: id, step: 4 }]);
    expect(await laboratory.media(`runs/${id}/previews/0.png`)).toMatchObject({ type: 'image/png' });
    host.emit(endedEvent('finished', 4));
    host.exit();
    await waitUntil(() => sentEvents('notice').length > 0);
    expect(sentEvents('notice')).toEqual([
      { level: 'success', message: '“tiny” has finished: 4 steps, best 24.00 dB.', runId: id },
    ]);
    await waitUntil(() => sentEvents('runs.changed').at(-1)?.[0].status === 'finished');
    expect(sentEvents('queue.changed').at(-1)).toEqual({ active: [], waiting: [], held: false });
  });

  it('sends changes of runs at most about twice a second', async () => {
    const { ask, hosts, sentEvents } = await openExampleLaboratory();
    await ask('training.create', newRun());
    hosts[0].emit(readyEvent);
    hosts[0].emit(startedEvent());
    const startedAt = performance.now();
    for (let step = 1; performance.now() - startedAt < 1200; step++) {
      hosts[0].emit(stepEvent(step));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const most = 2 + (performance.now() - startedAt) / 500;
    expect(sentEvents('runs.changed').length).toBeLessThanOrEqual(most);
    expect(sentEvents('runs.changed').length).toBeGreaterThan(1);
  });

  it('continues if a page cannot be notified', async () => {
    const { ask, hosts, laboratory } = await openExampleLaboratory();
    laboratory.connect({
      handle: () => undefined,
      send() {
        throw new Error('The page is gone.');
      },
    });
    const { id } = await ask('training.create', newRun());
    await endHost(hosts[0]);
    expect((await ask('runs.get', { id })).run.status).toBe('finished');
    expect((await ask('system.log', { lines: 100 })).at(-1)?.text).toMatch(
      /could not be sent: The page is gone/,
    );
  });

  it('that crashes is reported with the reason and can be resumed', async () => {
    const { ask, hosts, sentEvents } = await openExampleLaboratory();
    const { id } = await ask('training.create', newRun());
    hosts[0].exit({ code: null, signal: 'SIGKILL' });
    await waitUntil(() => sentEvents('notice').length > 0);
    expect(sentEvents('notice')).toMatchObject([
      { level: 'error', runId: id, message: expect.stringContaining('memory') },
    ]);
    await ask('training.start', { id });
    expect((await ask('queue.get', {})).active.at(0)?.job.runId).toBe(id);
  });
});

describe('control of training', () => {
  it('pauses, resumes and stops a run', async () => {
    const { ask, hosts } = await openExampleLaboratory();
    const { id } = await ask('training.create', newRun());
    expect((await ask('training.pause', { id })).active.at(0)?.phase).toBe('pausing');
    await endHost(hosts[0], 'paused');
    await ask('training.start', { id });
    await ask('training.stop', { id });
    await endHost(hosts[1], 'stopped');
    expect((await ask('runs.get', { id })).run.status).toBe('stopped');
  });

  it('removes a waiting run from the queue, and marks it as stopped if it is stopped', async () => {
    const { ask } = await openExampleLaboratory();
    await ask('training.create', newRun({ name: 'first' }));
    const b = await ask('training.create', newRun());
    const c = await ask('training.create', newRun());
    expect((await ask('training.pause', { id: b.id })).waiting.map(({ runId }) => runId)).toEqual([c.id]);
    expect((await ask('training.stop', { id: c.id })).waiting).toEqual([]);
    expect((await ask('runs.get', { id: b.id })).run.status).toBe('queued');
    expect((await ask('runs.get', { id: c.id })).run.status).toBe('stopped');
  });

  it('rejects impossible requests with the reason', async () => {
    const { ask, expectFailure, hosts, folder } = await openExampleLaboratory();
    const { id } = await ask('training.create', newRun({ name: 'a' }));
    expect(await expectFailure('training.start', { id })).toMatchObject({ code: 'conflict' });
    expect(await expectFailure('training.evaluate', { id })).toMatchObject({
      message: expect.stringMatching(/no checkpoint yet/),
    });
    await endHost(hosts[0]);
    expect((await expectFailure('training.start', { id })).message).toBe(
      '“a” has finished. Give it a larger budget to continue.',
    );
    expect((await expectFailure('training.pause', { id })).message).toMatch(/is already finished/);
    expect((await expectFailure('training.start', { id, budget: { steps: 1, epochs: 1 } })).code).toBe(
      'invalid',
    );
    expect((await expectFailure('training.start', { id: 'zzzzzzzz' })).code).toBe('notFound');
    const { id: elsewhere } = await ask('training.create', newRun({ then: 'keep' }));
    const other = openStore(folder);
    acquireLease(other.db, elsewhere);
    expect((await expectFailure('training.stop', { id: elsewhere })).message).toMatch(
      /active in another process/,
    );
    other.close();
  });

  it('extends the budget of a finished run', async () => {
    const { ask, hosts } = await openExampleLaboratory();
    const { id } = await ask('training.create', newRun());
    await endHost(hosts[0]);
    await ask('training.start', { id, budget: { steps: 200 } });
    expect(hosts[1].sent[0]).toMatchObject({ job: { config: { train: { steps: 200 } } } });
    hosts[1].emit(readyEvent);
    hosts[1].emit(startedEvent());
    expect((await ask('runs.get', { id })).run.config.train).toMatchObject({ steps: 200, minutes: null });
  });

  it('does not delete an active run, and removes a deleted run from the queue', async () => {
    const { ask } = await openExampleLaboratory();
    const a = await ask('training.create', newRun());
    const b = await ask('training.create', newRun());
    const message = 'The run is active. Pause or stop it first.';
    expect(await ask('runs.delete', { ids: [a.id, b.id] })).toEqual([{ id: a.id, message }]);
    expect((await ask('queue.get', {})).waiting).toEqual([]);
    expect((await ask('runs.list', { view: 'trash' })).rows.map(({ id }) => id)).toEqual([b.id]);
  });
});

describe('another session on the same folder', () => {
  it('holds the queue, or starts it if the settings say so', async () => {
    const first = await openExampleLaboratory();
    await first.ask('training.create', newRun({ name: 'a' }));
    await first.ask('training.create', newRun({ name: 'b' }));
    await first.laboratory.close();
    const second = await openExampleLaboratory({}, first.folder);
    expect(await second.ask('queue.get', {})).toMatchObject({
      active: [],
      held: true,
      waiting: [{ name: 'b' }],
    });
    await second.ask('settings.change', { startQueue: true });
    await second.laboratory.close();
    const third = await openExampleLaboratory({}, first.folder);
    expect(await third.ask('queue.get', {})).toMatchObject({ active: [{ job: { name: 'b' } }], held: false });
  });

  it('is followed, and its new runs are sent as events', async () => {
    const { ask, sentEvents, folder } = await openExampleLaboratory();
    await ask('runs.list', {});
    const other = openStore(folder);
    const { id } = insertRun(other, { name: 'from a terminal', config: runConfigSchema.parse({}) });
    await waitUntil(() => sentEvents('runs.listChanged').length > 0 && sentEvents('runs.changed').length > 0);
    expect(sentEvents('runs.changed').at(-1)).toMatchObject([{ id, name: 'from a terminal' }]);
    other.close();
    await settle();
  });
});
