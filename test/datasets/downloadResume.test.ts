import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { claimPart, removeParts } from '../../main/datasets/download.ts';

let folder = '';
let file = '';
const partOf = (pid: number) => `${file}.${pid}.part`;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'part-'));
  file = join(folder, 'set.tar.gz');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Returns the ID of a process that has exited. */
function startDeadProcess(): number {
  return spawnSync(process.execPath, ['--eval', '']).pid;
}

/** Returns the ID of a process that lives as long as the test. */
function startLiveProcess(): number {
  const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child.pid ?? 0;
}

describe('the partial file of a download', () => {
  it('belongs to this process, and that of another process is left alone', async () => {
    const other = partOf(startLiveProcess());
    writeFileSync(other, 'theirs');
    expect(await claimPart(file)).toBe(partOf(process.pid));
    expect(readdirSync(folder)).toEqual([other.slice(folder.length + 1)]);
  });

  it('is the longest one of all dead processes, and the others are removed', async () => {
    writeFileSync(partOf(startDeadProcess()), 'long beginning');
    writeFileSync(partOf(startDeadProcess()), 'short');
    writeFileSync(`${file}.part`, 'of an earlier version');
    const part = await claimPart(file);
    expect(readFileSync(part, 'utf8')).toBe('of an earlier version');
    expect(readdirSync(folder)).toEqual([part.slice(folder.length + 1)]);
  });

  it('is that of this process if it exists', async () => {
    writeFileSync(partOf(process.pid), 'mine');
    writeFileSync(partOf(startDeadProcess()), 'longer than mine');
    expect(readFileSync(await claimPart(file), 'utf8')).toBe('mine');
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('is claimed by only one of several processes at the same time', async () => {
    writeFileSync(partOf(startDeadProcess()), 'beginning');
    const parts = await Promise.all([1, 2, 3].map((pid) => claimPart(file, pid)));
    expect(parts.filter((part) => existsSync(part))).toHaveLength(1);
  });

  it('is removed unless another process writes it, and files with other names are kept', async () => {
    const other = partOf(startLiveProcess());
    for (const path of [
      other,
      partOf(process.pid),
      partOf(startDeadProcess()),
      `${file}.part`,
      `${file}.x.part`,
    ])
      writeFileSync(path, '');
    await removeParts(file);
    expect(readdirSync(folder).sort()).toEqual(
      [other, `${file}.x.part`].map((path) => path.slice(folder.length + 1)).sort(),
    );
  });
});
