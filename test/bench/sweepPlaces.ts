/**
 * node test/bench/sweepPlaces.ts [--steps 12]: a sweep of 24 runs (four learning rates, three widths, two seeds) on two local lanes
 * and on a Slurm cluster that is started for it, where one task is killed and one reaches its time limit. Says whether the runs are
 * equal bit for bit and have the same winner, what happened to the two tasks, and how long a run occupies its place.
 */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import {
  type ClusterTools,
  collectSweep,
  createClusterTools,
  submitAgain,
  submitSweep,
} from '../../main/cluster/clusterSweeps.ts';
import { readTaskState } from '../../main/cluster/sweepFolder.ts';
import { describeSweep, readSweepFacts } from '../../main/jobs/sweeps/sweepState.ts';
import { resolveDataFolder } from '../../main/store/dataFolder.ts';
import { openStore, type Store } from '../../main/store/store.ts';
import { createSweep, getSweep, listMemberRuns, listSweeps } from '../../main/store/sweeps.ts';
import { type Collection, slurmOptionsSchema } from '../../shared/sweep/slurm.ts';
import { type SweepSpec, sweepSpecSchema } from '../../shared/sweep/sweep.ts';
import { describeVerdict } from '../../shared/sweep/sweepText.ts';
import { readNewestTensors, smallConfig, writeImages } from '../jobs/smallRun.ts';
import { type Slurm, startSlurm } from '../support/slurm.ts';
import { runLab } from './labProcess.ts';

const root = resolve(import.meta.dirname, '../..');
const lanes = 2;
/** Numbers of the members whose tasks are killed, and slowed down until their time limit. */
const [killed, slowed] = [3, 10];

/** Makes every step of a training wait as long as the file in SLOW_WHILE exists. */
const slowModule = `import { existsSync } from 'node:fs';
const { send } = process;
if (send) process.send = (event, ...rest) => {
  if (event?.type === 'step' && existsSync(process.env.SLOW_WHILE)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 8000);
  return send.call(process, event, ...rest);
};
`;

