import { describe, expect, it } from 'vitest';
import type { LaneRequest } from '../../main/jobs/laneJob.ts';
import {
  createEvaluationPace,
  createPace,
  type Pace,
  type PaceReading,
} from '../../main/jobs/laneProgress.ts';
import { listEvaluations } from '../../main/store/runs/evaluations.ts';
import { acquireLease, releaseLease } from '../../main/store/runs/leases.ts';
import { readRunLog } from '../../main/store/runs/runLog.ts';
import { readStudy } from '../../main/store/files/studyFiles.ts';
import { getRun } from '../../main/store/runs/runs.ts';
import { exampleEvaluation } from '../reports/exampleEvaluation.ts';
import { openExampleStore } from '../store/exampleStore.ts';
import { exampleStudiedRun } from '../support/exampleStudy.ts';
import {
  endHost,
  insertRuns,
  insertSmallRun,
  listWaiting,
  openExampleLane,
  requestEvaluation,
  requestTraining,
  settle,
} from './exampleLane.ts';
import { readyEvent, startedEvent, stepEvent } from './fakeHost.ts';

describe('a study in the lane', () => {
  const study = (runId: string): LaneRequest => ({
    kind: 'study',
    runId,
    request: { images: [7, 9, 7], samples: 4 },
  });

  it('is sent to the process with each image once, stored in the folder of its run, and announced', async () => {
    const { lane, store, hosts, studied, failures } = openExampleLane();
    const [a] = insertRuns(store, 'a');
    lane.add(study(a));
    const [command] = hosts[0].sent;
    expect(command).toMatchObject({ type: 'study', job: { indices: [7, 9], samples: 4 } });
    hosts[0].emit({ type: 'studied', study: exampleStudiedRun() });
    hosts[0].exit();
    await settle();
    expect([studied, failures, lane.isBusy()]).toEqual([[a], [], false]);
    expect(readStudy(store.runFolder(a))).toMatchObject({ step: 5, images: [{ index: 7 }, { index: 9 }] });
    expect(readRunLog(store.db, a).map(({ kind, step, text }) => [kind, step, text])).toEqual([
      ['study', 4, 'Study starts: 2 images, 4 samples each'],
      ['study', 4, 'Study finished in 12 s'],
    ]);
  });

  it('can be cancelled, which is no failure and stores nothing', async () => {
    const { lane, store, hosts, studied, failures } = openExampleLane();
    const [a] = insertRuns(store, 'a');
    lane.add(study(a));
    expect(lane.end({ kind: 'study', runId: a }, 'stop')).toBe(true);
    hosts[0].exit();
    await settle();
    expect([studied, failures, readStudy(store.runFolder(a))]).toEqual([[], [], null]);
    expect(readRunLog(store.db, a).at(-1)?.text).toBe('Study cancelled');
  });

  it('waits after a training, and survives a restart in the queue', async () => {
    const store = openExampleStore();
    const [a, b] = insertRuns(store, 'a', 'b');
    const first = openExampleLane(store).lane;
    first.add(requestTraining(a));
    first.add(study(b));
    expect(listWaiting(first)).toEqual(['study b']);
    expect(listWaiting(openExampleLane(store).lane)).toEqual(['study b']);
  });
});

