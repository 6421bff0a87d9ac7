import { describe, expect, it } from 'vitest';
import { resolvePreset, tiny } from '../../shared/config/presets.ts';
import type { SweepSpecInput } from '../../shared/sweep/sweep.ts';
import { openExampleLaboratory, waitUntil } from './exampleLaboratory.ts';

function request(changes: Partial<SweepSpecInput> = {}) {
  const axes = [{ kind: 'list' as const, path: 'optim.learningRate', values: [1e-3, 2e-3] }];
  const spec = {
    name: 'rates',
    base: resolvePreset(tiny),
    axes,
    seeds: [1, 2],
    budget: { steps: 900 },
    ...changes,
  };
  return { spec, datasetId: 'synthetic' };
}

describe('the requests about sweeps', () => {
  it('plan a sweep without creating anything: runs, disk and warnings', async () => {
    const { ask } = await openExampleLaboratory();
    const plan = await ask('sweeps.plan', request());
    expect(plan).toMatchObject({ members: 4, settings: 2, seeds: 2, rungs: [{ steps: 900 }], warnings: [] });
    expect(plan.list.map(({ name }) => name)).toContain('rates · learningRate 0.002 · seed 2');
    expect(plan.bytes).toBeGreaterThan(1e6);
    expect([await ask('sweeps.list', {}), (await ask('runs.list', {})).total]).toEqual([[], 0]);
    const halved = await ask('sweeps.plan', request({ halving: { minimum: 100, eta: 3 }, seeds: [] }));
    expect(halved.rungs).toEqual([100, 300, 900].map((steps) => ({ steps })));
    expect(halved.warnings).toEqual([
      'Every setting has one seed, so that its score may be chance. Add seeds.',
      'With fewer than 3 runs, none is stopped early after 100 steps.',
    ]);
  });

  it('create, rename, start, pause and delete a sweep, with its runs if wanted', async () => {
    const { ask, hosts, sentEvents } = await openExampleLaboratory();
    const { id } = await ask('sweeps.create', { ...request(), then: 'keep' });
    expect(await ask('sweeps.rename', { id, name: 'learning rates' })).toMatchObject({
      name: 'learning rates',
    });
    await ask('settings.change', { lanes: 2 });
    expect(await ask('sweeps.start', { id })).toMatchObject({
      state: 'running',
      members: { active: 2, planned: 2 },
    });
    const [command] = hosts[0].sent;
    expect(command).toMatchObject({ type: 'train', job: { config: { seed: 1, train: { steps: 900 } } } });
    const { list } = await ask('sweeps.get', { id });
    expect(list[0]).toMatchObject({ state: 'active', runId: expect.any(String) as string });
    expect(await ask('sweeps.ofRun', { id: list[1].runId ?? '' })).toMatchObject({
      sweepId: id,
      name: 'learning rates',
      index: 1,
      members: 4,
      values: list[1].values,
      seed: list[1].seed,
      state: 'active',
      rank: null,
      scored: 0,
    });
    expect(await ask('sweeps.pause', { id })).toMatchObject({ state: 'paused' });
    expect(hosts[0].sent.at(-1)).toMatchObject({ type: 'pause' });
    for (const host of hosts) host.exit({ code: 1, signal: null });
    await waitUntil(() => sentEvents('queue.changed').at(-1)?.active.length === 0);
    await ask('sweeps.delete', { id, runs: 'trash' });
    expect([await ask('sweeps.list', {}), (await ask('runs.list', {})).total]).toEqual([[], 0]);
    expect(sentEvents('sweeps.listChanged')).toHaveLength(2);
  });

  it('refuse a sweep that cannot be computed, and say what is wrong', async () => {
    const { expectFailure } = await openExampleLaboratory();
    const axes = [{ kind: 'list' as const, path: 'field.dim', values: [31] }];
    const failure = await expectFailure('sweeps.create', { ...request({ axes }), then: 'keep' });
    expect(failure).toMatchObject({ code: 'invalid' });
    expect(failure.message).toContain('dim 31 is no valid configuration');
    expect(await expectFailure('sweeps.get', { id: 'abcdefgh' })).toMatchObject({ code: 'notFound' });
  });
});
