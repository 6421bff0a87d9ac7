import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { checkNode } from '../../main/cluster/nodeCheck.ts';
import type { DoctorCheck } from '../../shared/doctor.ts';
import { mountDisk } from '../support/disk.ts';
import { makeSweepFolder } from './exampleSweep.ts';
import { openExampleTask } from './exampleTask.ts';

const good: DoctorCheck = { name: 'Backend', ok: true, found: 'TensorFlow', fix: null };
const bad: DoctorCheck = { name: 'Backend', ok: false, found: 'WASM (slow)', fix: 'npm run setup' };
const noCard: DoctorCheck = { name: 'Graphics card', ok: false, found: 'A100, not used', fix: null };
const version = { appVersion: '1.0.0' };

describe('the check of a node', () => {
  it('calls the doctor once per node, but again after a problem or with another version', async () => {
    const folder = makeSweepFolder(1);
    const examine = vi.fn(async () => ({ checks: [bad] }));
    const options = { ...version, needsGpu: false };
    expect((await checkNode(folder, options, examine)).problems).toEqual([
      expect.stringMatching(/^Backend on .+: WASM \(slow\)\. npm run setup\.$/),
    ]);
    examine.mockResolvedValue({ checks: [good] });
    for (let task = 0; task < 3; task++)
      expect((await checkNode(folder, options, examine)).problems).toEqual([]);
    expect(examine).toHaveBeenCalledTimes(2);
    await checkNode(folder, { ...options, appVersion: '1.0.1' }, examine);
    expect(examine).toHaveBeenCalledTimes(3);
  });

  it('minds an unused card only if one was requested', async () => {
    const examine = async () => ({ checks: [good, noCard] });
    const check = (needsGpu: boolean) => checkNode(makeSweepFolder(1), { ...version, needsGpu }, examine);
    expect(await check(false)).toMatchObject({ problems: [], notes: [expect.stringContaining('A100')] });
    expect((await check(true)).problems).toEqual([expect.stringContaining('A100, not used')]);
  });

  it('mentions a clock that differs from that of the shared folder, and lets the task run', async () => {
    const now = Date.now();
    vi.spyOn(Date, 'now').mockReturnValue(now + 3600_000);
    onTestFinished(() => void vi.restoreAllMocks());
    const options = { ...version, needsGpu: false };
    const { problems, notes } = await checkNode(makeSweepFolder(1), options, async () => ({
      checks: [good],
    }));
    expect(problems).toEqual([]);
    expect(notes).toEqual([
      expect.stringMatching(/^The clock of .+ is 36\d\d s ahead of that of the shared/),
    ]);
  });
});

describe('a full disk', () => {
  it('fails the task with a sentence and loses nothing: it continues once there is space', async ({
    skip,
  }) => {
    const task = openExampleTask(2);
    const disk = join(task.folder, 'tasks', '0');
    if (!mountDisk(disk, '300k')) skip('disks cannot be mounted here');
    expect(await task.run(0)).toBe(1);
    expect(task.notes.join('\n')).toMatch(/no space left|database or disk is full/i);
    expect(await task.run(1)).toBe(0);
    expect(spawnSync('mount', ['-o', 'remount,size=50m', disk]).status).toBe(0);
    expect(await task.run(0)).toBe(0);
    expect(task.stateOf(0)).toMatchObject({ phase: 'done', status: 'finished', step: 12 });
  });
});