const { values } = parseArgs({ options: { steps: { type: 'string', default: '12' } } });
const folder = mkdtempSync(join(tmpdir(), 'sparse-field-lab-places-'));
try {
  await compare(await describeRuns(Number(values.steps)));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function describeRuns(steps: number): Promise<SweepSpec> {
  const { field, ...base } = smallConfig(await writeImages(join(folder, 'images')));
  const train = { ...base.train, evaluateEverySteps: 0, previewEverySteps: 0, checkpointEverySteps: 2 };
  return sweepSpecSchema.parse({
    name: 'Rates and widths',
    base: { ...base, field, train },
    axes: [
      { kind: 'list', path: 'optim.learningRate', values: [0.001, 0.002, 0.004, 0.008] },
      { kind: 'list', path: 'field.dim', values: [8, 16, 24] },
    ],
    seeds: [1, 2],
    budget: { steps },
    objective: { protocol: { images: 2, solver: 'euler', steps: 2 } },
  });
}

interface Place {
  readonly store: Store;
  readonly id: string;
  /** Seconds that a run occupies a lane or a task, on average, and the part of it that is training. */
  readonly occupied: number;
}

async function compare(spec: SweepSpec): Promise<void> {
  const here = await computeHere(spec);
  const there = await computeOnSlurm(spec);
  const runsHere = listMemberRuns(here.store.db, here.id);
  const runsThere = listMemberRuns(there.store.db, there.id);
  const different = runsHere.filter(({ member, runId }, index) => {
    const other = runsThere[index];
    const isSame =
      other.member === member &&
      isDeepStrictEqual(
        readNewestTensors(here.store.runFolder(runId)),
        readNewestTensors(there.store.runFolder(other.runId)),
      );
    return !isSame;
  });
  console.log(`Runs equal bit for bit: ${runsHere.length - different.length} of ${runsThere.length}`);
  for (const [name, place] of [
    ['two lanes', here],
    ['Slurm', there],
  ] as const) {
    const { analysis } = describeSweep(readSweepFacts(place.store, getSweep(place.store.db, place.id)));
    console.log(`Winner, ${name}: ${describeVerdict(analysis, spec)}`);
    const trained = listMemberRuns(place.store.db, place.id).map(({ processSeconds }) => processSeconds);
    const training = trained.reduce((sum, seconds) => sum + seconds, 0) / trained.length;
    console.log(
      `A run, ${name}: occupies its place for ${place.occupied.toFixed(1)} s, of which ${training.toFixed(1)} s are training steps`,
    );
    place.store.close();
  }
  if (different.length > 0) process.exitCode = 1;
}

async function computeHere(spec: SweepSpec): Promise<Place> {
  const dataFolder = join(folder, 'here');
  const file = join(folder, 'sweep.json');
  writeFileSync(file, JSON.stringify(spec));
  const begun = performance.now();
  await runLab(['sweep', file, '--parallel', String(lanes)], dataFolder);
  const occupied = ((performance.now() - begun) / 1000) * (lanes / 24);
  const store = openStore(dataFolder);
  return { store, id: listSweeps(store.db)[0].id, occupied };
}

async function computeOnSlurm(spec: SweepSpec): Promise<Place> {
  const slurm = await startSlurm();
  Object.assign(process.env, slurm.environment);
  try {
    const store = openStore(resolveDataFolder(join(folder, 'there')));
    const tools = createClusterTools(store, readAppVersion());
    const { id } = createSweep(store.db, spec);
    const slow = join(folder, 'slow');
    writeFileSync(slow, '');
    writeFileSync(join(folder, 'slow.mjs'), slowModule);
    const line = `if [ $member = ${slowed} ] || [ $member = ${killed} ]; then export SLOW_WHILE=${slow} NODE_OPTIONS=--import=${join(folder, 'slow.mjs')}; fi`;
    const cluster = join(folder, 'cluster');
    mkdirSync(cluster);
    const options = slurmOptionsSchema.parse({
      folder: cluster,
      program: root,
      cpus: 1,
      time: '3',
      warningSeconds: 120,
      lines: [line],
    });
    const { place } = await submitSweep(tools, id, options);
    const seconds = await watchTasks(slurm, { tools, id, folder: place.folder, slow });
    const undisturbed = [...seconds].filter(([member]) => member !== killed && member !== slowed);
    const occupied = undisturbed.reduce((sum, [, taken]) => sum + taken, 0) / undisturbed.length;
    for (const [what, member] of [
      ['killed', killed],
      ['at its time limit', slowed],
    ] as const) {
      const state = readTaskState(place.folder, member);
      console.log(
        `The task that was ${what}: member ${member}, started ${state?.starts} times (${state?.restarts} by Slurm), ${state?.phase}`,
      );
    }
    return { store, id, occupied };
  } finally {
    await slurm.stop();
  }
}

/** Kills one task, lets another reach its limit, and waits until all runs are here. Returns the seconds that each task has run. */
async function watchTasks(
  slurm: Slurm,
  sweep: { tools: ClusterTools; id: string; folder: string; slow: string },
): Promise<ReadonlyMap<number, number>> {
  const { tools, id, folder: cluster, slow } = sweep;
  const seconds = new Map<number, number>();
  let isKilled = false;
  let collection: Collection;
  do {
    await pause(1000);
    collection = await collectSweep(tools, id);
    for (const [member, taken] of readTimes(slurm)) seconds.set(member, taken);
    if (!isKilled && hasCheckpoint(cluster, killed)) isKilled = killTask(cluster, killed);
    if (isKilled && wasRequeued(cluster, slowed)) rmSync(slow, { force: true });
    if (collection.counts.failed > 0 && collection.living === 0) {
      const failed = collection.tasks.filter(({ status }) => status === 'failed');
      for (const { member, message } of failed) console.log(`Member ${member} is tried again: ${message}`);
      await submitAgain(tools, id);
    }
  } while (collection.collected.length < collection.tasks.length);
  return seconds;
}

function hasCheckpoint(cluster: string, member: number): boolean {
  return (readTaskState(cluster, member)?.step ?? 0) >= 2;
}

function wasRequeued(cluster: string, member: number): boolean {
  const state = readTaskState(cluster, member);
  return state?.phase === 'requeued' || (state?.restarts ?? 0) > 0;
}

/** Returns the seconds that the tasks of the first job have run so far, by their numbers. */
function readTimes(slurm: Slurm): (readonly [number, number])[] {
  return slurm
    .run('squeue', '--noheader', '--array', '--states=COMPLETED', '--format=%F|%K|%M')
    .split('\n')
    .flatMap((text) => {
      const [job, task, clock = ''] = text.split('|');
      const taken = clock.split(':').reduce((sum, part) => 60 * sum + Number(part), 0);
      return job === '1' ? [[Number(task), taken] as const] : [];
    });
}

/** Kills the program of a task. Returns whether it was there. */
function killTask(cluster: string, member: number): boolean {
  const own = readdirSync('/proc').find((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return words.includes('cluster-task') && words.includes(cluster) && words.at(-2) === String(member);
    } catch {
      return false;
    }
  });
  if (own !== undefined) process.kill(Number(own), 'SIGKILL');
  return own !== undefined;
}

function readAppVersion(): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return version;
}
