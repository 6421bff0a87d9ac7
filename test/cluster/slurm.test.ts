/** Sweeps on a real Slurm, reached through a stand-in for ssh, with tasks that are killed, requeued at their limit, and fail. */

import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished, vi } from 'vitest';
import { ConnectionError } from '../../main/cluster/access.ts';
import {
  type ClusterTools,
  collectSweep,
  createClusterTools,
  readStatus,
  submitAgain,
  submitSweep,
} from '../../main/cluster/clusterSweeps.ts';
import { createClusterWatch } from '../../main/cluster/clusterWatch.ts';
import { listSubmissions, readLogEnd, readTaskState } from '../../main/cluster/sweepFolder.ts';
import { forkHost } from '../../main/jobs/computeHost.ts';
import { startTraining } from '../../main/jobs/training.ts';
import { insertRun } from '../../main/store/runs/runLifecycle.ts';
import { createSweep, listMemberRuns } from '../../main/store/sweeps.ts';
import { expandSweep } from '../../shared/sweep/expandSweep.ts';
import { type ClusterReport, slurmOptionsSchema } from '../../shared/sweep/slurm.ts';
import { type SweepSpec, sweepSpecSchema } from '../../shared/sweep/sweep.ts';
import { runLab } from '../cli/runLab.ts';
import { readNewestTensors, smallConfig, writeImages } from '../jobs/smallRun.ts';
import { openExampleStore } from '../store/exampleStore.ts';
import { makeTemporaryFolder, sharedCacheFolder } from '../store/temporaryFolder.ts';
import { type Slurm, startSlurm } from '../support/slurm.ts';

const found = inject('slurm');
const title = found.isPresent ? 'on a real Slurm' : `on a real Slurm (skipped: ${found.reason})`;
const root = resolve(import.meta.dirname, '../..');

/** Runs the command here. While the file `break` exists, the connection breaks after the command has begun its work. */
const ssh = `#!/bin/bash
while [ "$1" != -- ]; do shift; done
[ "$2" = login ] || { echo "ssh: Could not resolve hostname $2" >&2; exit 255; }
if [ -e "\${0%/*}/break" ]; then rm "\${0%/*}/break"; bash -c "$3" >/dev/null; echo 'Connection reset by peer' >&2; exit 255; fi
exec bash -c "$3"
`;

/** Makes every step of a training wait as long as the file in SLOW_WHILE exists. */
const slow = `import { existsSync } from 'node:fs';
const { send } = process;
if (send) process.send = (event, ...rest) => {
  if (event?.type === 'step' && existsSync(process.env.SLOW_WHILE)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 8000);
  return send.call(process, event, ...rest);
};
`;

let slurm: Slurm;
let programs: string;

