import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { claimMember } from '../../main/cluster/claims.ts';
import { listSubmissions, setCancelled, writeSubmission } from '../../main/cluster/sweepFolder.ts';
import { openTaskRecord } from '../../main/cluster/taskRecord.ts';
import { listRuns } from '../../main/store/runs/runs.ts';
import { openStore } from '../../main/store/store.ts';
import { writeState } from './exampleSweep.ts';
import { begin, type Behaviour, openExampleTask, pauseAfter } from './exampleTask.ts';

describe('a task', () => {
  it('trains its member, scores it and leaves a run file', async () => {
    const task = openExampleTask(2, { scoreOf: () => 23.5 });
    expect(await task.run(1)).toBe(0);
    expect(task.work).toEqual(['0-12', 'score 1']);
    expect(task.stateOf(1)).toMatchObject({
      phase: 'done',
      step: 12,
      status: 'finished',
      starts: 1,
      scores: [{ rung: 0, step: 12, score: 23.5, nfe: 1 }],
      result: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(existsSync(join(task.folder, 'tasks/1/run.sparsefield'))).toBe(true);
    expect(task.stateOf(0)).toBeNull();
  });

  it('links its run to the sweep', async () => {
    const task = openExampleTask(2);
    await task.run(1);
    const store = openStore(join(task.folder, 'tasks/1/data'));
    const link = store.db.prepare('SELECT sweep_id, sweep_member FROM runs').get();
    store.close();
    expect(link).toEqual({ sweep_id: 'abcdefgh', sweep_member: 1 });
  });

  it('does not start on a node with a problem, and says which', async () => {
    const problems = ['Backend on node7: WASM (slow). Run npm run setup.'];
    const task = openExampleTask(1, { tools: { checkNode: async () => ({ problems, notes: [] }) } });
    expect(await task.run(0)).toBe(1);
    expect(task.work).toEqual([]);
    expect(task.stateOf(0)).toMatchObject({ phase: 'failed', message: problems[0] });
  });

  it('computes nothing if it is a double, was withdrawn, cancelled or is done', async () => {
    const double = openExampleTask(1);
    expect(await double.run(0, { id: 101 })).toBe(0);
    expect(double.notes.join()).toContain('is a double of job 100; it computes nothing');
    const withdrawn = openExampleTask(1);
    const [submission] = listSubmissions(withdrawn.folder);
    writeSubmission(withdrawn.folder, { ...submission, state: 'withdrawn', jobId: null });
    await withdrawn.run(0);
    expect(withdrawn.notes.join()).toContain('appeared after its submission had been withdrawn');
    const foreign = openExampleTask(1);
    await foreign.run(0, { name: 'other' });
    expect(foreign.notes.join()).toContain('was not submitted by lab sweep');
    const cancelled = openExampleTask(1);
    setCancelled(cancelled.folder, true);
    await cancelled.run(0);
    expect(cancelled.notes).toEqual(['The sweep was cancelled.']);
    const done = openExampleTask(1);
    writeState(done.folder, { member: 0, phase: 'done', result: 'f00d' });
    await done.run(0);
    expect(done.notes).toEqual(['Member 0 is done already.']);
    for (const { work } of [double, withdrawn, foreign, cancelled, done]) expect(work).toEqual([]);
  });

  it('leaves a member alone that a living task of another job computes, and takes it over once that has ended', async () => {
    const task = openExampleTask(1);
    const [submission] = listSubmissions(task.folder);
    writeState(task.folder, {
      member: 0,
      phase: 'running',
      job: { id: 100, task: 0, name: submission.name },
    });
    writeSubmission(task.folder, { ...submission, number: 2, name: 'lab-abcdefgh-2', jobId: 101 });
    const second = { id: 101, task: 0, name: 'lab-abcdefgh-2' };
    expect(await task.run(0, second)).toBe(0);
    expect(task.notes).toEqual(['Member 0 is being computed by task 100_0.']);
    task.slurm.setTask(task.slurm.jobs[0], 0, 'NODE_FAIL');
    expect(await task.run(0, second)).toBe(0);
    expect(task.work).toEqual(['0-12', 'score 0']);
    expect(task.stateOf(0)).toMatchObject({ starts: 2, job: { id: 101 } });
  });

  it('stops writing the state of a member that another task has taken over', () => {
    const { folder } = openExampleTask(1);
    const old = openTaskRecord(folder, 0, { id: 100, task: 0, name: 'a', restarts: 0 });
    const restarted = openTaskRecord(folder, 0, { id: 100, task: 0, name: 'a', restarts: 1 });
    expect(() => old.update({ step: 5 })).toThrow('belongs to task 100_0 now');
    restarted.update({ step: 6 });
    openTaskRecord(folder, 0, { id: 101, task: 0, name: 'b', restarts: 0 });
    expect(() => restarted.update({ step: 7 })).toThrow('belongs to task 101_0 now');
  });
});

/** Holds the training until the task has to end, then trains `steps` and pauses. */
function heldTraining(steps: number, onBegin: () => void): Behaviour {
  let training: Parameters<typeof begin>[0] | null = null;
  return (command, host, proceed) => {
    if (command.type === 'train' && training === null) {
      training = command;
      begin(command, host);
      onBegin();
    } else if (command.type === 'pause' && training) pauseAfter(steps, training, host);
    else proceed();
  };
}

describe('a task at its time limit', () => {
  it('pauses, says so, asks to be requeued, and continues where it was', async () => {
    const task = openExampleTask(1, { behave: heldTraining(5, () => task.end('time')) });
    let phase: string | undefined;
    const requeue = task.slurm.tools.slurm.requeue;
    task.slurm.tools.slurm.requeue = async (...place) => {
      phase = task.stateOf(0)?.phase;
      return requeue(...place);
    };
    expect(await task.run(0)).toBe(0);
    expect(phase).toBe('requeued');
    expect(task.stateOf(0)).toMatchObject({ phase: 'requeued', step: 5 });
    expect(await task.run(0, { restarts: 1 })).toBe(0);
    expect(task.work).toEqual(['5-12', 'score 0']);
    expect(task.stateOf(0)).toMatchObject({ phase: 'done', starts: 2, restarts: 1 });
  });

  it('needs no warning of Slurm, which a controller that was restarted does not send', async () => {
    const task = openExampleTask(1, { behave: heldTraining(5, () => undefined) });
    task.slurm.timeLeft = '2:00';
    expect(await task.run(0)).toBe(0);
    expect(task.stateOf(0)).toMatchObject({ phase: 'requeued', step: 5 });
  });

  it('reports that it has a checkpoint if Slurm does not accept to start it again', async () => {
    const task = openExampleTask(1, { behave: heldTraining(5, () => task.end('time')) });
    task.slurm.failures.set('scontrol', 'scontrol: error: Unable to contact slurm controller');
    expect(await task.run(0)).toBe(0);
    expect(task.slurm.calls.get('scontrol')).toBe(5);
    expect(task.stateOf(0)).toMatchObject({
      phase: 'paused',
      message: expect.stringMatching(
        /^It has a checkpoint at step 5, but Slurm did not accept.*Use lab sweep retry/,
      ),
    });
  });

  it('is not requeued again and again if the limit leaves no time for a step', async () => {
    const task = openExampleTask(1, { behave: heldTraining(0, () => task.end('time')) });
    expect(await task.run(0)).toBe(1);
    expect(task.slurm.calls.get('scontrol')).toBeUndefined();
    expect(task.stateOf(0)?.message).toMatch(
      /^Its time limit left no time for a step after step 0\..*--time/,
    );
  });
});

describe('a task that is ended', () => {
  it.each([
    { state: 'COMPLETING', phase: 'paused', requeues: 0, why: 'by Slurm leaves the rest to it' },
    {
      state: 'RUNNING',
      phase: 'requeued',
      requeues: 1,
      why: 'by its node, which shuts down, asks to be requeued',
    },
  ])('$why', async ({ state, phase, requeues }) => {
    const task = openExampleTask(1, { behave: heldTraining(5, () => task.end('request')) });
    task.slurm.setTask(task.slurm.jobs[0], 0, state);
    expect(await task.run(0)).toBe(0);
    expect(task.stateOf(0)).toMatchObject({ phase, step: 5 });
    expect(task.slurm.calls.get('scontrol') ?? 0).toBe(requeues);
  });

  it('because the sweep was cancelled keeps its checkpoint and is not requeued', async () => {
    const task = openExampleTask(1, {
      behave: heldTraining(5, () => {
        setCancelled(task.folder, true);
        task.end('request');
      }),
    });
    expect(await task.run(0)).toBe(0);
    expect(task.stateOf(0)).toMatchObject({ phase: 'paused', message: 'It was cancelled at step 5.' });
    expect(task.slurm.calls.get('scontrol')).toBeUndefined();
  });

  it('by the end of its compute process says so, and its next task continues', async () => {
    let kills = 0;
    const task = openExampleTask(1, {
      behave: (command, host, proceed) => {
        if (command.type !== 'train' || kills++ > 0) return proceed();
        begin(command, host);
        host.exit({ code: null, signal: 'SIGKILL' });
      },
    });
    expect(await task.run(0)).toBe(1);
    expect(task.stateOf(0)?.message).toMatch(/Use lab sweep retry: it continues from step 0\.$/);
    expect(await task.run(0)).toBe(0);
    const store = openStore(join(task.folder, 'tasks/0/data'));
    const runs = listRuns(store.db);
    store.close();
    expect(runs).toHaveLength(1);
  });
});

describe('early stopping across tasks', () => {
  const halving = {
    given: { spec: { seeds: [1, 2], budget: { steps: 12 }, halving: { eta: 2, minimum: 3 } } },
  };

  it('continues the better one of two members, whichever task finishes last', async () => {
    const task = openExampleTask(2, { ...halving, scoreOf: (member) => (member === 0 ? 30 : 20) });
    await task.run(0);
    expect(task.stateOf(0)).toMatchObject({ phase: 'waiting', scores: [{ score: 30 }] });
    await task.run(1);
    expect(task.work).toEqual(['0-3', 'score 0', '0-3', 'score 1', '3-6', 'score 0', '6-12', 'score 0']);
    expect(task.stateOf(0)).toMatchObject({ phase: 'done', job: { task: 1 } });
    expect(task.stateOf(1)).toMatchObject({ phase: 'waiting', result: expect.any(String) });
  });

  it('leaves a member to the task that claimed it first', async () => {
    const task = openExampleTask(2, { ...halving, scoreOf: (member) => (member === 0 ? 30 : 20) });
    await task.run(0);
    expect(claimMember(task.folder, { member: 0, rung: 1 }, '100_7')).toBe(true);
    await task.run(1);
    expect(task.work).toEqual(['0-3', 'score 0', '0-3', 'score 1']);
  });

  it('continues after a requeue with the member that it was computing', async () => {
    const task = openExampleTask(2, {
      ...halving,
      scoreOf: (member) => (member === 0 ? 30 : 20),
      behave: (command, host, proceed) => {
        const isLast = command.type === 'train' && command.job.checkpoint?.includes('ckpt-3');
        if (!isLast || task.work.length > 4) return proceed();
        begin(command, host);
        task.work.push('interrupted');
        host.exit({ code: null, signal: 'SIGKILL' });
      },
    });
    await task.run(0);
    expect(await task.run(1)).toBe(1);
    writeState(task.folder, { ...task.stateOf(0), member: 0, phase: 'requeued' });
    expect(await task.run(1, { restarts: 1 })).toBe(0);
    expect(task.work.slice(5)).toEqual(['3-6', 'score 0', '6-12', 'score 0']);
  });
});
