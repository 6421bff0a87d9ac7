import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EvaluationRow, evaluationRowSchema } from '../../../shared/metric.ts';
import { comparisonCells, comparisonTables } from '../../../shared/comparison/comparisonTables.ts';
import { stringifyJson } from '../../../shared/numbers/nonFinite.ts';
import {
  formatPsnr,
  hasNearlyExact,
  isBetterScore,
  meanPsnr,
  nearlyExactPsnr,
  pooledPsnr,
} from '../../../shared/numbers/psnrMean.ts';
import { exampleRow, fullRows } from '../../reports/exampleEvaluation.ts';

const ordinary = fc.double({ min: 5, max: 45, noNaN: true });

function perImage(psnr: readonly (number | null)[]): NonNullable<EvaluationRow['perImage']> {
  const others = psnr.map(() => 0.5);
  const decibels = { psnr: [...psnr], psnrUnobserved: [...psnr] };
  return { ...decibels, ssim: others, mse: others, mae: others, crps: null };
}

describe('a mean PSNR', () => {
  it('is the arithmetic mean if no image is exact', () => {
    fc.assert(
      fc.property(fc.array(ordinary, { minLength: 1 }), (values) => {
        const { mean, exact } = meanPsnr(values);
        expect(exact).toBe(0);
        expect(mean).toBe(values.reduce((sum, value) => sum + value, 0) / values.length);
      }),
    );
  });

  it('ignores exact images, however many there are', () => {
    fc.assert(
      fc.property(fc.array(ordinary, { minLength: 1 }), fc.nat({ max: 9 }), (values, exact) => {
        const all = [...values, ...Array.from({ length: exact }, () => Infinity)];
        expect(meanPsnr(all)).toEqual({ mean: meanPsnr(values).mean, exact });
      }),
    );
  });

  it('is infinite if all images are exact, and null without images', () => {
    expect(meanPsnr([Infinity, Infinity])).toEqual({ mean: Infinity, exact: 2 });
    expect(meanPsnr([])).toEqual({ mean: null, exact: 0 });
    expect(meanPsnr([null, null])).toEqual({ mean: null, exact: 0 });
  });

  it('is displayed with the number of exact images', () => {
    const displayed = [
      formatPsnr(31.934, 2),
      formatPsnr(24.3),
      formatPsnr(Infinity, 3),
      formatPsnr(null, null),
    ];
    expect(displayed).toEqual(['31.93 (2 exact)', '24.30', 'exact', '–']);
  });
});

describe('the best evaluation of a training', () => {
  it('is the one with the highest PSNR if no image is nearly exact, regardless of the squared error', () => {
    const score = (psnr: number, mse: number) => ({ psnr, mse, nearlyExact: 0 });
    expect(isBetterScore(score(24, 0.02), score(23, 0.01))).toBe(true);
    expect(isBetterScore(score(23, 0.01), score(24, 0.02))).toBe(false);
    expect(isBetterScore(score(20, 0.1), null)).toBe(true);
  });

  it('is the one with the smallest squared error if any image is nearly exact', () => {
    const good = { psnr: 21.29, mse: 0.04, nearlyExact: 0 };
    const white = { psnr: 27.63, mse: 0.09, nearlyExact: 6 };
    expect([isBetterScore(white, good), isBetterScore(good, white)]).toEqual([false, true]);
    const exact = { psnr: Infinity, mse: 0, nearlyExact: 5 };
    expect([isBetterScore(exact, exact), isBetterScore(exact, white)]).toEqual([false, true]);
  });

  it('is never one with NaN, and is found by PSNR if an older checkpoint has no other metric', () => {
    const old = { psnr: 24, mse: null, nearlyExact: null };
    expect(isBetterScore({ psnr: NaN, mse: NaN, nearlyExact: 0 }, null)).toBe(false);
    expect(isBetterScore({ psnr: 25, mse: 0.1, nearlyExact: 1 }, old)).toBe(true);
    expect(isBetterScore({ psnr: 23, mse: 0.1, nearlyExact: 1 }, old)).toBe(false);
  });
});

