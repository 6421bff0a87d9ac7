import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { formatColumns, formatStatus, formatSteps } from '../../main/cli/format.ts';
import { createOutput } from '../../main/cli/output.ts';
import { writeTables } from '../../main/cli/reportFiles.ts';
import { describePace } from '../../main/cli/trainingSession.ts';
import { displayWidth } from '../../shared/text/terminalText.ts';
import { exampleEvaluation } from '../reports/exampleEvaluation.ts';
import { insertExampleRun, openExampleStore } from '../store/exampleStore.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';

describe('formatting of rows and runs', () => {
  it('pads columns to their widest entry and leaves no trailing spaces', () => {
    expect(
      formatColumns([
        ['a', 'bb'],
        ['ccc', 'd'],
      ]),
    ).toBe('a    bb\nccc  d');
  });

  it('aligns columns of Chinese, Japanese, Korean and emoji as a terminal shows them', () => {
    const rows = ['run', '猫の写真', '한국', '👩‍👩‍👧‍👦 🫠', 'cafe\u0301'].map((name) => [name, '|']);
    const lines = formatColumns(rows).split('\n');
    expect(lines.map((line) => displayWidth(line))).toEqual([11, 11, 11, 11, 11]);
    expect(lines[1]).toBe('猫の写真  |');
  });

  it('shows the steps of a run, with the total only if it is known', () => {
    const store = openExampleStore();
    const run = insertExampleRun(store);
    expect(formatSteps(run)).toBe('0 of 1000');
    expect(formatSteps({ ...run, totalSteps: null })).toBe('0');
    const timed = { ...run.config, train: { ...run.config.train, minutes: 3 } };
    expect(formatSteps({ ...run, config: timed })).toBe('0');
  });

  it('forms a phrase from every status', () => {
    expect([formatStatus('paused'), formatStatus('crashed')]).toEqual(['is paused', 'has crashed']);
  });
});

describe('the progress line of a training', () => {
  const event = { type: 'step', step: 20, epoch: 2, loss: 0.012345, gradNorm: 1, learningRate: 1 } as const;
  const time = { milliseconds: 500, processSeconds: 10 };

  it('shows step, epoch, loss, speed and remaining time', () => {
    const pace = { stepsPerSecond: 2, secondsLeft: 40, secondsLeftSpread: 1 };
    const line = describePace({ ...event, ...time }, pace);
    expect(line).toBe('step 20 · epoch 2 · loss 0.0123 · 2.0 steps/s · 40 s left');
  });

  it('leaves out values that are not known yet', () => {
    const pace = { stepsPerSecond: null, secondsLeft: null, secondsLeftSpread: null };
    expect(describePace({ ...event, ...time }, pace)).toBe('step 20 · epoch 2 · loss 0.0123');
  });
});

/** Returns an output and the text written to its streams. */
function capture(isJson: boolean, stream: { isTTY: boolean; columns?: number }, variables = {}) {
  const written = { stdout: '', stderr: '' };
  const streams = {
    stdout: { write: (text: string) => (written.stdout += text) },
    stderr: { ...stream, write: (text: string) => (written.stderr += text) },
  };
  const output = createOutput(isJson, streams, { TERM: 'xterm', ...variables });
  return { written, output };
}

