import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cancelTasks, inspectTasks, submitTasks } from '../../main/cluster/agent.ts';
import { parseTimeLeft } from '../../main/cluster/slurmCommands.ts';
import { listSubmissions } from '../../main/cluster/sweepFolder.ts';
import { makeSweepFolder, writeState } from './exampleSweep.ts';
import { createFakeSlurm, failed, succeeded } from './fakeSlurm.ts';

// Submissions hold a lock with flock, which is part of Linux.
const describeOnLinux = process.platform === 'linux' ? describe : describe.skip;

const statuses = ({ tasks }: Awaited<ReturnType<typeof inspectTasks>>) => tasks.map(({ status }) => status);

async function submitted(members = 3, given: Parameters<typeof makeSweepFolder>[1] = {}) {
  const folder = makeSweepFolder(members, given);
  const slurm = createFakeSlurm();
  await submitTasks(folder, { again: false }, slurm.tools);
  return { folder, slurm, job: slurm.jobs[0] };
}

describeOnLinux('a submission', () => {
  it('is written down before sbatch is called', async () => {
    const folder = makeSweepFolder(2);
    const slurm = createFakeSlurm();
    let known: unknown = null;
    slurm.nextSubmission = (accept) => {
      known = listSubmissions(folder);
      return succeeded(`${accept().id}\n`);
    };
    await submitTasks(folder, { again: false }, slurm.tools);
    expect(known).toMatchObject([
      { state: 'intended', name: 'lab-abcdefgh-1', members: [0, 1], jobId: null },
    ]);
    expect(listSubmissions(folder)).toMatchObject([{ state: 'submitted', jobId: 100 }]);
  });

  it('divides more runs than MaxArraySize into arrays, one after the other where tasks are limited', async () => {
    const folder = makeSweepFolder(5, { options: { parallel: 2 } });
    const slurm = createFakeSlurm();
    slurm.maxArraySize = 2;
    await submitTasks(folder, { again: false }, slurm.tools);
    expect(slurm.jobs.map(({ args }) => args.filter((arg) => /array|dependency|^\d/.test(arg)))).toEqual([
      ['--array=0-1%2', '0'],
      ['--array=0-1%2', '--dependency=afterany:100', '2'],
      ['--array=0%2', '--dependency=afterany:101', '4'],
    ]);
  });

  it('is not repeated, however often it is requested', async () => {
    const { folder, slurm } = await submitted();
    await submitTasks(folder, { again: false }, slurm.tools);
    await submitTasks(folder, { again: true }, slurm.tools);
    expect(slurm.jobs).toHaveLength(1);
  });

  it('whose answer was lost is found by its name and not repeated', async () => {
    const folder = makeSweepFolder(2);
    const slurm = createFakeSlurm();
    slurm.nextSubmission = (accept) => {
      accept();
      return failed('sbatch: error: Batch job submission failed: Socket timed out on send/recv operation');
    };
    await expect(submitTasks(folder, { again: false }, slurm.tools)).rejects.toThrow(
      /2 runs could not be submitted: .*Socket timed out.* is not submitted twice\.$/,
    );
    expect(listSubmissions(folder)).toMatchObject([{ state: 'intended' }]);
    expect(statuses(await inspectTasks(folder, slurm.tools))).toEqual(['queued', 'queued']);
    await submitTasks(folder, { again: true }, slurm.tools);
    expect(slurm.jobs).toHaveLength(1);
  });

  it('whose tasks have ended since its answer was lost is known from what they wrote', async () => {
    const folder = makeSweepFolder(2);
    const slurm = createFakeSlurm();
    slurm.nextSubmission = () => failed('Connection reset by peer', 255);
    await expect(submitTasks(folder, { again: false }, slurm.tools)).rejects.toThrow(
      'could not be submitted',
    );
    writeState(folder, { member: 1, phase: 'done', result: 'f00d' });
    await submitTasks(folder, { again: false }, slurm.tools);
    expect(slurm.jobs).toHaveLength(0);
    expect(listSubmissions(folder)).toMatchObject([{ state: 'submitted', jobId: 100 }]);
  });

  it('that never reached Slurm is withdrawn, and its runs are submitted again', async () => {
    const folder = makeSweepFolder(2);
    const slurm = createFakeSlurm();
    slurm.nextSubmission = () => failed('', 255);
    await expect(submitTasks(folder, { again: false }, slurm.tools)).rejects.toThrow();
    await submitTasks(folder, { again: false }, slurm.tools);
    expect(listSubmissions(folder)).toMatchObject([
      { state: 'withdrawn' },
      { state: 'submitted', jobId: 100 },
    ]);
    expect(slurm.jobs.map(({ name }) => name)).toEqual(['lab-abcdefgh-2']);
  });

  it('that sbatch is still working on is waited for', async () => {
    const folder = makeSweepFolder(2);
    const slurm = createFakeSlurm();
    slurm.nextSubmission = () => failed('', 255);
    await expect(submitTasks(folder, { again: false }, slurm.tools)).rejects.toThrow();
    slurm.isSubmitting = true;
    await expect(submitTasks(folder, { again: true }, slurm.tools)).rejects.toThrow(
      'sbatch is still working on lab-abcdefgh-1; its end was expected. Try again in a minute.',
    );
    const { messages } = await inspectTasks(folder, slurm.tools);
    expect(messages.join()).toContain('sbatch is still working on lab-abcdefgh-1');
    expect(slurm.jobs).toHaveLength(0);
  });

  it('is not judged while Slurm does not answer', async () => {
    const folder = makeSweepFolder(2);
    const slurm = createFakeSlurm();
    slurm.nextSubmission = () => failed('', 255);
    await expect(submitTasks(folder, { again: false }, slurm.tools)).rejects.toThrow();
    slurm.failures.set('squeue', 'squeue: error: Unable to contact slurm controller (connect failure)');
    await expect(submitTasks(folder, { again: true }, slurm.tools)).rejects.toThrow('Unable to contact');
    expect(listSubmissions(folder)).toMatchObject([{ state: 'intended' }]);
    expect(statuses(await inspectTasks(folder, slurm.tools))).toEqual(['unknown', 'unknown']);
  });

  it('that Slurm refuses says why, and can be repeated with other options', async () => {
    const folder = makeSweepFolder(2);
    const slurm = createFakeSlurm();
    slurm.nextSubmission = () =>
      failed(
        'sbatch: error: Batch job submission failed: Invalid account or account/partition combination specified',
      );
    await expect(submitTasks(folder, { again: false }, slurm.tools)).rejects.toThrow('Invalid account');
    const { tasks } = await inspectTasks(folder, slurm.tools);
    expect(tasks[0]).toMatchObject({
      status: 'planned',
      message: expect.stringMatching(/^Slurm refused it: .*Invalid account.*lab sweep retry\.$/),
    });
    await submitTasks(folder, { again: true }, slurm.tools);
    expect(slurm.jobs).toHaveLength(1);
  });

  it('is refused while another process submits', async () => {
    const folder = makeSweepFolder(2);
    const slurm = createFakeSlurm();
    const list = slurm.tools.slurm.list.bind(slurm.tools.slurm);
    let second: Promise<unknown> | null = null;
    const tools = {
      ...slurm.tools,
      slurm: {
        ...slurm.tools.slurm,
        async list(names: readonly string[]) {
          second ??= submitTasks(folder, { again: false }, slurm.tools).catch(
            (error: Error) => error.message,
          );
          await second;
          return list(names);
        },
      },
    };
    await submitTasks(folder, { again: false }, tools);
    expect(await second).toContain('Another process is submitting or cancelling');
    expect(slurm.jobs).toHaveLength(1);
  });
});

