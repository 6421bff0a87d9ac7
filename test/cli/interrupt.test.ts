/** Ctrl-C and two processes at once, with real processes and signals; test/faults ends processes in every other way. */

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { smallOptions, writeImages } from '../jobs/smallRun.ts';
import { makeTemporaryFolder, sharedCacheFolder } from '../store/temporaryFolder.ts';
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

describe('Ctrl-C while training', () => {
  it('ends immediately if pressed twice, and the run can be resumed', async () => {
    const { folder, args } = await prepareTraining();
    // Generating synthetic images, which are not kept yet, takes a second; this leaves time for the second Ctrl-C.
    vi.stubEnv('SPARSE_FIELD_LAB_CACHE', join(folder, 'cache'));
    onTestFinished(() => void vi.stubEnv('SPARSE_FIELD_LAB_CACHE', sharedCacheFolder));
    const lab = startLab('train', ...args, '--data', 'synthetic', '--steps', '100000');
    await lab.waitFor('{"event":"progress"');
    lab.child.kill('SIGINT');
    await lab.waitFor('Pausing: writing a checkpoint. Press Ctrl-C again to quit at once');
    lab.child.kill('SIGINT');
    expect(await lab.ended).toBe(130);
    expect(lastLine(lab)).toMatchObject({ event: 'done', run: { status: 'interrupted', error: null } });
    const resumed = await runLab('resume', 'latest', '--steps', '1', '--data-dir', folder, '--json');
    expect(resumed.lines().at(-1)).toMatchObject({ event: 'done', run: { status: 'finished', step: 1 } });
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
