import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { findTwin, listVariants, startContestant } from './contestants.ts';

/** Starts a process that runs this code for every line that it receives. */
function startScript(code: string) {
  const script = `require('readline').createInterface(process.stdin).on('line', (line) => { ${code} })`;
  return startContestant('example', [process.execPath, '-e', script]);
}

describe('startContestant', () => {
  it('returns one answer per question and ignores other output', async () => {
    const contestant = startScript(
      'console.log("chatter"); console.log(JSON.stringify({ got: JSON.parse(line) }))',
    );
    expect(await contestant.ask({ train: { steps: 2 } })).toEqual({ got: { train: { steps: 2 } } });
    expect(await contestant.ask({ memory: {} })).toEqual({ got: { memory: {} } });
    contestant.close();
  });

  it('throws the error with which a process answers', async () => {
    const contestant = startScript('console.log(JSON.stringify({ error: "out of memory" }))');
    await expect(contestant.ask({ setup: {} })).rejects.toThrow('out of memory');
    contestant.close();
  });

  it('reports the last output of a process that ends', async () => {
    const contestant = startScript('console.error("no torch here"); process.exit(1)');
    await expect(contestant.ask({ setup: {} })).rejects.toThrow('its process ended (no torch here)');
    await expect(contestant.ask({ setup: {} })).rejects.toThrow('its process ended');
  });

  it('reports a program that does not exist', async () => {
    const contestant = startContestant('example', ['no-such-program-anywhere']);
    await expect(contestant.ask({ setup: {} })).rejects.toThrow('ENOENT');
  });
});

describe.skipIf(process.platform === 'win32')('PyTorch on the same device', () => {
  /** Finds PyTorch in a Python that answers with this line: version, CUDA, Apple's card. */
  function findIn(answer: string, device: 'CPU' | 'GPU') {
    const python = join(makeTemporaryFolder(), 'python');
    writeFileSync(python, `#!/bin/sh\necho "${answer}"\n`);
    chmodSync(python, 0o755);
    vi.stubEnv('SPARSE_FIELD_LAB_PYTHON', python);
    onTestFinished(() => void vi.unstubAllEnvs());
    return findTwin(device);
  }

  it.each([
    ['2.9.0 True False', 'GPU', 'cuda'],
    ['2.9.0 False True', 'GPU', 'mps'],
    ['2.9.0 True True', 'CPU', 'cpu'],
  ] as const)(
    'is found where Python says "%s" and the engine uses the %s: %s',
    async (answer, engine, device) => {
      expect(await findIn(answer, engine)).toMatchObject({ version: '2.9.0', device });
    },
  );

  it('is not compared if it has no card and the engine has one', async () => {
    expect(await findIn('2.9.0 False False', 'GPU')).toMatch(
      /^the engine runs on the GPU and PyTorch 2\.9\.0/,
    );
  });

  it('runs eagerly and compiled on every card', () => {
    for (const device of ['cuda', 'mps'] as const)
      expect(listVariants('unet', device).map(({ name }) => name)).toEqual(['eager', 'torch.compile']);
  });
});
