/** A sweep on two lanes of which one compute process is killed, or whose disk becomes full. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeSweep, readSweepFacts } from '../../main/jobs/sweeps/sweepState.ts';
import { openStore } from '../../main/store/store.ts';
import { listSegments } from '../../main/store/runs/segments.ts';
import { listSweeps } from '../../main/store/sweeps.ts';
import { runLab } from '../cli/runLab.ts';
import { readNewestTensors, smallConfig } from '../jobs/smallRun.ts';
import { readLearnedMetrics } from '../store/learnedMetrics.ts';
import { mountDisk } from '../support/disk.ts';
import { describeFaults, inspectStore, launch, type Sandbox, useSandbox } from './support/driver.ts';

/** Lets every training wait after its fifth step, with a checkpoint of its third, while the folder HELD exists, and says so there. */
const holdModule = `import { existsSync, writeFileSync } from 'node:fs';
const { send } = process;
const wait = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
if (send) process.send = (event, ...rest) => {
  const isSent = send.call(process, event, ...rest);
  if (event?.type === 'step' && event.step === 5 && existsSync(process.env.HELD)) {
    writeFileSync(process.env.HELD + '/' + process.pid, '');
    while (existsSync(process.env.HELD)) wait();
  }
  return isSent;
};
`;

interface HeldSweep {
  /** Computes the sweep, or continues it, on two lanes. */
  readonly start: (...args: readonly string[]) => ReturnType<typeof launch>;
  /** Resolves with the IDs of the compute processes when both wait. */
  readonly held: () => Promise<number[]>;
  readonly release: () => void;
}

/** Describes a sweep of three members whose trainings wait until they are released. */
function holdSweep(sandbox: Sandbox): HeldSweep {
  const { data, mask, field, path, optim, train, sampler } = smallConfig(sandbox.source);
  const sweep = {
    name: 'seeds',
    preset: 'tiny',
    set: Object.fromEntries(
      Object.entries({ data, mask, field, path, optim, train, sampler }).flatMap(([group, values]) =>
        Object.entries(values).map(([name, value]) => [`${group}.${name}`, value as unknown]),
      ),
    ),
    axes: [{ kind: 'list', path: 'optim.learningRate', values: [1e-3, 2e-3, 4e-3] }],
    budget: { steps: 12 },
    objective: { protocol: { images: 2, solver: 'euler', steps: 1 } },
  };
  const file = join(sandbox.root, 'sweep.json');
  writeFileSync(file, JSON.stringify(sweep));
  const held = join(sandbox.root, 'held');
  mkdirSync(held);
  writeFileSync(join(sandbox.root, 'hold.mjs'), holdModule);
  const environment = {
    ...sandbox.environment,
    HELD: held,
    NODE_OPTIONS: `--import=${join(sandbox.root, 'hold.mjs')}`,
  };
  return {
    start: (...args) =>
      launch({ ...sandbox, environment }, 'node', [
        'sweep',
        ...(args.length > 0 ? args : [file]),
        '--parallel',
        '2',
      ]),
    async held() {
      await expect.poll(() => readdirSync(held), { timeout: 120_000 }).toHaveLength(2);
      return readdirSync(held).map(Number);
    },
    release: () => rmSync(held, { recursive: true, force: true }),
  };
}

/** Returns the members of the only sweep, with everything that two computations of it have in common, to the last bit. */
function readMembers({ dataFolder }: Sandbox) {
  const store = openStore(dataFolder);
  try {
    const sweeps = listSweeps(store.db);
    expect(sweeps).toHaveLength(1);
    const { state, error, list } = describeSweep(readSweepFacts(store, sweeps[0]));
    return {
      state,
      error,
      runs: list.flatMap(({ runId }) => (runId === null ? [] : [runId])),
      reasons: list.map(({ reason }) => reason),
      states: list.map((member) => member.state),
      /** Steps at which each run began or continued. */
      begins: list.map(({ runId }) =>
        runId === null ? [] : listSegments(store.db, runId).map(({ fromStep }) => fromStep),
      ),
      results: list.map(({ runId, score, step }) => ({
        score,
        step,
        metrics: runId && readLearnedMetrics(store, runId),
        tensors: runId && readNewestTensors(store.runFolder(runId)),
      })),
    };
  } finally {
    store.close();
  }
}