describe('pooledPsnr', () => {
  it('is 20 dB for a mean squared error of 0.01, below the mean of the images’ own', () => {
    expect(pooledPsnr({ mse: 0.01 })).toBeCloseTo(20, 12);
    const errors = [0.001, 0.019];
    const mean = errors.reduce((sum, mse) => sum - 5 * Math.log10(mse), 0);
    expect(pooledPsnr({ mse: 0.01 })).toBeLessThan(mean);
    expect(pooledPsnr({ mse: 0 })).toBe(Infinity);
  });
});

describe('a table with exact images', () => {
  const exact = { psnr: 20, exactImages: 2, mse: 0.02, perImage: perImage([20, Infinity, Infinity]) };
  const even = { psnr: 24, exactImages: 0, mse: 0.004, perImage: perImage([24, 24, 24]) };
  const nearly = { psnr: 33, mse: 0.03, perImage: perImage([15, 15, nearlyExactPsnr + 20]) };
  const psnrCells = (rows: readonly EvaluationRow[]) =>
    comparisonCells(comparisonTables(rows)[0]).map((cells) => cells[2]);

  it('marks the PSNR of the row with the smallest squared error, and counts the exact images', () => {
    const rows = [exampleRow(exact), exampleRow(even), exampleRow(nearly)];
    expect(psnrCells(rows)).toEqual([
      { text: '20.00 (2 exact)', isBest: false },
      { text: '24.00', isBest: true },
      { text: '33.00', isBest: false },
    ]);
    expect(comparisonTables(rows)[0].note).toContain('the least squared error over all images');
  });

  it('differs from one without nearly exact images, where the highest PSNR is the best', () => {
    const rows = [exampleRow({ psnr: 24, mse: 0.02 }), exampleRow({ psnr: 23, mse: 0.01 })];
    expect(hasNearlyExact(rows)).toBe(false);
    expect(psnrCells(rows).map(({ isBest }) => isBest)).toEqual([true, false]);
    expect(comparisonTables(rows)[0].note).toBe('');
    expect(hasNearlyExact([exampleRow(nearly)])).toBe(true);
  });
});

describe('a stored evaluation row', () => {
  it('keeps infinite numbers in a round trip through JSON', () => {
    const distribution = fullRows().flatMap((row) => row.distribution ?? [])[0];
    const row = exampleRow({
      psnr: Infinity,
      exactImages: 2,
      psnrUnobserved: null,
      perImage: perImage([Infinity, null]),
      distribution: { ...distribution, spreadSkill: Infinity },
    });
    expect(evaluationRowSchema.parse(JSON.parse(stringifyJson(row)))).toEqual(row);
    expect(evaluationRowSchema.parse(row)).toEqual(row);
  });

  /** Removes the fields that older versions did not write. */
  const toOlder = ({ exactImages: _images, exactUnobserved: _unobserved, ...row }: EvaluationRow) => row;

  it('of an older version gets the mean of the images that are not exact in place of null', () => {
    const row = toOlder(exampleRow({ psnr: null, psnrUnobserved: null, perImage: perImage([20, null, 24]) }));
    expect(evaluationRowSchema.parse(row)).toMatchObject({
      psnr: 22,
      exactImages: 1,
      psnrUnobserved: 22,
      exactUnobserved: 1,
      perImage: { psnr: [20, Infinity, 24], psnrUnobserved: [20, Infinity, 24] },
    });
  });

  it('of an older version keeps its mean, which stays unknown if it cannot be derived', () => {
    expect(evaluationRowSchema.parse(toOlder(exampleRow({ psnr: 21.5 })))).toMatchObject({
      psnr: 21.5,
      exactImages: 0,
    });
    expect(evaluationRowSchema.parse(toOlder(exampleRow({ psnr: null, mse: 0.01 })))).toMatchObject({
      psnr: null,
      exactImages: null,
    });
    expect(evaluationRowSchema.parse(toOlder(exampleRow({ psnr: null, mse: 0 }))).psnr).toBe(Infinity);
  });

  it('of an older version gets an infinite ratio of spread and skill, or none if the spread is zero', () => {
    const distribution = fullRows().flatMap((row) => row.distribution ?? [])[0];
    const ratioOf = (spread: number) => {
      const row = exampleRow({ distribution: { ...distribution, spread, spreadSkill: null } });
      return evaluationRowSchema.parse(toOlder(row)).distribution?.spreadSkill;
    };
    expect([ratioOf(0.1), ratioOf(0)]).toEqual([Infinity, null]);
  });
});
