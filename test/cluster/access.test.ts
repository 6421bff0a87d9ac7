import { describe, expect, it } from 'vitest';
import { ConnectionError, sshAccess } from '../../main/cluster/access.ts';
import type { CommandOptions, CommandResult } from '../../main/runtime/command.ts';
import { exampleSweepFile } from './exampleSweep.ts';
import { failed, succeeded } from './fakeSlurm.ts';

const status = { tasks: [], counts: {}, living: 0, messages: [] };

/** Access through an ssh that answers the same to everything. */
function accessWith(answer: CommandResult) {
  const calls: { args: readonly string[]; options: CommandOptions }[] = [];
  const access = sshAccess('ada@login', '/opt/lab', async (program, args, options) => {
    expect(program).toBe('ssh');
    calls.push({ args, options });
    return answer;
  });
  return { access, calls };
}

describe('ssh', () => {
  it('never asks for a password, and quotes what the shell there reads', async () => {
    const { access, calls } = accessWith(failed('', 255));
    await expect(access.act("/shared/a sweep's", 'status')).rejects.toThrow(ConnectionError);
    const [{ args }] = calls;
    expect(args).toContain('BatchMode=yes');
    expect(args.slice(-3)).toEqual([
      '--',
      'ada@login',
      `/opt/lab/node_modules/node/bin/node /opt/lab/main/cli/start.mjs cluster-agent status '/shared/a sweep'\\''s' --json`,
    ]);
  });

  it('sends a sweep over its standard input', async () => {
    const answer = `Welcome!\n${JSON.stringify({ appVersion: '1.0.0', status: { ...status, counts: emptyCounts } })}\n`;
    const { access, calls } = accessWith(succeeded(answer));
    await access.create('/shared/x', exampleSweepFile(1));
    expect(JSON.parse(calls[0].options.input ?? '')).toMatchObject({ id: 'abcdefgh', members: 1 });
  });

  it('resolves a path that begins with the home folder there', async () => {
    const { access, calls } = accessWith(succeeded('Welcome!\n/home/ada\n'));
    expect(await access.resolvePath('~/sweeps')).toBe('/home/ada/sweeps');
    expect(await access.resolvePath('/scratch')).toBe('/scratch');
    expect(calls).toHaveLength(1);
  });

  it.each([
    {
      why: 'a broken connection, which may have done its work',
      answer: failed('kex_exchange: Connection closed by remote host', 255),
      message:
        /^The connection to ada@login failed: kex_exchange.*must not ask for a password\. Whatever was begun there is known to lab sweep status\.$/,
    },
    {
      why: 'what the program there reports',
      answer: { ...failed('lab: no'), stdout: '{"event":"error","error":"Slurm refused it."}\n' },
      message: /^Slurm refused it\.$/,
    },
    {
      why: 'a program that is not there',
      answer: failed('bash: /opt/lab/node_modules/node/bin/node: No such file or directory', 127),
      message: /^The program on ada@login failed: .*No such file.*npm run setup.*--program\.$/,
    },
    {
      why: 'a program of another version',
      answer: succeeded('{"appVersion":"9.0.0","status":{"strange":1}}\n'),
      message: /^ada@login answered .*the state of a sweep was expected\. Bring the checkout there/,
    },
  ])('explains $why', async ({ answer, message }) => {
    await expect(accessWith(answer).access.act('/shared/x', 'submit')).rejects.toThrow(message);
  });
});

const emptyCounts = Object.fromEntries(
  ['planned', 'queued', 'running', 'requeued', 'waiting', 'failed', 'cancelled', 'done', 'unknown'].map(
    (name) => [name, 0],
  ),
);