describeOnLinux('the state of a task', () => {
  it('is queued, running or requeued as Slurm and the task say', async () => {
    const { folder, slurm, job } = await submitted(4);
    slurm.setTask(job, 1, 'RUNNING');
    writeState(folder, { member: 1, phase: 'running', step: 5 });
    writeState(folder, { member: 2, phase: 'requeued', step: 6 });
    slurm.setTask(job, 2, 'PENDING', 'BeginTime');
    slurm.setTask(job, 3, 'COMPLETED');
    writeState(folder, { member: 3, phase: 'done', result: 'f00d', step: 12 });
    const status = await inspectTasks(folder, slurm.tools);
    expect(statuses(status)).toEqual(['queued', 'running', 'requeued', 'done']);
    expect(status.counts).toMatchObject({ queued: 1, running: 1, requeued: 1, done: 1, failed: 0 });
    expect(status.tasks[2].message).toBe('It continues from step 6 when Slurm starts it again.');
    expect(status.tasks[1]).toMatchObject({ job: '100_1', node: 'node7', step: 5 });
  });

  it('is failed for a task that vanished, with its last lines; a retry submits it alone', async () => {
    const { folder, slurm, job } = await submitted();
    for (const task of [0, 2]) {
      slurm.setTask(job, task, 'COMPLETED');
      writeState(folder, { member: task, phase: 'done', result: 'f00d' });
    }
    slurm.setTask(job, 1, 'FAILED');
    writeState(folder, { member: 1, phase: 'running', step: 7 });
    writeFileSync(join(folder, 'logs', '100_1.txt'), 'first\n\nslurmstepd: error: Killed\u0007\n');
    const { tasks } = await inspectTasks(folder, slurm.tools);
    expect(tasks[1]).toMatchObject({
      status: 'failed',
      message:
        'Its program failed at step 7 without saying why, as a program does that is killed. Use lab sweep retry: it continues from its newest checkpoint.',
      log: ['first', 'slurmstepd: error: Killed'],
    });
    await submitTasks(folder, { again: true }, slurm.tools);
    expect(slurm.jobs[1].args).toContain('--array=1');
    // What the first job wrote does not count for the second one.
    expect(statuses(await inspectTasks(folder, slurm.tools))).toEqual(['done', 'queued', 'done']);
  });

  it('names what accounts say of a task that Slurm has forgotten', async () => {
    const { folder, slurm, job } = await submitted(1);
    writeState(folder, { member: 0, phase: 'running', step: 7 });
    slurm.forget(job);
    expect((await inspectTasks(folder, slurm.tools)).tasks[0].message).toMatch(/^It ended at step 7 without/);
    slurm.accounts = ['100_0|OUT_OF_MEMORY|lab-abcdefgh-1', '100_0.batch|OUT_OF_MEMORY|batch'];
    expect((await inspectTasks(folder, slurm.tools)).tasks[0].message).toMatch(
      /^It needed more memory than --memory allows at step 7/,
    );
  });

  it('does not depend on clocks', async () => {
    const { folder, slurm, job } = await submitted(2);
    for (const [task, updatedAt] of ['1999-01-01T00:00:00.000Z', '2099-01-01T00:00:00.000Z'].entries()) {
      slurm.setTask(job, task, 'RUNNING');
      writeState(folder, { member: task, phase: 'running', updatedAt });
    }
    expect(statuses(await inspectTasks(folder, slurm.tools))).toEqual(['running', 'running']);
  });

  it('explains why a task never starts', async () => {
    const { folder, slurm, job } = await submitted(3);
    slurm.setTask(job, 0, 'PENDING', 'launch failed requeued held');
    slurm.setTask(job, 1, 'PENDING', 'PartitionTimeLimit');
    slurm.setTask(job, 2, 'PENDING', 'Priority');
    const { tasks } = await inspectTasks(folder, slurm.tools);
    expect(tasks.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^Slurm holds it\..*\(Slurm: launch failed requeued held\)\.$/),
      expect.stringMatching(/^It asks for more than its partition allows/),
      null,
    ]);
  });

  it('is failed if a job ended before its program could start', async () => {
    const { folder, slurm, job } = await submitted(1);
    slurm.setTask(job, 0, 'FAILED');
    writeFileSync(join(folder, 'logs', '100_0.txt'), 'lab: node7 has no program /opt/lab/node\n');
    expect((await inspectTasks(folder, slurm.tools)).tasks[0]).toMatchObject({
      status: 'failed',
      message: expect.stringMatching(/^Its program failed before the program of member 0 had started\./),
      log: ['lab: node7 has no program /opt/lab/node'],
    });
  });

  it('is shown as it last was while Slurm does not answer, and nothing counts as lost', async () => {
    const { folder, slurm } = await submitted(1);
    writeState(folder, { member: 0, phase: 'running', step: 7 });
    slurm.failures.set('squeue', 'slurm_load_jobs error: Unable to contact slurm controller');
    const status = await inspectTasks(folder, slurm.tools);
    expect(status.tasks[0]).toMatchObject({ status: 'unknown', step: 7 });
    expect(status.messages.join()).toMatch(/^Slurm does not answer \(squeue failed: .*Unable to contact/);
    await expect(submitTasks(folder, { again: true }, slurm.tools)).resolves.toBeDefined();
    expect(slurm.jobs).toHaveLength(1);
  });

  it('names a state file that is damaged, and how to continue', async () => {
    const { folder, slurm } = await submitted(1);
    writeState(folder, { member: 0, phase: 'running' });
    writeFileSync(join(folder, 'tasks', '0', 'state.json'), '{"version":1');
    const { messages } = await inspectTasks(folder, slurm.tools);
    expect(messages.join()).toMatch(
      /state\.json cannot be read: .* the run continues from its checkpoint\.$/,
    );
  });
});

