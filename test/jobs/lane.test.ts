import { describe, expect, it } from 'vitest';
import { exampleEvaluation } from '../reports/exampleEvaluation.ts';
import type { Lane } from '../../main/jobs/lane.ts';
import type { LaneRequest } from '../../main/jobs/laneJob.ts';
import { listEvaluations } from '../../main/store/runs/evaluations.ts';
import { acquireLease, releaseLease } from '../../main/store/runs/leases.ts';
import { getRun } from '../../main/store/runs/runs.ts';
import { checkpointEvent, readyEvent, startedEvent, stepEvent } from './exampleEvents.ts';
import { endHost, insertSmallRun, openExampleLane, settle } from './exampleLane.ts';
import type { Store } from '../../main/store/store.ts';

function training(runId: string): LaneRequest {
  return { kind: 'training', runId, request: {} };
}

function evaluation(runId: string): LaneRequest {
  return { kind: 'evaluation', runId, request: { images: 3, samples: 1, solver: 'heun', steps: 2 } };
}

function waitingNames(lane: Lane): string[] {
  return lane.state().waiting.map(({ kind, name }) => `${kind} ${name}`);
}

/** Runs with the file of a checkpoint of step 4 each. */
function insertRuns(store: Store, ...names: string[]): string[] {
  return names.map((name) => {
    const { id } = insertSmallRun(store, name);
    checkpointEvent(store.runFolder(id), 4);
    return id;
  });
}

describe('the compute lane', () => {
  it('computes one job at a time, in the order they came', async () => {
    const { lane, store, hosts, ended } = openExampleLane();
    const [a, b, c] = insertRuns(store, 'a', 'b', 'c');
    for (const id of [a, b, c]) lane.add(training(id));
    expect(hosts.length).toBe(1);
    expect(lane.state().active?.job).toEqual({ kind: 'training', runId: a, name: 'a' });
    expect(waitingNames(lane)).toEqual(['training b', 'training c']);
    await endHost(hosts[0]);
    expect([hosts.length, getRun(store.db, a).status]).toEqual([2, 'finished']);
    expect(lane.state().active?.job.runId).toBe(b);
    await endHost(hosts[1]);
    await endHost(hosts[2]);
    expect(ended).toEqual(['training a', 'training b', 'training c']);
    expect([lane.isBusy(), lane.state()]).toEqual([false, { active: null, waiting: [], held: false }]);
  });

  it('keeps a job that waits already where it is, and refuses one that is being computed', () => {
    const { lane, store } = openExampleLane();
    const [a, b, c] = insertRuns(store, 'a', 'b', 'c');
    for (const id of [a, b, c, b]) lane.add(training(id));
    expect(waitingNames(lane)).toEqual(['training b', 'training c']);
    expect(() => lane.add(training(a))).toThrow(
      `The training of run ${a} is being computed already. Pause it first.`,
    );
  });

  it('moves and removes what waits', () => {
    const { lane, store } = openExampleLane();
    const [a, b, c, d] = insertRuns(store, 'a', 'b', 'c', 'd');
    for (const id of [a, b, c, d]) lane.add(training(id));
    expect(lane.move({ kind: 'training', runId: d }, 0)).toBe(true);
    expect(waitingNames(lane)).toEqual(['training d', 'training b', 'training c']);
    lane.move({ kind: 'training', runId: d }, 99);
    expect(waitingNames(lane)).toEqual(['training b', 'training c', 'training d']);
    expect(lane.remove({ kind: 'training', runId: c })).toBe(true);
    expect(lane.remove({ kind: 'evaluation', runId: b })).toBe(false);
    expect(waitingNames(lane)).toEqual(['training b', 'training d']);
  });

  it.each(['pause', 'stop'] as const)('asks the process to %s, and says so as its phase', async (how) => {
    const { lane, store, hosts } = openExampleLane();
    const [a, b] = insertRuns(store, 'a', 'b');
    lane.add(training(a));
    expect(lane.end({ kind: 'training', runId: b }, how)).toBe(false);
    expect(lane.end({ kind: 'training', runId: a }, how)).toBe(true);
    expect(hosts[0].sent.at(-1)).toEqual({ type: how });
    const status = how === 'pause' ? 'paused' : 'stopped';
    expect(lane.state().active?.phase).toBe(how === 'pause' ? 'pausing' : 'stopping');
    await endHost(hosts[0], status);
    expect(getRun(store.db, a).status).toBe(status);
  });

  it('continues with the next run when a process is killed, and leaves the reason with the run', async () => {
    const { lane, store, hosts } = openExampleLane();
    const [a, b] = insertRuns(store, 'a', 'b');
    lane.add(training(a));
    lane.add(training(b));
    hosts[0].emit(readyEvent);
    hosts[0].exit({ code: null, signal: 'SIGKILL' });
    await settle();
    expect(getRun(store.db, a)).toMatchObject({
      status: 'crashed',
      error: expect.stringContaining('SIGKILL'),
    });
    expect(lane.state().active?.job.runId).toBe(b);
  });

  it('reports a job that cannot be started when its turn comes, and takes the one after it', async () => {
    const { lane, store, hosts, failures } = openExampleLane();
    const [a, b, c] = insertRuns(store, 'a', 'b', 'c');
    for (const id of [a, b, c]) lane.add(training(id));
    acquireLease(store.db, b);
    await endHost(hosts[0]);
    expect(failures).toEqual([expect.stringMatching(/is being computed by process/)]);
    expect(lane.state().active?.job.runId).toBe(c);
    releaseLease(store.db, b);
  });

  it('refuses a job that cannot be started now, and stays free', () => {
    const { lane, store } = openExampleLane();
    const { id } = insertSmallRun(store, 'without checkpoint');
    expect(() => lane.add(evaluation(id))).toThrow(/has no checkpoint yet/);
    expect(lane.isBusy()).toBe(false);
  });

  it('stores and reports what an evaluation found', async () => {
    const { lane, store, hosts, evaluations } = openExampleLane();
    const [a] = insertRuns(store, 'a');
    lane.add(evaluation(a));
    expect(hosts[0].sent[0]).toMatchObject({
      type: 'evaluate',
      job: { images: 3, plans: [{ steps: 2 }], protocol: { split: 'test' } },
    });
    hosts[0].emit({ type: 'evaluated', evaluation: exampleEvaluation });
    hosts[0].exit();
    await settle();
    expect(evaluations).toMatchObject([{ runId: a, step: 4, ...exampleEvaluation }]);
    expect(listEvaluations(store.db, a)).toMatchObject([{ step: 4, ...exampleEvaluation }]);
    expect(lane.isBusy()).toBe(false);
  });
});

