import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { makeRunFolder, removeLeftovers } from './leftovers.ts';

it('what a killed test run left behind is removed with its processes, and what living runs use is left alone', async () => {
  const parent = makeTemporaryFolder();
  const runner = spawn(process.execPath, ['-e', '']);
  await once(runner, 'exit');
  const left = makeRunFolder(parent, runner.pid);
  writeFileSync(join(left, 'database'), 'x');
  const used = makeRunFolder(parent);
  const others = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
    env: { ...process.env, SLURM_CONF: join(left, 'slurm-a', 'slurm.conf') },
  });
  await once(others, 'spawn');
  expect(removeLeftovers([parent, join(parent, 'absent')])).toEqual([left]);
  expect([existsSync(left), existsSync(used)]).toEqual([false, true]);
  // Other systems do not say which processes belong to a folder.
  if (process.platform !== 'linux') others.kill('SIGKILL');
  const [, signal] = (await once(others, 'exit')) as [number | null, string];
  expect(signal).toBe('SIGKILL');
  expect(removeLeftovers([parent])).toEqual([]);
});