describe.skipIf(!found.isPresent)(title, () => {
  beforeAll(async () => {
    vi.stubEnv('SPARSE_FIELD_LAB_BACKEND', 'wasm');
    vi.stubEnv('SPARSE_FIELD_LAB_EXECUTION', 'eager');
    slurm = await startSlurm();
    vi.stubEnv('SLURM_CONF', slurm.environment.SLURM_CONF);
    programs = join(process.env.TMPDIR ?? '/tmp', 'programs');
    mkdirSync(programs, { recursive: true });
    writeFileSync(join(programs, 'ssh'), ssh);
    writeFileSync(join(programs, 'slow.mjs'), slow);
    chmodSync(join(programs, 'ssh'), 0o755);
    vi.stubEnv('PATH', `${programs}:${process.env.PATH}`);
  });
  afterAll(async () => {
    await slurm?.stop();
    vi.unstubAllEnvs();
  });

  it('eight runs come home as they would have been computed here, whatever happens to their tasks', async () => {
    const store = openExampleStore();
    const tools = createClusterTools(store, '0.1.0');
    const spec = await tinySpec();
    const { id } = createSweep(store.db, spec);
    const folder = makeTemporaryFolder();
    const options = slurmOptionsSchema.parse({
      host: 'login',
      folder,
      program: root,
      cpus: 1,
      time: '2',
      warningSeconds: 45,
      lines: memberCommands,
    });
    writeFileSync(join(folder, 'slow'), '');

    // The connection breaks while the sweep is submitted.
    writeFileSync(join(programs, 'break'), '');
    await expect(submitSweep(tools, id, options)).rejects.toThrow(ConnectionError);
    await submitSweep(tools, id, options);
    writeFileSync(join(programs, 'break'), '');
    await expect(submitAgain(tools, id)).rejects.toThrow('Connection reset by peer');
    const { place } = await readStatus(tools, id);
    expect(listSubmissions(place.folder)).toMatchObject([
      { state: 'submitted', members: Array.from({ length: memberCount }, (_, member) => member) },
    ]);

    // One task is killed once it has a checkpoint, and with it the process that trains.
    await waitFor(() => hasCheckpoint(place.folder, killed), tools, id);
    killTask(place.folder, killed);
    await waitForReport(tools, id, ({ tasks }) => tasks[killed].status === 'failed');

    // The node's daemon and the controller die. Nothing counts as lost meanwhile.
    slurm.daemons.node.kill('SIGKILL');
    slurm.daemons.controller.kill('SIGKILL');
    const blind = await readStatus(tools, id);
    expect(blind.messages.join()).toContain('Slurm does not answer');
    expect(blind.counts.failed).toBe(0);
    await slurm.startController();
    await slurm.startNode();

    // Slurm warns the slow task before its time limit.
    const isRequeued = () => {
      const { phase, starts } = readTaskState(place.folder, slowed) ?? { starts: 0 };
      return phase === 'requeued' || starts > 1;
    };
    await waitFor(isRequeued, tools, id);
    rmSync(join(folder, 'slow'));
    await waitFor(() => countDone(place.folder) === memberCount - 2, tools, id);
    const before = await waitForReport(tools, id, ({ counts }) => counts.done === memberCount - 2);
    expect(before.tasks[failing]).toMatchObject({
      status: 'failed',
      log: ['lab: the images are not there'],
      message: expect.stringContaining('before the program of member 5 had started'),
    });
    expect(before.tasks[killed].message).toContain(
      'Use lab sweep retry: it continues from its newest checkpoint',
    );
    expect((await collectSweep(tools, id)).imported).toHaveLength(memberCount - 2);

    writeFileSync(join(folder, 'mended'), '');
    await submitAgain(tools, id);
    await waitFor(() => countDone(place.folder) === memberCount, tools, id);
    await waitForReport(tools, id, ({ counts }) => counts.done === memberCount);
    const { imported, refused } = await collectSweep(tools, id);
    expect({ imported: imported.map(({ member }) => member), refused }).toEqual({
      imported: [killed, failing],
      refused: [],
    });
    // A busy machine may need more restarts.
    expect(readTaskState(place.folder, slowed)?.restarts).toBeGreaterThanOrEqual(1);
    expect(readTaskState(place.folder, killed)?.job.id).toBeGreaterThan(1);
    expect(readTaskState(place.folder, killed)?.starts).toBeGreaterThanOrEqual(2);
    const runs = listMemberRuns(store.db, id);
    expect(runs).toHaveLength(memberCount);

    const members = expandSweep(spec);
    for (const member of [0, killed, slowed, failing]) {
      const local = insertRun(store, { name: 'local', config: members[member].config });
      await startTraining(store, local.id, { createHost: forkHost, cacheFolder: sharedCacheFolder }).ended;
      const tensors = readNewestTensors(store.runFolder(local.id));
      expect(readNewestTensors(store.runFolder(runs[member].runId)), `member ${member}`).toEqual(tensors);
    }
  }, 1_800_000);

  it('lab sweep submits here, reports and collects', async () => {
    const folder = makeTemporaryFolder();
    const file = join(folder, 'sweep.json');
    const spec = await tinySpec();
    writeFileSync(file, JSON.stringify({ ...spec, axes: [], seeds: [7], budget: { steps: 3 } }));
    const data = ['--data-dir', join(folder, 'data')];
    const options = ['--on', 'slurm', '--folder', join(folder, 'cluster'), '--program', root, '--cpus', '1'];
    const submitted = await runLab('sweep', file, ...options, ...data);
    expect(submitted).toMatchObject({ code: 0, stdout: expect.stringContaining('1 queued; 0 collected.') });
    for (let attempt = 0; attempt < 400; attempt++) {
      const { stdout } = await runLab('sweep', 'status', 'latest', ...data);
      if (stdout.startsWith('1 done')) break;
      await new Promise((done) => setTimeout(done, 1500));
    }
    const collected = await runLab('sweep', 'collect', 'latest', ...data);
    expect(collected.stdout).toMatch(/^Run [a-z2-7]{8} ".*" was imported\.\nHere: 1 of 1 run\.\n$/);
    const shown = await runLab('sweep', 'show', 'latest', '--json', ...data);
    expect(shown.lines()[0]).toMatchObject({ state: 'finished', members: { done: 1 } });
  }, 1_800_000);

  it('the watch of the application submits, and brings a run home by itself', async () => {
    const store = openExampleStore();
    const tools = createClusterTools(store, '0.1.0');
    const { id } = createSweep(store.db, {
      ...(await tinySpec()),
      axes: [],
      seeds: [7],
      budget: { steps: 3 },
    });
    const ended = Promise.withResolvers<string>();
    const watch = createClusterWatch(tools, {
      onChange: () => undefined,
      onImported: () => undefined,
      onEnd: ({ state, error }) => ended.resolve(`${state}: ${error}`),
    });
    onTestFinished(watch.close);
    const options = { folder: makeTemporaryFolder(), program: root, cpus: 1 };
    await watch.submit(id, slurmOptionsSchema.parse(options));
    expect(await ended.promise).toBe('finished: null');
    expect(listMemberRuns(store.db, id)).toMatchObject([{ member: 0, status: 'finished' }]);
    await vi.waitUntil(() => watch.view(id).work === null);
    expect(watch.view(id)).toMatchObject({ report: { counts: { done: 1 } }, nextAt: null });
  }, 900_000);
});

