import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';

import { findErrorMessage, lastLine, runCommand, waitForExit } from '../../main/runtime/command.ts';

describe('a command', () => {
  it('gives what it prints', async () => {
    const result = await runCommand(process.execPath, ['-e', 'console.log(1); console.error(2)'], {
      limit: 20_000,
    });
    expect(result).toEqual({ isOk: true, stdout: '1\n', stderr: '2\n', failure: '' });
  });

  it('that does not exist is an answer, not an exception', async () => {
    const result = await runCommand('no-such-program-here', [], { limit: 1000 });
    expect(result.isOk).toBe(false);
    expect(result.failure).toContain('no-such-program-here could not be started');
  });

  it('that fails reports its exit code', async () => {
    const result = await runCommand(process.execPath, ['-e', 'process.exit(3)'], { limit: 20_000 });
    expect(result.failure).toBe('ended with exit code 3');
  });

  it('that hangs is ended at its limit', async () => {
    const startedAt = Date.now();
    const result = await runCommand(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { limit: 1000 });
    expect(result.failure).toBe('took longer than 1 s');
    expect(Date.now() - startedAt).toBeLessThan(10_000);
  });

  it.runIf(process.platform !== 'win32')(
    'that hangs in a program it started is ended at its limit as well',
    async () => {
      const result = await runCommand('sh', ['-c', 'echo $$; sleep 60 & echo $!; wait'], { limit: 1000 });
      const [, sleeper] = result.stdout.split('\n').map(Number);
      process.kill(sleeper);
      expect(result.failure).toBe('took longer than 1 s');
    },
  );

  it('that is watched is ended with the watcher’s reason', async () => {
    const watch = (): string => 'nothing arrived';
    const result = await runCommand(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], {
      limit: 20_000,
      watch,
    });
    expect(result.failure).toBe('nothing arrived');
  });
});

describe('what a failed program said', () => {
  it('is the last line with words in it', () => {
    expect(lastLine('first\nERROR: none found\n\n')).toBe('ERROR: none found');
    expect(lastLine('')).toBe('');
  });

  it('is the message of a Node error, not its stack', () => {
    const text = 'file.js:3\n\nTypeError [ERR_X]: it broke\n    at main (file.js:3)\n\nNode.js v24.0.0\n';
    expect(findErrorMessage(text)).toBe('it broke');
    expect(findErrorMessage('Segmentation fault')).toBe('');
  });
});

describe('a child that is waited for', () => {
  it('counts as failed when it ends by a signal as well as by an exit code', async () => {
    const end = (script: string) => waitForExit(spawn(process.execPath, ['-e', script], { stdio: 'ignore' }));
    expect(await end('')).toBe(null);
    expect(await end('process.exit(1)')).toBe('ended with exit code 1');
    for (const signal of ['SIGTRAP', 'SIGSEGV', 'SIGABRT']) {
      expect(await end(`process.kill(process.pid, '${signal}')`)).toBe(`was ended by ${signal}`);
    }
  });

  it('counts as failed where its program is missing', async () => {
    expect(await waitForExit(spawn('/no/such/program'))).toMatch(/^could not be started \(.*ENOENT/);
  });
});
