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

/** The number of a process that has ended. */
function deadProcess(): number {
  return spawnSync(process.execPath, ['--eval', '']).pid;
}

/** The number of a process that lives as long as the test. */
function liveProcess(): number {
  const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child.pid ?? 0;
}

describe('the beginning of a download', () => {
  it('is a file of this process alone: what another one writes is left to it', async () => {
    const other = partOf(liveProcess());
    writeFileSync(other, 'theirs');
    expect(await claimPart(file)).toBe(partOf(process.pid));
    expect(readdirSync(folder)).toEqual([other.slice(folder.length + 1)]);
  });

  it('continues with the longest that a dead process left, and removes the others', async () => {
    writeFileSync(partOf(deadProcess()), 'long beginning');
    writeFileSync(partOf(deadProcess()), 'short');
    writeFileSync(`${file}.part`, 'of an earlier version');
    const part = await claimPart(file);
    expect(readFileSync(part, 'utf8')).toBe('of an earlier version');
    expect(readdirSync(folder)).toEqual([part.slice(folder.length + 1)]);
  });

  it('stays that of this process where it has one', async () => {
    writeFileSync(partOf(process.pid), 'mine');
    writeFileSync(partOf(deadProcess()), 'longer than mine');
    expect(readFileSync(await claimPart(file), 'utf8')).toBe('mine');
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('is given to one of several processes that ask at one time', async () => {
    writeFileSync(partOf(deadProcess()), 'beginning');
    const parts = await Promise.all([1, 2, 3].map((pid) => claimPart(file, pid)));
    expect(parts.filter((part) => existsSync(part))).toHaveLength(1);
  });

  it('is removed unless it is being written; files of other names stay', async () => {
    const other = partOf(liveProcess());
    for (const path of [other, partOf(process.pid), partOf(deadProcess()), `${file}.part`, `${file}.x.part`])
      writeFileSync(path, '');
    await removeParts(file);
    expect(readdirSync(folder).sort()).toEqual(
      [other, `${file}.x.part`].map((path) => path.slice(folder.length + 1)).sort(),
    );
  });
});
