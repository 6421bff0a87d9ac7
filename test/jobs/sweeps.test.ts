import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { readSummaries } from '../../main/store/runs/runList.ts';
import { readRunLog } from '../../main/store/runs/runLog.ts';
import { getRun } from '../../main/store/runs/runs.ts';
import { softDeleteRun } from '../../main/store/runs/runLifecycle.ts';
import { openStore } from '../../main/store/store.ts';
import { getSweep, listMemberRuns, setSweepState } from '../../main/store/sweeps.ts';
import { describeMembership, readSweepFacts } from '../../main/jobs/sweeps/sweepState.ts';
import { describeRungs } from '../../shared/sweep/sweepText.ts';
import { openExampleSweeps } from './exampleSweeps.ts';
import { checkpointEvent, endedEvent, readyEvent, startedEvent, stepEvent } from './fakeHost.ts';
import { settle } from './exampleLane.ts';

const one = { axes: [{ kind: 'list' as const, path: 'optim.learningRate', values: [1e-3, 2e-3] }] };

describe('a sweep on this machine', () => {
  it('trains and scores every member with its own configuration, and finishes', async () => {
    const { sweeps, create, read, idle, log, ends, store } = openExampleSweeps();
    const id = create();
    sweeps.start(id);
    await idle();
    expect(log).toEqual(
      [0, 1, 2, 3, 4, 5].flatMap((member) => [`train ${member} to 100`, `evaluate ${member} at 100`]),
    );
    const { state, members, list, analysis } = read(id);
    expect([state, members.done, ends]).toEqual(['finished', 6, [null]]);
    expect(list.map(({ score }) => score)).toEqual([1, 1, 2, 2, 4, 4]);
    expect(analysis.settings[0].mean).toBe(4);
    const facts = readSweepFacts(store, getSweep(store.db, id));
    expect(list.map(({ index }) => describeMembership(facts, index)?.rank)).toEqual([5, 5, 3, 3, 1, 1]);
    for (const { runId, values } of list) {
      const { config, status } = getRun(store.db, runId ?? '');
      expect([config.optim.learningRate, config.field.dim]).toEqual(Object.values(values));
      expect([config.train.steps, status]).toEqual([100, 'finished']);
    }
  });

  it('gives its tags to every run', async () => {
    const { sweeps, create, idle, store } = openExampleSweeps();
    const id = create({ ...one, seeds: [1], tags: ['thesis', 'rates'] });
    sweeps.start(id);
    await idle();
    const runs = listMemberRuns(store.db, id).map(({ runId }) => runId);
    expect(runs).toHaveLength(2);
    for (const { tags } of readSummaries(store.db, runs)) expect(tags).toEqual(['rates', 'thesis']);
  });

  it('stops members early by successive halving, with the reason in their logs', async () => {
    const { sweeps, create, read, idle, log, store } = openExampleSweeps();
    const id = create({ halving: { minimum: 20, eta: 3 } });
    sweeps.start(id);
    await idle();
    const { list, members } = read(id);
    expect(members).toMatchObject({ done: 1, 'stopped early': 5 });
    // Of the first three, number 2 is best; of all six, numbers 4 and 5; of these three, number 4.
    expect(list.map(({ rungs }) => rungs.length)).toEqual([1, 1, 2, 1, 3, 2]);
    const stopped = list.filter(({ state }) => state === 'stopped early');
    for (const { runId, reason } of stopped) {
      expect(getRun(store.db, runId ?? '').status).toBe('stopped');
      expect(readRunLog(store.db, runId ?? '').at(-1)?.text).toBe(reason);
    }
    expect(log).toContain('train 4 to 100');
    expect(describeRungs(read(id))).toEqual([
      '20 steps: 6 of 6 runs, at best 4.00 dB',
      '60 steps: 3 of 6 runs, at best 4.00 dB',
      '100 steps: 1 of 6 runs, at best 4.00 dB',
    ]);
  });

  it('continues after the process was killed: finished members are kept, an interrupted one resumes from its checkpoint', async () => {
    let trained = 0;
    const first = openExampleSweeps({
      behave(command, host, work) {
        if (command.type !== 'train' || ++trained < 2) return work();
        host.emit(readyEvent);
        host.emit(startedEvent());
        host.emit(stepEvent(50));
        host.emit(checkpointEvent(command.job.folder, 50));
      },
    });
    const id = first.create(one);
    first.sweeps.start(id);
    await settle();
    await settle();
    // A killed process gives no further signs of life, and has closed nothing else.
    first.sweeps.close();
    const { dataFolder } = first.store;
    first.store.db.prepare("UPDATE leases SET pid = 999999999, process_start = '1'").run();
    first.store.db
      .prepare(`UPDATE sweeps SET owner = json_set(owner, '$.pid', 999999999, '$.processStart', '1')`)
      .run();
    const store = openStore(dataFolder);
    const second = openExampleSweeps({ store });
    expect(second.read(id)).toMatchObject({ state: 'paused', members: { done: 1, active: 1 } });
    second.sweeps.start(id);
    await second.idle();
    expect(second.log).toEqual(['train 1 to 100', 'evaluate 1 at 100']);
    const [command] = second.hosts[0].sent;
    expect(command).toMatchObject({ job: { checkpoint: expect.stringContaining('ckpt-50') as string } });
    expect(second.read(id).state).toBe('finished');
    store.close();
  });

  it('scores a finished member by a stored evaluation of its protocol instead of computing it again', async () => {
    const { sweeps, create, idle, store, log, read } = openExampleSweeps();
    const id = create(one);
    sweeps.start(id);
    await idle();
    store.db.prepare('DELETE FROM sweep_scores WHERE member = 1').run();
    log.length = 0;
    sweeps.start(id);
    await idle();
    expect([log, read(id).state, read(id).list[1].score]).toEqual([[], 'finished', 2]);
  });

  it('leaves a crashed member out, computes the others, and tries it again on request', async () => {
    let crashes = true;
    const { sweeps, create, idle, read, ends, log } = openExampleSweeps({
      behave(command, host, work) {
        if (!crashes || command.type !== 'train' || command.job.config.optim.learningRate !== 1e-3)
          return work();
        host.emit(readyEvent);
        host.emit(startedEvent());
        host.emit({ type: 'failed', cause: 'error', message: 'out of memory' });
        host.exit();
      },
    });
    const id = create(one);
    sweeps.start(id);
    await idle();
    expect(read(id)).toMatchObject({ state: 'paused', members: { failed: 1, done: 1 } });
    expect(read(id).list[0].reason).toBe('out of memory');
    expect(ends).toEqual(['1 of 2 runs failed. Look at their reasons, then try them again.']);
    crashes = false;
    log.length = 0;
    sweeps.start(id);
    await idle();
    expect([read(id).state, log]).toEqual(['finished', ['train 0 to 100', 'evaluate 0 at 100']]);
  });

  it('counts a diverged member as the worst and does not compute it again', async () => {
    const { sweeps, create, idle, read, log } = openExampleSweeps({
      behave(command, host, work) {
        if (command.type !== 'train' || command.job.config.optim.learningRate !== 1e-3) return work();
        host.emit(readyEvent);
        host.emit(startedEvent());
        host.emit(endedEvent('diverged', 7));
        host.exit();
      },
    });
    const id = create(one);
    sweeps.start(id);
    await idle();
    expect(read(id)).toMatchObject({ state: 'finished', members: { diverged: 1, done: 1 } });
    expect(log).toEqual(['train 1 to 100', 'evaluate 1 at 100']);
  });

  it('is paused with the reason if a member cannot be started, and creates no further runs', async () => {
    const { sweeps, create, idle, read, store, ends } = openExampleSweeps({
      behave(_, host) {
        host.emit({ type: 'failed', cause: 'data', message: 'The folder is gone.' });
        host.exit();
      },
    });
    const id = create();
    sweeps.start(id);
    await idle();
    expect(read(id).state).toBe('paused');
    expect(getSweep(store.db, id).error).toContain('The folder is gone.');
    expect([ends.length, listMemberRuns(store.db, id).length]).toEqual([1, 1]);
  });

  it('pauses its active member on request, starts no other, and continues it later', async () => {
    let isHeld = true;
    const { sweeps, create, idle, read, lane, hosts, log } = openExampleSweeps({
      behave(command, host, work) {
        if (command.type === 'pause') {
          host.emit(endedEvent('paused', 5));
          host.exit();
        } else if (isHeld && command.type === 'train') {
          host.emit(readyEvent);
          host.emit(startedEvent());
          host.emit(stepEvent(5));
          host.emit(checkpointEvent(command.job.folder, 5));
        } else work();
      },
    });
    const id = create(one);
    sweeps.start(id);
    await settle();
    sweeps.end(id, 'pause');
    await settle();
    await settle();
    expect([lane.isBusy(), hosts.length, read(id).state]).toEqual([false, 1, 'paused']);
    isHeld = false;
    sweeps.start(id);
    await idle();
    expect([read(id).state, log[0]]).toEqual(['finished', 'train 0 to 100']);
  });

  it('continues a member that was paused by itself when it is resumed, as its sweep asks for', async () => {
    const held = new Set<string>();
    const { sweeps, create, idle, read, lane, log } = openExampleSweeps({
      behave(command, host, work) {
        if (command.type === 'pause') {
          host.emit(endedEvent('paused', 5));
          host.exit();
        } else if (command.type === 'train' && held.size < 2 && !held.has(command.job.folder)) {
          held.add(command.job.folder);
          host.emit(readyEvent);
          host.emit(startedEvent());
          host.emit(stepEvent(5));
          host.emit(checkpointEvent(command.job.folder, 5));
        } else work();
      },
    });
    const id = create({ ...one, halving: { minimum: 50, eta: 2 } });
    sweeps.start(id);
    await settle();
    const runId = read(id).list[0].runId ?? '';
    expect(sweeps.resume(runId)).toBe(false);
    lane.end({ kind: 'training', runId }, 'pause');
    await settle();
    await settle();
    expect(read(id)).toMatchObject({ state: 'running', members: { paused: 1, active: 1 } });
    expect(sweeps.resume(runId)).toBe(true);
    expect(read(id).members).toMatchObject({ paused: 0, active: 2 });
    lane.end({ kind: 'training', runId: read(id).list[1].runId ?? '' }, 'pause');
    await idle();
    expect(read(id)).toMatchObject({ state: 'paused', members: { paused: 1 } });
    expect(log[0]).toBe('train 0 to 50');
  });

  it('leaves a member alone that was paused by itself, and computes a deleted one again', async () => {
    let isHeld = true;
    const { sweeps, create, idle, read, lane, store } = openExampleSweeps({
      behave(command, host, work) {
        if (command.type === 'pause') {
          host.emit(endedEvent('paused', 5));
          host.exit();
        } else if (isHeld && command.type === 'train') {
          isHeld = false;
          host.emit(readyEvent);
          host.emit(startedEvent());
        } else work();
      },
    });
    const id = create(one);
    sweeps.start(id);
    await settle();
    const runId = read(id).list[0].runId ?? '';
    lane.end({ kind: 'training', runId }, 'pause');
    await idle();
    expect(read(id)).toMatchObject({
      state: 'paused',
      members: { paused: 1, failed: 0, done: 1 },
      error: '1 of 2 runs were paused by themselves. Resume the sweep to continue them.',
    });
    expect(read(id).list[0].reason).toBe('It was paused by itself; resume it to continue.');
    softDeleteRun(store, runId);
    sweeps.start(id);
    await idle();
    expect(read(id)).toMatchObject({ state: 'finished', members: { done: 2 } });
    expect(read(id).list[0].runId).not.toBe(runId);
  });

  it('is paused with the reason as soon as a member says that the disk is full, and tries no other', async () => {
    const { sweeps, create, idle, read, hosts, ends } = openExampleSweeps({
      behave(_, host) {
        host.emit(readyEvent);
        host.emit(startedEvent());
        host.emit({ type: 'failed', cause: 'storage', message: 'There is no space left.' });
        host.exit();
      },
    });
    const id = create(one);
    sweeps.start(id);
    await idle();
    expect([read(id).state, read(id).error, hosts.length]).toEqual(['paused', 'There is no space left.', 1]);
    expect(read(id).list[0]).toMatchObject({ state: 'failed', reason: 'There is no space left.' });
    expect(ends).toEqual(['There is no space left.']);
  });

  it('is given up with the reason if the next member cannot be recorded, which is stored once that is possible', async () => {
    const beats = catchHeartbeats();
    const { sweeps, create, idle, read, store, ends } = openExampleSweeps();
    const id = create(one);
    sweeps.start(id);
    store.db.pragma('query_only = 1');
    await idle();
    const reason = expect.stringMatching(
      /could not be recorded: The database is on a read-only disk.*resume/,
    );
    expect([ends, read(id).state, sweeps.next()]).toEqual([[reason], 'running', null]);
    store.db.pragma('query_only = 0');
    beats();
    expect(read(id)).toMatchObject({ state: 'paused', error: reason });
    sweeps.start(id);
    await idle();
    expect(read(id)).toMatchObject({ state: 'finished', error: null });
  });

  it('stays finished if another process has finished it, and is no longer computed by this one', async () => {
    const beats = catchHeartbeats();
    const { sweeps, create, read, store, ends } = openExampleSweeps({ behave: () => undefined });
    const id = create(one);
    sweeps.start(id);
    await settle();
    setSweepState(store.db, id, { state: 'finished' });
    beats();
    beats();
    expect([read(id).state, ends, sweeps.next()]).toEqual(['finished', [null], null]);
  });
});

/** Returns a function that lets the time to the next heartbeat pass. */
function catchHeartbeats(): () => void {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  return () => void vi.advanceTimersByTime(3000);
}
