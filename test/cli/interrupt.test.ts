/** Ctrl-C and killed terminals, with real processes and signals. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { readMetrics } from '../../main/store/runs/metrics.ts';
import { lookUpProcess } from '../../main/runtime/processIdentity.mjs';
import { listRuns } from '../../main/store/runs/runs.ts';
import { openStore } from '../../main/store/store.ts';
import { readNewestTensors, smallOptions, smallRunSteps, writeImages } from '../jobs/smallRun.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { parseLines, runLab } from './runLab.ts';
import { type LabProcess, startLab } from './startLab.ts';

// These processes start fastest with WASM, and how one ends does not depend on the backend.
beforeAll(() => {
  vi.stubEnv('SPARSE_FIELD_LAB_BACKEND', 'wasm');
  vi.stubEnv('SPARSE_FIELD_LAB_EXECUTION', 'eager');
});
afterAll(() => vi.unstubAllEnvs());

async function prepareTraining(): Promise<{ folder: string; args: string[] }> {
  const folder = makeTemporaryFolder();
  const source = await writeImages(join(folder, 'pictures'));
  return { folder, args: [...smallOptions(source), '--data-dir', folder, '--json'] };
}

/** Resolves when the run has completed this many steps. */
function waitForStep(lab: LabProcess, step: number): Promise<void> {
  return lab.waitFor(`{"event":"step","step":${step},`);
}

function lastLine(lab: LabProcess): unknown {
  return parseLines(lab.stdout()).at(-1);
}

const isLinux = process.platform === 'linux';

/** Lists the IDs of the processes that a process has started. */
function listChildren(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

describe('Ctrl-C while training', () => {
  it('pauses with a checkpoint and exit code 0', async () => {
    const { folder, args } = await prepareTraining();
    const lab = startLab('train', ...args, '--steps', '100000');
    await waitForStep(lab, 2);
    lab.child.kill('SIGINT');
    expect(await lab.ended).toBe(0);
    expect(lab.stderr()).toContain('Pausing: writing a checkpoint. Press Ctrl-C again to quit at once');
    expect(lastLine(lab)).toMatchObject({ event: 'done', run: { status: 'paused', error: null } });
    const store = openStore(folder);
    const [run] = listRuns(store.db);
    expect(run.step).toBeGreaterThanOrEqual(2);
    expect(readNewestTensors(store.runFolder(run.id))).toBeTruthy();
    expect(store.findings).toEqual([]);
    store.close();
  });

  it('ends immediately if pressed twice, and the run can be resumed', async () => {
    const { folder, args } = await prepareTraining();
    // Generating synthetic images takes a second, which leaves time for the second Ctrl-C.
    const lab = startLab('train', ...args, '--data', 'synthetic', '--steps', '100000');
    await lab.waitFor('{"event":"progress"');
    lab.child.kill('SIGINT');
    await lab.waitFor('Pausing');
    lab.child.kill('SIGINT');
    expect(await lab.ended).toBe(130);
    expect(lastLine(lab)).toMatchObject({ event: 'done', run: { status: 'interrupted', error: null } });
    const resumed = await runLab('resume', 'latest', '--steps', '1', '--data-dir', folder, '--json');
    expect(resumed.lines().at(-1)).toMatchObject({ event: 'done', run: { status: 'finished', step: 1 } });
  });
});

describe('a terminal that dies while training', () => {
  it.runIf(isLinux)('leaves no compute process behind, even a busy one', async () => {
    const { args } = await prepareTraining();
    const lab = startLab('train', ...args, '--steps', '100000');
    await waitForStep(lab, 2);
    const [compute] = listChildren(lab.child.pid ?? 0);
    onTestFinished(() => void (lookUpProcess(compute).isAlive && process.kill(compute, 'SIGKILL')));
    lab.child.kill('SIGKILL');
    await expect.poll(() => lookUpProcess(compute).isAlive).toBe(false);
  });

  it.runIf(isLinux)('loses nothing: the resumed run equals an uninterrupted one', async () => {
    const { folder, args } = await prepareTraining();
    const whole = await runLab('train', '--name', 'whole', ...args);
    expect(whole.code).toBe(0);
    const lab = startLab('train', '--name', 'killed', ...args);
    await waitForStep(lab, 5);
    const [compute] = listChildren(lab.child.pid ?? 0);
    lab.child.kill('SIGKILL');
    expect(await lab.ended).toBe('SIGKILL');
    await expect.poll(() => lookUpProcess(compute).isAlive).toBe(false);
    const listed = await runLab('runs', '--data-dir', folder, '--json');
    expect(listed.stderr).toMatch(/was interrupted at step \d+; it can be resumed from step \d+/);
    expect(listed.lines()[0].runs).toMatchObject([
      { name: 'killed', status: 'interrupted' },
      { name: 'whole' },
    ]);
    const resumed = await runLab('resume', 'killed', '--data-dir', folder, '--json');
    expect(resumed.lines().at(-1)).toMatchObject({ event: 'done', run: { status: 'finished', step: 12 } });
    const store = openStore(folder);
    const [one, other] = listRuns(store.db);
    expect(readNewestTensors(store.runFolder(one.id))).toEqual(readNewestTensors(store.runFolder(other.id)));
    for (const { id } of [one, other]) {
      const logged = readMetrics(store.db, id, { names: ['loss'] }).map(({ step }) => step);
      expect(logged).toEqual(smallRunSteps.logged);
      const evaluated = readMetrics(store.db, id, { names: ['evaluation/psnr'] }).map(({ step }) => step);
      expect(evaluated).toEqual(smallRunSteps.evaluated);
    }
    store.close();
  });
});

describe('two runs at once in one data folder', () => {
  it('both finish, and a second process for the same run is refused', async () => {
    const { folder, args } = await prepareTraining();
    const first = startLab('train', '--name', 'first', ...args, '--steps', '100000');
    await waitForStep(first, 1);
    const second = startLab('train', '--name', 'second', ...args);
    const refused = await runLab('resume', 'first', '--data-dir', folder);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/is being computed by process \d+.*Pause or stop it there/);
    expect((await runLab('delete', 'first', '--data-dir', folder)).stderr).toContain('is being computed');
    expect(await second.ended).toBe(0);
    expect(lastLine(second)).toMatchObject({ run: { name: 'second', status: 'finished', step: 12 } });
    first.child.kill('SIGINT');
    expect(await first.ended).toBe(0);
    expect(lastLine(first)).toMatchObject({ run: { name: 'first', status: 'paused' } });
  });
});

describe('Ctrl-C while evaluating', () => {
  it('ends with one sentence and exit code 130', async () => {
    const { folder, args } = await prepareTraining();
    await runLab('train', ...args, '--steps', '1');
    const lab = startLab('evaluate', 'latest', '--samples', '1000', '--steps', '1000', '--data-dir', folder);
    await lab.waitFor('reading');
    lab.child.kill('SIGINT');
    expect(await lab.ended).toBe(130);
    expect(lab.stdout()).toBe('');
    const lines = lab.stderr().split('\n').filter(Boolean);
    expect(lines.at(-1)).toBe('lab: Interrupted before there was a result.');
    expect(lab.stderr()).not.toMatch(/ at .*\.ts:\d+/);
  });
});