/** Results of the same sweep without disturbance, computed once for all tests. */
let undisturbed: ReturnType<typeof readMembers>['results'] | null = null;

async function computeUndisturbed() {
  if (undisturbed) return undisturbed;
  const sandbox = await useSandbox();
  const { start, release } = holdSweep(sandbox);
  release();
  expect(await start().ended).toBe(0);
  undisturbed = readMembers(sandbox).results;
  return undisturbed;
}

describeFaults('a sweep on two lanes', () => {
  it('computes its other members when the compute process of one is killed, and continues that one to the bits of an undisturbed sweep', async () => {
    const sandbox = await useSandbox();
    const { start, held, release } = holdSweep(sandbox);
    const killed = start();
    const [victim] = await held();
    process.kill(victim, 'SIGKILL');
    release();
    expect(await killed.ended).toBe(1);
    expect(killed.stderr()).toContain('1 of 3 runs failed. Look at their reasons, then try them again.');
    const before = readMembers(sandbox);
    expect(before).toMatchObject({ state: 'paused' });
    expect(before.states.toSorted()).toEqual(['done', 'done', 'failed']);
    expect(before.reasons.filter((reason) => reason !== null)).toEqual([
      'The compute process was ended by SIGKILL (the system does that when memory runs out). Resuming continues from the checkpoint of step 3.',
    ]);
    const shown = await runLab('sweep', 'show', 'latest', '--data-dir', sandbox.dataFolder);
    expect(shown.stdout).toContain('Resuming continues from the checkpoint of step 3.');

    const resumed = start('resume', 'latest');
    expect(await resumed.ended).toBe(0);
    const after = readMembers(sandbox);
    expect(after).toMatchObject({ state: 'finished', error: null });
    // The runs are the same ones, and nothing was computed into a second one.
    expect([after.runs, inspectStore(sandbox).runs.length]).toEqual([before.runs, 3]);
    expect(after.begins.toSorted()).toEqual([[0], [0], [0, 3]]);
    expect(after.results).toEqual(await computeUndisturbed());
  });

  it('says that its disk is full, and continues once there is space to the bits of an undisturbed sweep', async ({
    skip,
  }) => {
    const sandbox = await useSandbox();
    const disk = join(sandbox.root, 'disk');
    if (!mountDisk(disk, '24m')) skip('disks cannot be mounted here');
    const full = { ...sandbox, dataFolder: join(disk, 'data') };
    full.environment.SPARSE_FIELD_LAB_DATA = full.dataFolder;
    const { start, held, release } = holdSweep(full);
    const failed = start();
    await held();
    fillDisk(disk);
    release();
    expect(await failed.ended).toBe(1);
    expect(failed.stderr()).toMatch(/^Run \w{8}: There is no space left on the disk of the database\.$/m);
    expect(failed.stderr()).toMatch(
      /^What comes next could not be recorded: There is no space left.*Once that is solved, resume the sweep\.$/m,
    );
    expect(failed.stderr()).not.toMatch(/ at .*:\d+:\d+/);
    const stillFull = start('resume', 'latest');
    expect(await stillFull.ended).toBe(1);
    expect(stillFull.stderr()).toMatch(/There is no space left on the disk of the database\.\s*$/);

    rmSync(join(disk, 'filler'));
    const before = readMembers(full);
    expect(before.runs).toHaveLength(2);
    expect(await start('resume', 'latest').ended).toBe(0);
    const after = readMembers(full);
    expect(after).toMatchObject({ state: 'finished', error: null });
    expect([after.runs.slice(0, 2), inspectStore(full).runs.length]).toEqual([before.runs, 3]);
    expect(after.begins).toEqual([[0, 3], [0, 3], [0]]);
    expect(after.results).toEqual(await computeUndisturbed());
  });
});

/** Writes until the disk accepts no further byte. */
function fillDisk(disk: string): void {
  spawnSync('dd', ['if=/dev/zero', `of=${join(disk, 'filler')}`, 'bs=4k']);
  expect(statfsSync(disk).bavail).toBe(0);
}
