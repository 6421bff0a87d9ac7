import { describe, expect, it } from 'vitest';

import { startContestant } from './contestants.ts';

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
