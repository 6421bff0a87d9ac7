import { describe, expect, it } from 'vitest';
import { presets, resolvePreset } from '../../shared/config/presets.ts';
import { methodLines, methodsMarkdown, renameRows } from '../../main/cli/methodsTable.ts';
import { exampleRow, fullRows } from '../reports/exampleEvaluation.ts';

const [, single, mean] = fullRows();
const posterior = exampleRow({ method: 'flow · posterior mean', nfe: 1, samples: 1, psnr: 23.126 });
const config = resolvePreset(presets[0]);
const result = (
  name: string,
  rows = [posterior, { ...single, psnr: 20.5, seconds: 8 }, { ...mean, psnr: Infinity }],
) => ({
  name,
  rows,
  trainingSeconds: 180,
  config: { ...config, path: { ...config.path, kind: 'linear' as const, prediction: 'data' as const } },
});

describe('methodLines', () => {
  it('writes the results of a method in one line', () => {
    const [head, line] = methodLines([result('flow')]);
    expect(head.slice(4, 7)).toEqual(['posterior mean', 'one sample', 'mean of 8']);
    const numbers = ['heun 10', '19', '23.13', '20.50', 'exact', '0.500', '0.0321', '8.0'];
    expect(line).toEqual(['flow', 'image, straight path', ...numbers]);
  });

  it('states the number of evaluations of a mean over mirror images', () => {
    const mirrored = { ...posterior, method: 'flow · posterior mean (mirrored)', nfe: 2 };
    const [, line] = methodLines([result('flow', [mirrored, single])]);
    expect(line[4]).toBe('23.13 (2 NFE)');
  });

  it('has dashes for results that were not measured', () => {
    const [, line] = methodLines([result('flow', [posterior])]);
    expect(line.slice(6, 9)).toEqual(['–', '–', '–']);
  });

  it('is written as a Markdown table with as many columns as headings, and with training times', () => {
    const markdown = methodsMarkdown([result('flow'), result('score')]);
    const widths = markdown
      .split('\n')
      .slice(0, 4)
      .map((line) => line.split('|').length);
    expect(new Set(widths).size).toBe(1);
    expect(markdown).toContain('Training time: flow 3 min 00 s, score 3 min 00 s.');
  });
});

describe('renameRows', () => {
  it('starts the name of each row with the name of the method', () => {
    const names = renameRows(result('score')).map(({ method }) => method);
    expect(names).toEqual([
      'score · posterior mean',
      'score · one sample (heun)',
      'score · mean of 8 samples',
    ]);
  });
});