/** Numbers of the members that are killed, slowed down until their time limit, and fail at first. */
const [killed, slowed, failing] = [2, 3, 5];
const memberCount = 8;

/** Lines of the script that treat some members differently; `$folder/..` is the temporary folder of the test. */
const memberCommands = [
  `if [ $member = ${killed} ] || [ $member = ${slowed} ]; then export SLOW_WHILE="$folder/../slow" NODE_OPTIONS="--import=$(dirname "$(command -v ssh)")/slow.mjs"; fi`,
  `if [ $member = ${failing} ] && [ ! -e "$folder/../mended" ]; then echo "lab: the images are not there" >&2; exit 1; fi`,
];

/** Two learning rates, two widths, two seeds. The third and the fourth member train longer than the others. */
async function tinySpec(): Promise<SweepSpec> {
  const { field, ...base } = smallConfig(await writeImages(join(makeTemporaryFolder(), 'images')));
  const train = { ...base.train, evaluateEverySteps: 0, previewEverySteps: 0, checkpointEverySteps: 2 };
  return sweepSpecSchema.parse({
    name: 'Rates and widths',
    base: { ...base, field, train },
    axes: [
      {
        kind: 'joint',
        paths: ['optim.learningRate', 'field.dim', 'train.steps'],
        rows: [
          [0.001, 16, 4],
          [0.002, 16, 4],
          [0.001, 24, 14],
          [0.002, 24, 14],
        ],
      },
    ],
    seeds: [1, 2],
    objective: { protocol: { images: 1, solver: 'euler', steps: 1 } },
  });
}

function hasCheckpoint(folder: string, member: number): boolean {
  const runs = join(folder, 'tasks', String(member), 'data', 'runs');
  if (!existsSync(runs)) return false;
  return readdirSync(runs).some((run) =>
    readdirSync(join(runs, run)).some((file) => /^ckpt-[1-9]/.test(file)),
  );
}

/** Kills the program of a task. */
function killTask(folder: string, member: number): void {
  const own = readdirSync('/proc').find((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return words.includes('cluster-task') && words.includes(folder) && words.at(-2) === String(member);
    } catch {
      return false;
    }
  });
  if (own === undefined)
    throw new Error(`No process computes member ${member}: ${spawnSync('ps', ['-ef']).stdout}`);
  process.kill(Number(own), 'SIGKILL');
}

/** Counts the members that are done, by their files: other than a report, that starts no program. */
function countDone(folder: string): number {
  const states = Array.from({ length: memberCount }, (_, member) => readTaskState(folder, member));
  return states.filter((state) => state?.phase === 'done').length;
}

/** Waits for what can be read from files. The node is asked now and then, which starts a program. */
async function waitFor(isTrue: () => boolean, tools: ClusterTools, id: string): Promise<void> {
  let looks = 0;
  const look = () => {
    if (++looks % 100 === 0) slurm.reviveNode();
    return isTrue();
  };
  await vi.waitUntil(look, { timeout: 900_000, interval: 200 }).catch(async () => {
    throw new Error(`Waited in vain: ${JSON.stringify(await readStatus(tools, id))}\n${slurm.describe()}`);
  });
}

/** Waits until the report says so. Asks every second, because each question starts a program. */
async function waitForReport(
  tools: ClusterTools,
  id: string,
  isTrue: (report: ClusterReport) => boolean,
): Promise<ClusterReport> {
  for (let attempt = 0; ; attempt++) {
    const report = await readStatus(tools, id);
    if (isTrue(report)) return report;
    if (attempt % 10 === 9) slurm.reviveNode();
    if (attempt > 400) {
      const logs = report.tasks.map(({ member }) =>
        readLogEnd(report.place.folder, { jobId: 1, task: member }, 20),
      );
      throw new Error(`Waited in vain: ${JSON.stringify({ ...report, logs }, null, 1)}\n${slurm.describe()}`);
    }
    await new Promise((done) => setTimeout(done, 1500));
  }
}
