import { join } from 'node:path';
import { truncateSync } from 'node:fs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ConnectionError } from '../../main/cluster/access.ts';
import type { ClusterTools } from '../../main/cluster/clusterSweeps.ts';
import { createClusterWatch } from '../../main/cluster/clusterWatch.ts';
import { createSweep, getSweep, listMemberRuns } from '../../main/store/sweeps.ts';
import { describeSweep, readSweepFacts, storedOnly } from '../../main/jobs/sweeps/sweepState.ts';
import type { ClusterView } from '../../shared/sweep/slurm.ts';
import { exampleSweepFile, writeState } from './exampleSweep.ts';
import { submitExample } from './exampleTask.ts';

// Submissions hold a lock with flock, which is part of Linux.
const describeOnLinux = process.platform === 'linux' ? describe : describe.skip;

/** A sweep that was submitted, watched with a clock that tests set forward. */
async function watchExample(members = 2, given: Parameters<typeof submitExample>[1] = {}) {
  const example = await submitExample(members, given);
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: Date.parse('2026-06-01') });
  onTestFinished(() => void vi.useRealTimers());
  const ended: string[] = [];
  const imported: string[] = [];
  /** Questions to the cluster, and an error that they get instead of an answer. */
  const cluster = { questions: 0, active: 0, most: 0, error: null as Error | null };
  const tools: ClusterTools = {
    ...example.tools,
    accessOf(host, program) {
      const access = example.tools.accessOf(host, program);
      return {
        ...access,
        async act(folder, action) {
          cluster.questions += 1;
          cluster.active += 1;
          cluster.most = Math.max(cluster.most, cluster.active);
          try {
            if (cluster.error) throw cluster.error;
            return await access.act(folder, action);
          } finally {
            cluster.active -= 1;
          }
        },
      };
    },
  };
  const waiting = new Set<() => void>();
  const watch = createClusterWatch(tools, {
    onChange: () => waiting.forEach((check) => check()),
    onImported: (id) => void imported.push(id),
    onEnd: ({ state, error }) => void ended.push(`${state}: ${error}`),
  });
  onTestFinished(watch.close);
  /** Waits until what is known of a sweep is so. */
  const until = (isTrue: (view: ClusterView) => boolean, id = example.id) =>
    new Promise<ClusterView>((resolve) => {
      const check = () => {
        const view = watch.view(id);
        if (!isTrue(view)) return;
        waiting.delete(check);
        resolve(view);
      };
      waiting.add(check);
      check();
    });
  const rest = () =>
    until(({ work, nextAt, answeredAt, problem }) => {
      const hasBegun = answeredAt !== null || problem !== null;
      return hasBegun && work === null && (nextAt === null || Date.parse(nextAt) > Date.now());
    });
  /** Seconds until the cluster is asked again; null: it is not. */
  const wait = async () => {
    const { nextAt } = await rest();
    return nextAt === null ? null : (Date.parse(nextAt) - Date.now()) / 1000;
  };
  /** Lets the clock reach the next question, and waits for what follows from it. */
  const next = async () => {
    const before = cluster.questions;
    vi.advanceTimersByTime(((await wait()) ?? 0) * 1000);
    await until(() => cluster.questions > before);
    return rest();
  };
  return { ...example, tools, watch, cluster, ended, imported, until, wait, next };
}

