import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { findErrorMessage, lastLine, runCommand, waitForExit } from '../../main/runtime/command.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';

describe('runCommand', () => {
  it('returns what the program prints', async () => {
    const result = await runCommand(process.execPath, ['-e', 'console.log(1); console.error(2)'], {
      limit: 20_000,
    });
    expect(result).toEqual({ isOk: true, code: 0, stdout: '1\n', stderr: '2\n', failure: '' });
  });

  it('passes its input to the program, and what the program prints to a file', async () => {
    const outputFile = join(makeTemporaryFolder(), 'printed');
    const echo = 'process.stdin.pipe(process.stdout)';
    const options = { limit: 20_000, input: 'grüße\n', outputFile };
    const result = await runCommand(process.execPath, ['-e', echo], options);
    expect(result).toMatchObject({ isOk: true, stdout: '' });
    expect(readFileSync(outputFile, 'utf8')).toBe('grüße\n');
  });

  it('returns a failure if the program does not exist', async () => {
    const result = await runCommand('no-such-program-here', [], { limit: 1000 });
    expect(result.isOk).toBe(false);
    expect(result.failure).toContain('no-such-program-here could not be started');
  });

  it('reports the exit code of a program that fails', async () => {
    const result = await runCommand(process.execPath, ['-e', 'process.exit(3)'], { limit: 20_000 });
    expect(result).toMatchObject({ failure: 'ended with exit code 3', code: 3 });
  });

  it('kills a program at its time limit', async () => {
    const startedAt = Date.now();
    const result = await runCommand(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { limit: 1000 });
    expect(result.failure).toBe('took longer than 1 s');
    expect(Date.now() - startedAt).toBeLessThan(60_000);
  });

  it.runIf(process.platform !== 'win32')(
    'returns at its time limit even if a program started by the program still runs',
    async () => {
      const result = await runCommand('sh', ['-c', 'echo $$; sleep 60 & echo $!; wait'], { limit: 1000 });
      const [, sleeper] = result.stdout.split('\n').map(Number);
      process.kill(sleeper);
      expect(result.failure).toBe('took longer than 1 s');
    },
  );

  it('kills a program when `watch` returns a reason', async () => {
    const watch = (): string => 'nothing arrived';
    const result = await runCommand(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], {
      limit: 20_000,
      watch,
    });
    expect(result.failure).toBe('nothing arrived');
  });
});

describe('the message of a failed program', () => {
  it('is its last line that is not empty', () => {
    expect(lastLine('first\nERROR: none found\n\n')).toBe('ERROR: none found');
    expect(lastLine('')).toBe('');
  });

  it('is the message of a Node error without its stack', () => {
    const text = 'file.js:3\n\nTypeError [ERR_X]: it broke\n    at main (file.js:3)\n\nNode.js v24.0.0\n';
    expect(findErrorMessage(text)).toBe('it broke');
    expect(findErrorMessage('Segmentation fault')).toBe('');
  });
});

describe('waitForExit', () => {
  it('reports a failure for exit codes and signals', async () => {
    const run = (script: string) => waitForExit(spawn(process.execPath, ['-e', script], { stdio: 'ignore' }));
    expect(await run('')).toBe(null);
    expect(await run('process.exit(1)')).toBe('ended with exit code 1');
    for (const signal of ['SIGTRAP', 'SIGSEGV', 'SIGABRT']) {
      expect(await run(`process.kill(process.pid, '${signal}')`)).toBe(`was ended by ${signal}`);
    }
  });

  it('reports a failure if the program is missing', async () => {
    expect(await waitForExit(spawn('/no/such/program'))).toMatch(/^could not be started \(.*ENOENT/);
  });
});