describeOnLinux('a cancelled sweep', () => {
  it('ends its living jobs, and a retry continues all that is not done', async () => {
    const { folder, slurm, job } = await submitted(3);
    slurm.setTask(job, 0, 'COMPLETED');
    writeState(folder, { member: 0, phase: 'done', result: 'f00d' });
    slurm.setTask(job, 1, 'RUNNING');
    writeState(folder, { member: 1, phase: 'running', step: 4 });
    const status = await cancelTasks(folder, slurm.tools);
    expect(slurm.calls.get('scancel')).toBe(1);
    expect(statuses(status)).toEqual(['done', 'cancelled', 'cancelled']);
    expect(status.tasks[1].message).toBe(
      'It was cancelled at step 4. Use lab sweep retry: it continues from its newest checkpoint.',
    );
    await submitTasks(folder, { again: false }, slurm.tools);
    expect(slurm.jobs).toHaveLength(1);
    await submitTasks(folder, { again: true }, slurm.tools);
    expect(slurm.jobs[1].args).toContain('--array=1-2');
  });

  it('that was cancelled with scancel alone is shown as cancelled too', async () => {
    const { folder, slurm, job } = await submitted(2);
    await slurm.tools.slurm.cancel(job.id);
    expect(statuses(await inspectTasks(folder, slurm.tools))).toEqual(['cancelled', 'cancelled']);
  });
});