describeOnLinux('the watch over sweeps on clusters', () => {
  it('asks less and less often while nothing happens, and soon again after something has', async () => {
    const { watch, wait, next, slurm } = await watchExample();
    watch.discover();
    const waits = [await wait()];
    for (let question = 0; question < 8; question++) {
      await next();
      waits.push(await wait());
    }
    expect(waits.map((seconds) => Math.round(seconds ?? 0))).toEqual([10, 15, 23, 34, 51, 76, 114, 120, 120]);
    slurm.setTask(slurm.jobs[0], 0, 'RUNNING');
    await next();
    expect(await wait()).toBe(10);
  });

  it('imports runs as soon as they are there, and ends with the sweep', async () => {
    const { watch, wait, next, task, store, id, ended, imported, cluster } = await watchExample();
    watch.discover();
    await wait();
    await task.run(1);
    expect((await next()).report).toMatchObject({ collected: [1], counts: { done: 1, queued: 1 } });
    expect([listMemberRuns(store.db, id).length, imported]).toEqual([1, [id]]);
    await task.run(0);
    await next();
    expect(await wait()).toBeNull();
    expect([getSweep(store.db, id).state, ended]).toEqual(['finished', ['finished: null']]);
    const { questions } = cluster;
    vi.advanceTimersByTime(3_600_000);
    expect(cluster.questions).toBe(questions);
  });

  it('shows why a cluster cannot be reached, tries it ever later, and forgets it after an answer', async () => {
    const { watch, wait, next, cluster, until } = await watchExample();
    cluster.error = new ConnectionError('The connection to login failed: no route to host.');
    watch.discover();
    await until(({ problem }) => problem !== null);
    const waits = [await wait()];
    for (let question = 0; question < 5; question++) {
      expect((await next()).problem).toBe('The connection to login failed: no route to host.');
      waits.push(await wait());
    }
    expect(waits).toEqual([30, 60, 120, 240, 480, 600]);
    cluster.error = null;
    expect(await next()).toMatchObject({ problem: null, report: { counts: { queued: 2 } } });
    expect(await wait()).toBe(10);
  });

  it('tries again to import a run file that was damaged', async () => {
    const { watch, wait, next, task } = await watchExample();
    await task.run(0);
    truncateSync(join(task.folder, 'tasks/0/run.sparsefield'), 100);
    watch.discover();
    expect(await wait()).toBe(30);
    const { refused } = await next();
    expect(refused).toMatchObject([{ member: 0, message: expect.stringContaining('Collect again') }]);
    expect(await wait()).toBe(60);
  });

  it('asks one question at a time', async () => {
    const { watch, store, until, cluster, id } = await watchExample();
    const { place } = getSweep(store.db, id);
    const other = createSweep(store.db, exampleSweepFile(2).spec, { place });
    store.db.prepare("UPDATE sweeps SET state = 'running'").run();
    watch.discover();
    for (const each of [id, other.id])
      await until(({ answeredAt, work }) => answeredAt !== null && work === null, each);
    expect(cluster).toMatchObject({ questions: 2, most: 1 });
  });

  it('lets a request wait for the question that is under way', async () => {
    const { watch, until, cluster, id } = await watchExample();
    watch.discover();
    await until(({ work }) => work === 'collect');
    await watch.cancel(id);
    expect(cluster).toMatchObject({ questions: 2, most: 1 });
    expect(watch.view(id)).toMatchObject({ report: { counts: { cancelled: 2 } }, work: null, nextAt: null });
  });

  it('is over for a sweep whose tasks have failed, until it is tried again', async () => {
    const { watch, wait, next, slurm, ended, id } = await watchExample();
    watch.discover();
    await wait();
    for (const member of [0, 1]) slurm.setTask(slurm.jobs[0], member, 'FAILED');
    await next();
    expect(await wait()).toBeNull();
    expect(ended).toEqual(['paused: Of 2 runs, 2 failed. Look at the reasons, then retry.']);
    await watch.retry(id);
    expect(watch.view(id).report?.counts).toMatchObject({ queued: 2 });
    expect(await wait()).toBe(10);
  });

  it('shows what prevented a submission, and keeps the sweep as it was', async () => {
    const { watch, store, tools, options } = await watchExample();
    const { id } = createSweep(store.db, exampleSweepFile(2).spec);
    vi.spyOn(tools, 'accessOf').mockImplementation(() => {
      throw new ConnectionError('The connection to login failed.');
    });
    await expect(watch.submit(id, options)).rejects.toThrow(ConnectionError);
    expect(watch.view(id)).toMatchObject({
      problem: 'The connection to login failed.',
      work: null,
      nextAt: null,
    });
    expect(getSweep(store.db, id)).toMatchObject({ state: 'idle', place: { kind: 'local' } });
  });

  it('leaves the store alone once it was closed, whatever the cluster still answers', async () => {
    const { watch, until, task, store, id } = await watchExample();
    await task.run(0);
    watch.discover();
    await until(({ work }) => work === 'collect');
    const collection = watch.collect(id);
    watch.close();
    await expect(collection).rejects.toThrow('no longer wanted');
    expect(listMemberRuns(store.db, id)).toEqual([]);
  });

  it('knows the members whose runs are not here by their tasks', async () => {
    const { watch, wait, slurm, store, id, task } = await watchExample(6);
    const [job] = slurm.jobs;
    slurm.setTask(job, 1, 'RUNNING');
    writeState(task.folder, { member: 1, phase: 'running', job: { id: job.id, task: 1, name: job.name } });
    slurm.setTask(job, 2, 'FAILED');
    slurm.setTask(job, 3, 'CANCELLED');
    writeState(task.folder, { member: 3, phase: 'paused', job: { id: job.id, task: 3, name: job.name } });
    slurm.setTask(job, 4, 'CANCELLED');
    await task.run(5);
    watch.discover();
    await wait();
    const { list } = describeSweep(
      readSweepFacts(store, getSweep(store.db, id), { ...storedOnly, tasksOf: watch.tasksOf }),
    );
    expect(list.map(({ state, step, fraction }) => ({ state, step, fraction }))).toEqual([
      { state: 'planned', step: 0, fraction: null },
      { state: 'active', step: 6, fraction: 0.5 },
      { state: 'failed', step: 0, fraction: null },
      { state: 'active', step: 6, fraction: 0.5 },
      { state: 'planned', step: 0, fraction: null },
      { state: 'done', step: expect.any(Number) as number, fraction: 1 },
    ]);
    expect(list[2].reason).toContain('before the program of member 2 had started');
  });
});