describe('the output', () => {
  it('prints either text or JSON on stdout', () => {
    for (const isJson of [false, true]) {
      const { written, output } = capture(isJson, { isTTY: false });
      output.text('text');
      output.json({ value: 1 });
      expect(written.stdout).toBe(isJson ? '{"value":1}\n' : 'text\n');
    }
  });

  it('writes a JSON object field by field, and the values of a generator one by one', async () => {
    const fields = {
      name: 'a "run"',
      none: null,
      points: [1, { x: 2 }].values(),
      nothing: [].values(),
      plain: [3, 4],
    };
    const expected = { name: 'a "run"', none: null, points: [1, { x: 2 }], nothing: [], plain: [3, 4] };
    const { written, output } = capture(true, { isTTY: false });
    await output.jsonFields(fields);
    expect(written.stdout).toBe(`${JSON.stringify(expected)}\n`);
    await output.jsonFields({});
    expect(written.stdout.endsWith('\n{}\n')).toBe(true);
    const text = capture(false, { isTTY: false });
    await text.output.jsonFields(fields);
    expect(text.written.stdout).toBe('');
  });

  it('takes values from a generator no faster than the reader takes JSON, and none after the reader is gone', async () => {
    let taken = 0;
    function* points() {
      for (; taken < 100_000; taken++) yield { index: taken, text: 'x'.repeat(50) };
    }
    const waiting: (() => void)[] = [];
    const stdout = new Writable({
      highWaterMark: 1000,
      decodeStrings: false,
      write: (_chunk, _encoding, done) => void waiting.push(done),
    });
    const output = createOutput(true, { stdout, stderr: { write: () => true } });
    const written = output.jsonFields({ points: points() });
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    await turn();
    const first = taken;
    expect(first).toBeLessThan(2000);
    await turn();
    expect(taken).toBe(first);
    waiting.shift()?.();
    await turn();
    await turn();
    expect(taken).toBeGreaterThan(first);
    expect(taken).toBeLessThan(2 * first + 10);
    stdout.destroy();
    await written;
    expect(taken).toBeLessThan(4000);
  });

  it('redraws progress in place on a terminal, cut to its width, and clears it before other lines', () => {
    const { written, output } = capture(false, { isTTY: true, columns: 6 });
    output.progress('0123456789');
    output.note('done');
    expect(written.stderr).toBe('\r\x1b[2K0123…\r\x1b[2Kdone\n');
  });

  it('writes progress to a pipe as infrequent plain lines', () => {
    const { written, output } = capture(false, { isTTY: false });
    output.progress('one');
    output.progress('two');
    output.note('done');
    expect(written.stderr).toBe('one\ndone\n');
  });

  it('cuts a progress line of wide characters to one terminal line', () => {
    const { written, output } = capture(false, { isTTY: true, columns: 40 });
    output.progress('猫'.repeat(80));
    expect(written.stderr).toBe(`\r\x1b[2K${'猫'.repeat(19)}…`);
  });

  it('writes no escape sequence on a dumb terminal or in continuous integration', () => {
    for (const variables of [{ TERM: 'dumb' }, { CI: 'true' }]) {
      const { written, output } = capture(false, { isTTY: true, columns: 40 }, variables);
      output.progress('one');
      output.note('done');
      expect(written.stderr).toBe('one\ndone\n');
    }
  });

  it('assumes 80 columns if the terminal does not report its width', () => {
    const { written, output } = capture(false, { isTTY: true, columns: 0 });
    output.progress('0'.repeat(100));
    expect(written.stderr).toBe(`\r\x1b[2K${'0'.repeat(78)}…`);
  });
});

describe('a folder of tables', () => {
  it('never mixes the numbers of two evaluations, and keeps other files', () => {
    const folder = join(makeTemporaryFolder(), 'new', 'out');
    const curve = { name: 'curve.csv', text: 'steps,psnr\n' };
    writeTables(folder, { evaluations: [exampleEvaluation], more: [curve] });
    writeFileSync(join(folder, 'notes.txt'), '');
    expect(readdirSync(folder)).toContain('curve.csv');
    writeTables(folder, { evaluations: [exampleEvaluation] });
    expect(readdirSync(folder).sort()).toEqual([
      'comparison.csv',
      'comparison.json',
      'comparison.md',
      'notes.txt',
    ]);
  });

  it('keeps a curve file of the user', () => {
    const folder = makeTemporaryFolder();
    writeFileSync(join(folder, 'curve.csv'), 'mine');
    writeTables(folder, { evaluations: [exampleEvaluation] });
    expect(readdirSync(folder)).toContain('curve.csv');
  });
});