describe('the time that a task has left', () => {
  it.each([
    ['0:09', 9],
    ['2:05', 125],
    ['1:02:03', 3723],
    ['1-12:00:00', 129_600],
    ['UNLIMITED', null],
    ['INVALID', 0],
  ])('%s is read as %s seconds', (text, seconds) => expect(parseTimeLeft(`${text}\n`)).toBe(seconds));
});

describe('the batch script', () => {
  it('quotes folders, keeps extra lines and replaces itself by the program', () => {
    const lines = ['#SBATCH --constraint=a100', 'module load cuda'];
    const folder = makeSweepFolder(2, { options: { partition: 'gpu', gpus: 'a100:1', time: '1-12', lines } });
    const script = readFileSync(join(folder, 'job.sbatch'), 'utf8');
    expect(script).toContain(`folder='${folder.replaceAll("'", `'\\''`)}'`);
    for (const directive of [
      '--partition=gpu',
      '--gpus=a100:1',
      '--time=1-12',
      '--constraint=a100',
      '--requeue',
    ])
      expect(script).toContain(`#SBATCH ${directive}\n`);
    expect(script.indexOf('module load cuda')).toBeGreaterThan(script.indexOf('SBATCH --constraint'));
    expect(script).toMatch(/\nexec "\$node" --disable-sigusr1 .* cluster-task "\$folder" "\$member"\n$/);
  });
});
