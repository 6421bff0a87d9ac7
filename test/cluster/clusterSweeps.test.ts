import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  cancelSweep,
  collectSweep,
  readStatus,
  submitAgain,
  submitSweep,
} from '../../main/cluster/clusterSweeps.ts';
import { readSummaries } from '../../main/store/runs/runList.ts';
import { listRuns } from '../../main/store/runs/runs.ts';
import { insertRun, softDeleteRun } from '../../main/store/runs/runLifecycle.ts';
import {
  createSweep,
  getSweep,
  listMemberRuns,
  listRungScores,
  setSweepState,
} from '../../main/store/sweeps.ts';
import { slurmOptionsSchema } from '../../shared/sweep/slurm.ts';
import { exampleSweepFile } from './exampleSweep.ts';
import { submitExample } from './exampleTask.ts';

const describeOnLinux = process.platform === 'linux' ? describe : describe.skip;

describeOnLinux('a sweep on a cluster', () => {
  it('is submitted once, into a folder named after it', async () => {
    const { tools, id, report, slurm, options } = await submitExample();
    expect(report.place.folder).toMatch(new RegExp(`/Rates-${id}$`));
    expect(report.counts).toMatchObject({ queued: 2 });
    await submitSweep(tools, id, options);
    expect(slurm.jobs).toHaveLength(1);
    expect(readFileSync(join(report.place.folder, 'README.txt'), 'utf8')).toContain(
      `lab sweep collect ${id}`,
    );
  });

  it('is not submitted if its runs were started on this machine', async () => {
    const { tools, store, options } = await submitExample();
    const { spec } = exampleSweepFile(2);
    const { id } = createSweep(store.db, spec);
    insertRun(store, { name: 'here', config: spec.base, sweep: { sweepId: id, member: 0 } });
    await expect(submitSweep(tools, id, options)).rejects.toThrow('has been started on this machine');
  });

  it('imports each run once, as soon as it is done, with its score and its link', async () => {
    const { tools, store, id, task } = await submitExample(2, {
      spec: { tags: ['thesis'] },
      scoreOf: (member) => 20 + member,
    });
    await task.run(1);
    const first = await collectSweep(tools, id);
    expect(first.imported).toMatchObject([{ member: 1, name: 'Rates · seed 1' }]);
    expect(getSweep(store.db, id).state).toBe('running');
    await task.run(0);
    expect((await collectSweep(tools, id)).imported).toMatchObject([{ member: 0 }]);
    expect((await collectSweep(tools, id)).imported).toEqual([]);
    expect(listMemberRuns(store.db, id)).toMatchObject([
      { member: 0, status: 'finished' },
      { member: 1, status: 'finished' },
    ]);
    expect(listRungScores(store.db, id)).toMatchObject([{ score: 20 }, { score: 21 }]);
    const runs = listRuns(store.db).map((run) => run.id);
    expect(readSummaries(store.db, runs).map(({ tags }) => tags)).toEqual([['thesis'], ['thesis']]);
    expect(getSweep(store.db, id).state).toBe('finished');
    expect((await readStatus(tools, id)).collected).toEqual([0, 1]);
  });

  it('does not import a run again that the user has deleted', async () => {
    const { tools, store, id, task } = await submitExample();
    await task.run(0);
    const [{ runId }] = (await collectSweep(tools, id)).imported;
    softDeleteRun(store, runId);
    expect(await collectSweep(tools, id)).toMatchObject({ imported: [], refused: [] });
  });

  it('refuses a run file that is damaged, and imports it once it is whole', async () => {
    const { tools, store, id, task } = await submitExample();
    await task.run(0);
    const file = join(task.folder, 'tasks/0/run.sparsefield');
    const bytes = readFileSync(file);
    truncateSync(file, bytes.length - 1);
    expect(await collectSweep(tools, id)).toMatchObject({
      imported: [],
      refused: [{ member: 0, message: expect.stringContaining('is not the one that its task wrote') }],
    });
    expect(listRuns(store.db)).toHaveLength(0);
    writeFileSync(file, bytes);
    expect((await collectSweep(tools, id)).imported).toHaveLength(1);
  });

  it('brings home members that were stopped early only when nothing can continue them', async () => {
    const spec = { budget: { steps: 12 }, halving: { eta: 2, minimum: 3 } };
    const { store, slurm, tools, id, task } = await submitExample(2, {
      spec,
      scoreOf: (member) => 20 - member,
    });
    await task.run(0);
    expect((await collectSweep(tools, id)).imported).toEqual([]);
    await task.run(1);
    expect((await collectSweep(tools, id)).imported).toMatchObject([{ member: 0 }]);
    for (const member of [0, 1]) slurm.setTask(slurm.jobs[0], member, 'COMPLETED');
    const { imported, tasks } = await collectSweep(tools, id);
    expect(tasks.map(({ status }) => status)).toEqual(['done', 'waiting']);
    expect(imported).toMatchObject([{ member: 1 }]);
    expect(getSweep(store.db, id).state).toBe('finished');
  });

  it('is paused with the reason once Slurm has no task of it left, although runs failed', async () => {
    const { store, slurm, tools, id, task } = await submitExample(3);
    await task.run(0);
    await collectSweep(tools, id);
    expect(getSweep(store.db, id).state).toBe('running');
    for (const member of [0, 1]) slurm.setTask(slurm.jobs[0], member, member === 0 ? 'COMPLETED' : 'FAILED');
    await collectSweep(tools, id);
    expect(getSweep(store.db, id)).toMatchObject({ state: 'running', error: null });
    slurm.setTask(slurm.jobs[0], 2, 'CANCELLED');
    await collectSweep(tools, id);
    const error = 'Of 3 runs, 1 failed and 1 was cancelled. Look at the reasons, then retry.';
    expect(getSweep(store.db, id)).toMatchObject({ state: 'paused', error });
    await submitAgain(tools, id);
    expect(getSweep(store.db, id)).toMatchObject({ state: 'running', error: null });
  });

  it('is not submitted if it was started here while the cluster was being reached', async () => {
    const { tools, store, options } = await submitExample();
    const { id } = createSweep(store.db, exampleSweepFile(2).spec);
    const access = tools.accessOf(null, '/opt/lab');
    const resolvePath = (path: string) => {
      setSweepState(store.db, id, { state: 'running' });
      return access.resolvePath(path);
    };
    const slow = { ...tools, accessOf: () => ({ ...access, resolvePath }) };
    await expect(submitSweep(slow, id, options)).rejects.toThrow('has been started on this machine');
    expect(getSweep(store.db, id).place.kind).toBe('local');
  });

  it('is cancelled, and a retry with other options submits it again into the same folder', async () => {
    const { tools, store, id, slurm, report } = await submitExample();
    expect((await cancelSweep(tools, id)).counts).toMatchObject({ cancelled: 2 });
    expect(getSweep(store.db, id).state).toBe('stopped');
    const options = slurmOptionsSchema.parse({ time: '90', folder: '/elsewhere' });
    const again = await submitAgain(tools, id, options);
    expect(again.place.folder).toBe(report.place.folder);
    expect(readFileSync(join(report.place.folder, 'job.sbatch'), 'utf8')).toContain('#SBATCH --time=90\n');
    expect(slurm.jobs).toHaveLength(2);
  });
});