describe('the compute lane', () => {
  it('computes one job at a time, in the order of arrival', async () => {
    const { lane, store, hosts, ended } = openExampleLane();
    const [a, b, c] = insertRuns(store, 'a', 'b', 'c');
    for (const id of [a, b, c]) lane.add(requestTraining(id));
    expect(hosts.length).toBe(1);
    expect(lane.state().active.at(0)?.job).toEqual({ kind: 'training', runId: a, name: 'a' });
    expect(listWaiting(lane)).toEqual(['training b', 'training c']);
    await endHost(hosts[0]);
    expect([hosts.length, getRun(store.db, a).status]).toEqual([2, 'finished']);
    expect(lane.state().active.at(0)?.job.runId).toBe(b);
    await endHost(hosts[1]);
    await endHost(hosts[2]);
    expect(ended).toEqual(['training a', 'training b', 'training c']);
    expect([lane.isBusy(), lane.state()]).toEqual([false, { active: [], waiting: [], held: false }]);
  });

  it('keeps the place of a job that already waits, and refuses one that is being computed', () => {
    const { lane, store } = openExampleLane();
    const [a, b, c] = insertRuns(store, 'a', 'b', 'c');
    for (const id of [a, b, c, b]) lane.add(requestTraining(id));
    expect(listWaiting(lane)).toEqual(['training b', 'training c']);
    expect(() => lane.add(requestTraining(a))).toThrow(
      `The training of run ${a} is being computed already. Pause it first.`,
    );
  });

  it('moves and removes waiting jobs', () => {
    const { lane, store } = openExampleLane();
    const [a, b, c, d] = insertRuns(store, 'a', 'b', 'c', 'd');
    for (const id of [a, b, c, d]) lane.add(requestTraining(id));
    expect(lane.move({ kind: 'training', runId: d }, 0)).toBe(true);
    expect(listWaiting(lane)).toEqual(['training d', 'training b', 'training c']);
    lane.move({ kind: 'training', runId: d }, 99);
    expect(listWaiting(lane)).toEqual(['training b', 'training c', 'training d']);
    expect(lane.remove({ kind: 'training', runId: c })).toBe(true);
    expect(lane.remove({ kind: 'evaluation', runId: b })).toBe(false);
    expect(listWaiting(lane)).toEqual(['training b', 'training d']);
  });

  it.each(['pause', 'stop'] as const)('asks the process to %s and shows this as its phase', async (how) => {
    const { lane, store, hosts } = openExampleLane();
    const [a, b] = insertRuns(store, 'a', 'b');
    lane.add(requestTraining(a));
    expect(lane.end({ kind: 'training', runId: b }, how)).toBe(false);
    expect(lane.end({ kind: 'training', runId: a }, how)).toBe(true);
    expect(hosts[0].sent.at(-1)).toEqual({ type: how, scores: true });
    // Whoever asks again does not want to wait for the evaluation.
    lane.end({ kind: 'training', runId: a }, how);
    expect(hosts[0].sent.at(-1)).toEqual({ type: how });
    const status = how === 'pause' ? 'paused' : 'stopped';
    expect(lane.state().active.at(0)?.phase).toBe(how === 'pause' ? 'pausing' : 'stopping');
    await endHost(hosts[0], status);
    expect(getRun(store.db, a).status).toBe(status);
  });

  it('continues with the next run after a process is killed, and stores the reason in the run', async () => {
    const { lane, store, hosts } = openExampleLane();
    const [a, b] = insertRuns(store, 'a', 'b');
    lane.add(requestTraining(a));
    lane.add(requestTraining(b));
    hosts[0].emit(readyEvent);
    hosts[0].exit({ code: null, signal: 'SIGKILL' });
    await settle();
    expect(getRun(store.db, a)).toMatchObject({
      status: 'crashed',
      error: expect.stringContaining('SIGKILL'),
    });
    expect(lane.state().active.at(0)?.job.runId).toBe(b);
  });

  it('reports a job that cannot be started when its turn comes, and starts the next one', async () => {
    const { lane, store, hosts, failures } = openExampleLane();
    const [a, b, c] = insertRuns(store, 'a', 'b', 'c');
    for (const id of [a, b, c]) lane.add(requestTraining(id));
    acquireLease(store.db, b);
    await endHost(hosts[0]);
    expect(failures).toEqual([expect.stringMatching(/is being computed by process/)]);
    expect(lane.state().active.at(0)?.job.runId).toBe(c);
    releaseLease(store.db, b);
  });

  it('refuses a job that cannot be started, and stays idle', () => {
    const { lane, store } = openExampleLane();
    const { id } = insertSmallRun(store, 'without checkpoint');
    expect(() => lane.add(requestEvaluation(id))).toThrow(/has no checkpoint yet/);
    expect(lane.isBusy()).toBe(false);
  });

  it('stores and reports the result of an evaluation', async () => {
    const { lane, store, hosts, evaluations } = openExampleLane();
    const [a] = insertRuns(store, 'a');
    lane.add(requestEvaluation(a));
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

  it('writes evaluations, and who asked for the end of a training, into the log of the run', async () => {
    const { lane, store, hosts } = openExampleLane();
    const [a] = insertRuns(store, 'a');
    const texts = () => readRunLog(store.db, a).map(({ step, text }) => `${step} ${text}`);
    lane.add(requestEvaluation(a));
    hosts[0].emit({ type: 'evaluated', evaluation: exampleEvaluation });
    hosts[0].exit();
    await settle();
    const psnr = exampleEvaluation.rows.findLast(({ nfe }) => nfe > 0)?.psnr?.toFixed(2);
    const images = `${exampleEvaluation.protocol.images} images`;
    expect(texts().slice(-2)).toEqual([
      '4 Evaluation starts: 3 images, Heun, 2 steps',
      `4 Evaluation finished: PSNR ${psnr} dB (${images})`,
    ]);
    lane.add(requestEvaluation(a));
    const [row] = exampleEvaluation.rows.slice(-1);
    const rows = [26.5, 27.25, 25].map((score) => ({ ...row, psnr: score }));
    hosts[1].emit({ type: 'evaluated', evaluation: { ...exampleEvaluation, rows } });
    hosts[1].exit();
    await settle();
    expect(texts().at(-1)).toBe(`4 Evaluation finished: at best PSNR 27.25 dB (${images})`);
    lane.add(requestEvaluation(a));
    lane.end({ kind: 'evaluation', runId: a }, 'stop');
    hosts[2].exit();
    await settle();
    expect(texts().at(-1)).toBe('4 Evaluation cancelled');
    lane.add(requestTraining(a));
    lane.end({ kind: 'training', runId: a }, 'pause');
    expect(texts().at(-1)).toBe('0 Pause requested on the page');
    await lane.close();
    expect(texts()).toContain('0 End at once requested because the application was closed');
  });

  it('gives classical results of earlier evaluations to the next one', async () => {
    const { lane, store, hosts } = openExampleLane();
    insertRuns(store, 'a', 'b').forEach((id) => lane.add(requestEvaluation(id)));
    expect(hosts[0].sent[0]).toMatchObject({ job: { knownClassical: [] } });
    hosts[0].emit({ type: 'evaluated', evaluation: exampleEvaluation });
    hosts[0].exit();
    await settle();
    const { protocol, rows } = exampleEvaluation;
    const classical = rows.filter(({ nfe }) => nfe === 0);
    expect(hosts[1].sent[0]).toMatchObject({ job: { knownClassical: [{ protocol, rows: classical }] } });
  });
});

describe('the time left of an evaluation', () => {
  it('is extrapolated from what is done since the first report, and unknown before', () => {
    let now = 0;
    const pace = createEvaluationPace(() => now);
    expect(pace.read(0.1)).toBeNull();
    now = 10_000;
    expect(pace.read(0.11)).toBeNull();
    expect(pace.read(0.3)).toBeCloseTo(35, 9);
    now = 45_000;
    expect(pace.read(1)).toBe(0);
  });
});

describe('the progress of the active job', () => {
  it('names the evaluation of the last step, and keeps the steps in view', () => {
    const { lane, store, hosts } = openExampleLane();
    const [a] = insertRuns(store, 'a');
    lane.add(requestTraining(a));
    hosts[0].emit(readyEvent);
    hosts[0].emit(startedEvent());
    hosts[0].emit(stepEvent(7));
    hosts[0].emit({ type: 'progress', phase: 'evaluating the last step', done: 3, total: 64 });
    expect(lane.state().active.at(0)).toMatchObject({
      phase: 'evaluating the last step',
      done: 7,
      total: 100,
    });
    lane.end({ kind: 'training', runId: a }, 'pause');
    expect(lane.state().active.at(0)?.phase).toBe('pausing, evaluating the last step');
  });

  it('is one fraction of an evaluation over all its methods; reading its data is not part of it', () => {
    const { lane, store, hosts } = openExampleLane();
    const [a] = insertRuns(store, 'a');
    lane.add(requestTraining(a));
    const fraction = () => lane.state().active.at(0)?.fraction;
    hosts[0].emit({ type: 'progress', phase: 'reading', done: 9, total: 9 });
    expect(fraction()).toBeNull();
    hosts[0].emit({ type: 'progress', phase: 'thin plate', done: 9, total: 9, fraction: 0.2 });
    expect(fraction()).toBe(0.2);
    hosts[0].emit({ type: 'progress', phase: 'sampling', done: 1, total: 9, fraction: 0.3 });
    expect(fraction()).toBe(0.3);
  });

  it('names its phase, from starting to the first step to training', () => {
    const { lane, store, hosts } = openExampleLane();
    const [a] = insertRuns(store, 'a');
    const phase = () => lane.state().active.at(0)?.phase;
    lane.add(requestTraining(a));
    expect(phase()).toBe('starting');
    const backend = { kind: 'tensorflow', device: 'CPU', version: '2.21.0' } as const;
    hosts[0].emit({ type: 'ready', backend, reason: null });
    hosts[0].emit({ type: 'progress', phase: 'reading', done: 3, total: 9 });
    expect(lane.state().active.at(0)).toMatchObject({
      phase: 'reading',
      done: 3,
      total: 9,
      secondsLeft: null,
    });
    hosts[0].emit(startedEvent());
    expect(phase()).toBe('compiling the graph, first step');
    hosts[0].emit(stepEvent(1));
    hosts[0].emit(stepEvent(2));
    expect(lane.state().active.at(0)).toMatchObject({
      phase: 'training',
      done: 2,
      total: 100,
      stepsPerSecond: 100,
    });
    expect(lane.state().active.at(0)?.quietSeconds).toBeLessThan(5);
  });
});

describe('the compute lane between sessions', () => {
  it('pauses the active job, keeps the waiting ones, and holds them in the next session until they are released', async () => {
    const { lane, store, hosts } = openExampleLane();
    const [a, b] = insertRuns(store, 'a', 'b');
    lane.add(requestTraining(a));
    lane.add(requestTraining(b));
    lane.add(requestEvaluation(a));
    const paused = lane.pauseAll();
    expect(hosts[0].sent.at(-1)).toEqual({ type: 'pause' });
    await endHost(hosts[0], 'paused');
    await paused;
    expect([lane.isBusy(), hosts.length]).toEqual([false, 1]);
    const next = openExampleLane(store);
    expect(next.lane.state()).toMatchObject({ active: [], held: true });
    expect(listWaiting(next.lane)).toEqual(['training b', 'evaluation a']);
    next.lane.release();
    expect(next.lane.state()).toMatchObject({ active: [{ job: { runId: b } }], held: false });
  });

  it('puts an interrupted evaluation first in the queue', async () => {
    const { lane, store, hosts } = openExampleLane();
    const [a, b] = insertRuns(store, 'a', 'b');
    lane.add(requestEvaluation(a));
    lane.add(requestTraining(b));
    const paused = lane.pauseAll();
    expect(hosts[0].sent.at(-1)).toEqual({ type: 'stop' });
    hosts[0].exit();
    await paused;
    expect(listWaiting(openExampleLane(store).lane)).toEqual(['evaluation a', 'training b']);
  });

  it('starts a chosen run while the rest of the queue is held', async () => {
    const first = openExampleLane();
    const [a, b, c] = insertRuns(first.store, 'a', 'b', 'c');
    for (const id of [a, b, c]) first.lane.add(requestTraining(id));
    await first.lane.close();
    const { lane, hosts } = openExampleLane(first.store);
    lane.add(requestTraining(c));
    expect(lane.state()).toMatchObject({ active: [{ job: { runId: c } }], held: true });
    await endHost(hosts[0]);
    expect([lane.isBusy(), listWaiting(lane)]).toEqual([false, ['training b']]);
  });

  it('kills the active job when it is closed; the run can be resumed', async () => {
    const { lane, store, hosts } = openExampleLane();
    const [a] = insertRuns(store, 'a');
    lane.add(requestTraining(a));
    await lane.close();
    expect([hosts[0].isGone(), getRun(store.db, a).status]).toEqual([true, 'interrupted']);
  });
});

/** Reads steps that take these milliseconds, with `between` seconds between two steps; returns the last reading. */
function readSteps(pace: Pace, milliseconds: readonly number[], between = 0): PaceReading {
  let seconds = 0;
  return milliseconds
    .map((time, index) => {
      seconds += time / 1000 + between;
      const numbers = { loss: 1, gradNorm: 1, learningRate: 1, epoch: 0 };
      return pace.read({
        type: 'step',
        step: index + 1,
        ...numbers,
        milliseconds: time,
        processSeconds: seconds,
      });
    })
    .reduce((_, reading) => reading);
}

function startPace(totalSteps: number, minutes: number | null = null): Pace {
  const pace = createPace();
  pace.start({ step: 0, totalSteps, minutes });
  return pace;
}

describe('the pace of a training', () => {
  it('is unknown after the first step, which compiles the graph', () => {
    const unknown = { stepsPerSecond: null, secondsLeft: null, secondsLeftSpread: null };
    expect(readSteps(startPace(100), [90_000])).toEqual(unknown);
  });

  it('is exact for steps of equal duration, whatever the first one took', () => {
    const { stepsPerSecond, secondsLeft, secondsLeftSpread } = readSteps(startPace(100), [
      90_000,
      ...Array(39).fill(500),
    ]);
    expect(stepsPerSecond).toBeCloseTo(2, 9);
    expect(secondsLeft).toBeCloseTo(30, 6);
    expect(secondsLeftSpread).toBeCloseTo(0, 6);
  });

  it('includes the time between steps, in which evaluations and previews are computed', () => {
    const { stepsPerSecond, secondsLeft } = readSteps(startPace(100), Array(50).fill(500), 0.5);
    expect(stepsPerSecond).toBeCloseTo(2, 9);
    expect(secondsLeft).toBeCloseTo(50, 6);
  });

  it('is less certain the more the steps differ', () => {
    const calm = readSteps(
      startPace(1000),
      Array.from({ length: 200 }, (_, step) => (step % 2 ? 490 : 510)),
    );
    const wild = readSteps(
      startPace(1000),
      Array.from({ length: 200 }, (_, step) => (step % 2 ? 100 : 900)),
    );
    expect(wild.secondsLeftSpread).toBeGreaterThan(10 * (calm.secondsLeftSpread ?? NaN));
  });

  it('ends with the time budget if that is used up first, and never falls below zero', () => {
    expect(readSteps(startPace(100_000, 1), Array(20).fill(500)).secondsLeft).toBeCloseTo(50, 6);
    expect(readSteps(startPace(100_000, 1), Array(200).fill(500)).secondsLeft).toBe(0);
    expect(readSteps(startPace(100_000, 1), Array(20).fill(500)).secondsLeftSpread).toBe(0);
  });
});
