import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { insertEvaluatedRun } from '../reports/exampleReport.ts';
import { insertExampleRun, openExampleStore } from '../store/exampleStore.ts';
import { runLab } from './runLab.ts';

function openWithRuns() {
  const store = openExampleStore();
  ['flow', 'score'].forEach((name, index) => insertEvaluatedRun(store, { name, gain: 1 - index }));
  const compare = (...words: readonly string[]) =>
    runLab('compare', ...words, '--data-dir', store.dataFolder);
  return { store, compare, folder: store.dataFolder };
}

describe('lab compare', () => {
  it('prints the table with paired differences and the verdict', async () => {
    const { code, stdout } = await openWithRuns().compare('flow', 'score');
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nflow · posterior mean +1 +1 +22\.50\*/);
    expect(stdout).toMatch(
      /\nscore · posterior mean +flow · posterior mean +−1\.00 dB +\[−1\.00, −1\.00\] +0 +0 +4 /,
    );
    expect(stdout).toContain('“flow” is better than “score” by 1.00 dB PSNR');
  });

  it('writes the report and prints the same results as JSON', async () => {
    const { compare, folder } = openWithRuns();
    const out = join(folder, 'report');
    const { code, lines } = await compare('flow', 'score', '--out', out, '--title', 'Mine', '--json');
    const [result] = lines();
    expect(code).toBe(0);
    expect(result).toMatchObject({
      runs: [{ name: 'flow' }, { name: 'score' }],
      pairs: [{ wins: 0, losses: 4 }],
      notes: [],
    });
    expect(readdirSync(out)).toEqual(
      expect.arrayContaining([
        'report.html',
        'comparison.csv',
        'comparison.md',
        'comparison.tex',
        'numbers.json',
        'chart-results.svg',
      ]),
    );
  });

  it('says how to evaluate runs without an evaluation, and refuses invalid arguments', async () => {
    const { store, compare } = openWithRuns();
    ['one', 'two'].forEach((name) => insertExampleRun(store, name));
    expect((await compare('one', 'two')).stdout).toContain('lab evaluate <run>');
    expect(await compare('flow', 'flow')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('each run once'),
    });
    expect(await compare('flow', 'score', '--pdf')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--out'),
    });
    expect(await compare('flow')).toMatchObject({ code: 2 });
  });
});
