import { describe, expect, it } from 'vitest';
import { computeEnvironment } from '../../main/jobs/computeHost.ts';
import { defaultLanes, shareEnvironment, shareOf, wholeMachine } from '../../main/jobs/laneShare.ts';
import { updateRun } from '../../main/store/runs/runs.ts';
import { openExampleStore } from '../store/exampleStore.ts';
import {
  endHost,
  insertRuns,
  listWaiting,
  openExampleLane,
  requestEvaluation,
  requestTraining,
} from './exampleLane.ts';

describe('several lanes', () => {
  it('compute as many jobs at a time as there are lanes, and start the next one as soon as one is free', async () => {
    const { lane, store, hosts, ended } = openExampleLane(openExampleStore(), undefined, () => 2);
    const [a, b, c] = insertRuns(store, 'a', 'b', 'c');
    for (const id of [a, b, c]) lane.add(requestTraining(id));
    expect(lane.state().active.map(({ job }) => job.name)).toEqual(['a', 'b']);
    expect([listWaiting(lane), hosts.length]).toEqual([['training c'], 2]);
    await endHost(hosts[0]);
    expect(lane.state().active.map(({ job }) => job.name)).toEqual(['b', 'c']);
    expect([listWaiting(lane), ended]).toEqual([[], ['training a']]);
  });

  it('never compute two jobs of one run, and let a job of another run pass', () => {
    const { lane, store } = openExampleLane(openExampleStore(), undefined, () => 2);
    const [a, b] = insertRuns(store, 'a', 'b');
    lane.add(requestTraining(a));
    lane.add(requestEvaluation(a));
    lane.add(requestTraining(b));
    expect(lane.state().active.map(({ job }) => job.name)).toEqual(['a', 'b']);
    expect(listWaiting(lane)).toEqual(['evaluation a']);
  });

  it('are paused one by one or all together, and take more jobs when their number grows', async () => {
    let lanes = 1;
    const { lane, store, hosts } = openExampleLane(openExampleStore(), undefined, () => lanes);
    const [a, b] = insertRuns(store, 'a', 'b');
    lane.add(requestTraining(a));
    lane.add(requestTraining(b));
    lanes = 2;
    lane.advance();
    expect(lane.state().active).toHaveLength(2);
    lane.end({ kind: 'training', runId: b }, 'pause');
    expect(lane.state().active.map(({ phase }) => phase)).toEqual(['starting', 'pausing']);
    expect(hosts.map(({ sent }) => sent.length)).toEqual([1, 2]);
    const paused = lane.pauseAll();
    expect(hosts.every(({ sent }) => sent.some(({ type }) => type === 'pause'))).toBe(true);
    for (const host of hosts) await endHost(host, 'paused');
    await paused;
    expect(lane.isBusy()).toBe(false);
  });

  it('divide the threads of the machine, and the graphics cards if there are several', () => {
    expect(shareOf(0, { lanes: 1, cards: ['0', '1'], cores: 8 })).toEqual(wholeMachine);
    expect(shareOf(1, { lanes: 2, cards: [], cores: 8 })).toEqual({ threads: 4, card: null });
    expect(shareOf(3, { lanes: 4, cards: ['0', '1'], cores: 2 })).toEqual({ threads: 1, card: '1' });
    expect(shareEnvironment({ threads: 12, card: null })).toEqual({
      TF_NUM_INTEROP_THREADS: '4',
      TF_NUM_INTRAOP_THREADS: '3',
    });
    expect(computeEnvironment('usual', { threads: 1, card: '1' })).toMatchObject({
      CUDA_VISIBLE_DEVICES: '1',
    });
    const store = openExampleStore();
    const [a] = insertRuns(store, 'a');
    expect(defaultLanes(store.db, () => ['0', '1'])).toBe(1);
    updateRun(store.db, a, { backend: { kind: 'tensorflow', device: 'GPU', version: '2' } });
    expect(defaultLanes(store.db, () => ['0', '1'])).toBe(2);
  });
});
