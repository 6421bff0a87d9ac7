import { describe, expect, it } from 'vitest';
import { methodLines, methodsMarkdown, renameRows } from '../../../main/cli/methodsTable.ts';
import { summariseProtocols, summaryLines } from '../../../main/cli/protocolSummary.ts';
import {
  curveCsv,
  curveLines,
  finestDistribution,
  qualityCurve,
} from '../../../shared/comparison/qualityCurve.ts';
import { presets, resolvePreset } from '../../../shared/config/presets.ts';
import { exampleEvaluation, exampleRow, fullRows } from '../../reports/exampleEvaluation.ts';

const [thinPlate, single, mean] = fullRows();
/** Heun with 10 and 2 steps, both with a single sample and a mean of eight. */
const rows = [
  thinPlate,
  { ...single, seconds: 9, psnr: 20.5 },
  { ...mean, seconds: 72, psnr: 23.5 },
  { ...mean, solverSteps: 2, nfe: 3, seconds: 12, psnr: Infinity },
  { ...single, solverSteps: 2, nfe: 3, seconds: 1.5, psnr: 21.5 },
];

describe('qualityCurve', () => {
  it('has one point per sampling plan, with the quality of the mean and the cost of one sample', () => {
    const points = qualityCurve({ rows });
    expect(points.map(({ solver, steps, nfe, seconds }) => [solver, steps, nfe, seconds])).toEqual([
      ['heun', 10, 19, 9],
      ['heun', 2, 3, 1.5],
    ]);
    expect(points.map(({ psnrMean, psnrSample }) => [psnrMean, psnrSample])).toEqual([
      [23.5, 20.5],
      [Infinity, 21.5],
    ]);
    expect(points[0]).toMatchObject({ samples: 8, crps: mean.distribution?.crps, spread: 0.05 });
  });

  it('states the variance relative to that of the plan with the most evaluations', () => {
    const spreads = [0.08, 0.06, 0];
    const points = spreads.flatMap((spread, index) => {
      const plan = { solverSteps: 10 - index, nfe: 10 - index };
      const distribution = mean.distribution && { ...mean.distribution, spread };
      return [
        { ...single, ...plan },
        { ...mean, ...plan, distribution },
      ];
    });
    const ratios = qualityCurve({ rows: points }).map(({ varianceShare }) => varianceShare);
    expect(ratios).toEqual([1, expect.closeTo(9 / 16, 12), 0]);
    const collapsed = qualityCurve({ rows: points.slice(-2) });
    expect(collapsed.map(({ varianceShare }) => varianceShare)).toEqual([null]);
  });

  it('has its finest distribution where samples took the most evaluations', () => {
    expect(finestDistribution(rows)).toBe(rows[2]);
    expect(finestDistribution(rows.toReversed())).toBe(rows[2]);
    expect(finestDistribution([thinPlate, single])).toBeUndefined();
  });

  it('has no point for a plan with a single sample', () => {
    expect(qualityCurve({ rows: [thinPlate, single] })).toEqual([]);
  });

  it('is printed with one line per point, and in CSV with every digit and the protocol', () => {
    const [head, first, second] = curveLines(qualityCurve({ rows }));
    expect(first).toHaveLength(head.length);
    expect([first[head.indexOf('PSNR mean')], second[head.indexOf('PSNR mean')]]).toEqual(['23.50', 'exact']);
    const lines = curveCsv({ ...exampleEvaluation, rows }).split('\r\n');
    expect(lines[0]).toMatch(/^solver,steps,nfe,samples,seconds,psnrMean,.*,protocol$/);
    expect(lines[1]).toMatch(/^heun,10,19,8,9,23\.5,20\.5,.*204 of 1024 pixels observed/);
    expect(lines[2]).toMatch(/^heun,2,3,8,1\.5,inf,21\.5,/);
  });
});

describe('summariseProtocols', () => {
  const at = (keepRatio: number, maskSeed: number, psnr: number | null) => ({
    protocol: { ...exampleEvaluation.protocol, keepRatio, maskSeed },
    rows: [
      exampleRow({ method: 'linear', psnr }),
      ...(keepRatio === 0.2 ? [exampleRow({ method: 'flow' })] : []),
    ],
  });

  it('averages over mask seeds for each fraction of observed pixels', () => {
    const summary = summariseProtocols([
      at(0.2, 1, 20),
      at(0.2, 2, 22),
      at(0.2, 3, 21),
      at(0.5, 1, Infinity),
    ]);
    expect(summary).toEqual({
      keepRatios: [0.2, 0.5],
      maskSeeds: [1, 2, 3],
      methods: [
        {
          method: 'linear',
          psnr: [
            { mean: 21, deviation: 1, exactImages: 0 },
            { mean: Infinity, deviation: null, exactImages: 0 },
          ],
        },
        { method: 'flow', psnr: [{ mean: 20, deviation: 0, exactImages: 0 }, null] },
      ],
    });
    expect(summaryLines(summary)).toEqual([
      ['PSNR dB, observed fraction', '20 %', '50 %'],
      ['linear', '21.00 ± 1.00', 'exact'],
      ['flow', '20.00 ± 0.00', '–'],
    ]);
  });

  it('returns no deviation for a single seed', () => {
    const [{ psnr }] = summariseProtocols([at(0.1, 1, 20)]).methods;
    expect(psnr).toEqual([{ mean: 20, deviation: null, exactImages: 0 }]);
  });
});

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
    const numbers = ['Heun 10', '19', '23.13', '20.50', 'exact', '0.500', '0.0321', '8.0'];
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
