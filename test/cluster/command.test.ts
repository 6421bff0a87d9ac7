import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { runLab } from '../cli/runLab.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';

const vary = ['--preset', 'tiny', '--vary', 'seed=1..2', '--steps', '4'];

describe('lab sweep … --on slurm', () => {
  it.each([
    [['--gpus', '1'], '--gpus describes jobs on a cluster: add --on slurm.'],
    [['--on', 'slurm', '--time', '2 hours'], '--time is "2 hours": expected minutes, hours:minutes:seconds'],
    [
      ['--on', 'slurm', '--script-line', '#SBATCH -a 0-9'],
      '--script-line is "#SBATCH -a 0-9": the script sets',
    ],
    [['--on', 'moon'], '--on is "moon", expected here or slurm.'],
  ])('with %j is refused before a sweep exists', async (options, message) => {
    const folder = join(makeTemporaryFolder(), 'data');
    const { code, stderr } = await runLab('sweep', ...vary, ...options, '--data-dir', folder);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
    expect(existsSync(folder)).toBe(false);
  });

  it.skipIf(process.platform === 'win32')('keeps the sweep if the cluster cannot be reached', async () => {
    const folder = makeTemporaryFolder();
    const programs = makeTemporaryFolder();
    writeFileSync(
      join(programs, 'ssh'),
      '#!/bin/sh\necho "ssh: connect to host login: timed out" >&2\nexit 255\n',
    );
    chmodSync(join(programs, 'ssh'), 0o755);
    vi.stubEnv('PATH', `${programs}${delimiter}${process.env.PATH}`);
    onTestFinished(() => void vi.unstubAllEnvs());
    const options = ['--on', 'slurm', '--host', 'login', '--program', '~/lab', '--data-dir', folder];
    const { code, stderr } = await runLab('sweep', ...vary, ...options);
    expect(code).toBe(1);
    expect(stderr).toMatch(/The sweep is kept\. Once that is solved: lab sweep submit [a-z2-7]{8}\n/);
    expect(stderr).toContain('The connection to login failed: ssh: connect to host login: timed out.');
    const listed = await runLab('sweep', 'list', '--json', '--data-dir', folder);
    expect(listed.lines()[0]).toMatchObject({ sweeps: [{ state: 'idle', place: { kind: 'local' } }] });
    const collected = await runLab('sweep', 'collect', 'latest', '--data-dir', folder);
    expect(collected.stderr).toContain('is computed on this machine; one on a cluster was expected.');
  });
});
