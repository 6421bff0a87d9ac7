import { describe, expect, it } from 'vitest';
import { summariseProtocols, summaryLines } from '../../main/cli/protocolSummary.ts';
import {
  curveCsv,
  curveLines,
  finestDistribution,
  qualityCurve,
} from '../../shared/comparison/qualityCurve.ts';
import { exampleEvaluation, exampleRow, fullRows } from '../reports/exampleEvaluation.ts';

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