describe('the progress of the active job', () => {
  it('names its phase, from starting over the first step to training', () => {
    const { lane, store, hosts } = openExampleLane();
    const [a] = insertRuns(store, 'a');
    const phase = () => lane.state().active?.phase;
    lane.add(training(a));
    expect(phase()).toBe('starting');
    const backend = { kind: 'tensorflow', device: 'CPU', version: '2.21.0' } as const;
    hosts[0].emit({ type: 'ready', backend, reason: null });
    hosts[0].emit({ type: 'progress', phase: 'reading', done: 3, total: 9 });
    expect(lane.state().active).toMatchObject({ phase: 'reading', done: 3, total: 9, secondsLeft: null });
    hosts[0].emit(startedEvent());
    expect(phase()).toBe('compiling the graph, first step');
    hosts[0].emit(stepEvent(1));
    hosts[0].emit(stepEvent(2));
    expect(lane.state().active).toMatchObject({
      phase: 'training',
      done: 2,
      total: 100,
      stepsPerSecond: 100,
    });
    expect(lane.state().active?.quietSeconds).toBeLessThan(5);
  });
});

describe('leaving and coming back', () => {
  it('pauses what is computed, keeps what waits, and holds it in the next session until it is released', async () => {
    const { lane, store, hosts } = openExampleLane();
    const [a, b] = insertRuns(store, 'a', 'b');
    lane.add(training(a));
    lane.add(training(b));
    lane.add(evaluation(a));
    const paused = lane.pauseAll();
    expect(hosts[0].sent.at(-1)).toEqual({ type: 'pause' });
    await endHost(hosts[0], 'paused');
    await paused;
    expect([lane.isBusy(), hosts.length]).toEqual([false, 1]);
    const next = openExampleLane(store);
    expect(next.lane.state()).toMatchObject({ active: null, held: true });
    expect(waitingNames(next.lane)).toEqual(['training b', 'evaluation a']);
    next.lane.release();
    expect(next.lane.state()).toMatchObject({ active: { job: { runId: b } }, held: false });
  });

  it('puts an evaluation that was given up first in the queue', async () => {
    const { lane, store, hosts } = openExampleLane();
    const [a, b] = insertRuns(store, 'a', 'b');
    lane.add(evaluation(a));
    lane.add(training(b));
    const paused = lane.pauseAll();
    expect(hosts[0].sent.at(-1)).toEqual({ type: 'stop' });
    hosts[0].exit();
    await paused;
    expect(waitingNames(openExampleLane(store).lane)).toEqual(['evaluation a', 'training b']);
  });

  it('starts a chosen run while the rest of the queue is held', async () => {
    const first = openExampleLane();
    const [a, b, c] = insertRuns(first.store, 'a', 'b', 'c');
    for (const id of [a, b, c]) first.lane.add(training(id));
    await first.lane.close();
    const { lane, hosts } = openExampleLane(first.store);
    lane.add(training(c));
    expect(lane.state()).toMatchObject({ active: { job: { runId: c } }, held: true });
    await endHost(hosts[0]);
    expect([lane.isBusy(), waitingNames(lane)]).toEqual([false, ['training b']]);
  });

  it('kills what is computed when it is closed; the run can be resumed', async () => {
    const { lane, store, hosts } = openExampleLane();
    const [a] = insertRuns(store, 'a');
    lane.add(training(a));
    await lane.close();
    expect([hosts[0].isGone(), getRun(store.db, a).status]).toEqual([true, 'interrupted']);
  });
});
