import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawResamples, meanInterval, pairedDifference } from '../../../shared/comparison/bootstrap.ts';
import {
  histogramOf,
  pairedStatistics,
  signTest,
  sortByGain,
} from '../../../shared/comparison/pairedStatistics.ts';
import { randomNormals } from '../../../shared/numbers/random.ts';
import { examplePerImage } from './exampleComparedRun.ts';

describe('signTest', () => {
  it.each([
    [7, 3, 0.34375],
    [5, 5, 1],
    [0, 6, 0.03125],
    [60, 40, 0.05688793364098089],
    [70, 30, 7.85013964559367e-5],
    [530, 470, 0.06202319509836343],
    [5200, 4800, 6.593515598672343e-5],
    [3000, 1000, 2.491514538629926e-229],
    [1, 0, 1],
    [0, 0, 1],
  ])('returns the p-value of SciPy’s binomtest for %d wins and %d losses', (wins, losses, expected) => {
    expect(signTest(wins, losses) / expected).toBeCloseTo(1, 9);
  });

  it('does not depend on which side wins', () => {
    const count = fc.integer({ min: 0, max: 500 });
    fc.assert(fc.property(count, count, (wins, losses) => signTest(wins, losses) === signTest(losses, wins)));
  });
});

describe('pairedStatistics', () => {
  const one = examplePerImage([20, 25, 30, 22]);
  const two = examplePerImage([21, 25, 28, 20]);

  it('counts wins, ties and losses, and averages the differences', () => {
    const found = pairedStatistics(one, two, 'psnr');
    expect(found).toMatchObject({ differences: [-1, 0, 2, 2], wins: 2, ties: 1, losses: 1, signTest: 1 });
    expect(found?.mean?.mean).toBeCloseTo(0.75, 12);
    const [low, high] = found?.mean?.interval ?? [NaN, NaN];
    expect(low).toBeGreaterThanOrEqual(-1);
    expect(high).toBeLessThanOrEqual(2);
  });

  it('treats the smaller error as better', () => {
    const found = pairedStatistics(one, two, 'mse');
    expect(found).toMatchObject({ wins: 2, ties: 1, losses: 1 });
    expect(found?.differences[0]).toBeGreaterThan(0);
    expect(found?.gains[0]).toBeLessThan(0);
  });

  it('ranks the gain of an exact image first, and leaves it out of the mean', () => {
    const exact = { ...one, psnr: [Infinity, 25, 30, Infinity] };
    const found = pairedStatistics(exact, { ...two, psnr: [21, 25, 28, Infinity] }, 'psnr');
    expect(found).toMatchObject({ wins: 2, ties: 2, losses: 0, differences: [null, 0, 2, 0] });
    expect(found?.mean).toMatchObject({ mean: 1, leftOut: 2 });
    expect(found && sortByGain(found, 'gain')).toEqual([0, 2, 1, 3]);
  });

  it('is null if one side lacks the metric, and rejects different numbers of images', () => {
    expect(pairedStatistics(one, two, 'crps')).toBeNull();
    expect(() => pairedStatistics(one, examplePerImage([20]), 'psnr')).toThrow('have 4 and 1 images');
  });

  it('changes its sign if the sides are swapped', () => {
    const psnr = fc.array(fc.double({ min: 5, max: 50, noNaN: true }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(psnr, psnr, (first, second) => {
        const found = pairedStatistics(examplePerImage(first), examplePerImage(second), 'psnr');
        const swapped = pairedStatistics(examplePerImage(second), examplePerImage(first), 'psnr');
        expect([found?.wins, found?.losses]).toEqual([swapped?.losses, swapped?.wins]);
        expect(found?.mean?.mean).toBeCloseTo(-(swapped?.mean?.mean ?? NaN), 9);
      }),
    );
  });

  it('sorts images by gain or by loss, and keeps the order of equal ones', () => {
    const found = pairedStatistics(one, two, 'psnr');
    expect(found && sortByGain(found, 'gain')).toEqual([2, 3, 1, 0]);
    expect(found && sortByGain(found, 'loss')).toEqual([0, 1, 2, 3]);
  });
});

describe('histogramOf', () => {
  it('has bins with round edges, one of them at zero', () => {
    const found = histogramOf([-0.31, -0.1, 0.05, 0.12, 0.48, null], 5);
    expect(found?.edges.map((edge) => Number(edge.toFixed(6)))).toEqual([-0.4, -0.2, 0, 0.2, 0.4, 0.6]);
    expect(found?.counts).toEqual([1, 1, 2, 0, 1]);
  });

  it('counts every finite value once', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 }), (values) => {
        const found = histogramOf(values);
        expect(found?.counts.reduce((sum, count) => sum + count, 0)).toBe(values.length);
        expect(found?.counts.length).toBeLessThanOrEqual(22);
        // Up to rounding, because a quotient may be too small to be distinguished from zero.
        const [first, second] = found?.edges ?? [];
        expect(first).toBeLessThanOrEqual(Math.min(...values) + 1e-9 * (second - first));
      }),
    );
  });

  it('is null without values, and has a bin for equal values', () => {
    expect(histogramOf([null])).toBeNull();
    expect(histogramOf([0, 0])?.counts.reduce((sum, count) => sum + count, 0)).toBe(2);
  });
});

const normals = (step: number, count = 100) => [...randomNormals({ seed: 5, stream: 'noise', step }, count)];

describe('meanInterval', () => {
  it('agrees with the normal interval, mean ± 1.96 s/√n', () => {
    const values = normals(0, 400);
    const mean = values.reduce((sum, value) => sum + value, 0) / 400;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 400);
    const [low, high] = meanInterval(values, drawResamples(400)) ?? [NaN, NaN];
    const half = (1.96 * deviation) / 20;
    expect(Math.abs(low - (mean - half))).toBeLessThan(0.08 * half);
    expect(Math.abs(high - (mean + half))).toBeLessThan(0.08 * half);
  });

  it('contains the true mean 19 times in 20', () => {
    const draws = drawResamples(60, { draws: 400 });
    const isCovered = Array.from({ length: 300 }, (_, repetition) => {
      const [low, high] = meanInterval(normals(repetition, 60), draws) ?? [NaN, NaN];
      return low <= 0 && high >= 0;
    });
    const coverage = isCovered.filter(Boolean).length / isCovered.length;
    expect(coverage).toBeGreaterThan(0.9);
    expect(coverage).toBeLessThan(0.98);
  });

  it('depends on the values and the seed alone', () => {
    const values = normals(1);
    const intervalFor = (seed: number) => meanInterval(values, drawResamples(100, { seed }));
    expect(intervalFor(3)).toEqual(intervalFor(3));
    expect(intervalFor(3)).not.toEqual(intervalFor(4));
  });

  it('shifts with the values and has no width if all values are equal', () => {
    const draws = drawResamples(100);
    const values = normals(2);
    const [low, high] = meanInterval(values, draws) ?? [NaN, NaN];
    const [movedLow, movedHigh] = meanInterval(
      values.map((value) => value + 7),
      draws,
    ) ?? [NaN, NaN];
    expect([movedLow - low, movedHigh - high]).toEqual([expect.closeTo(7, 9), expect.closeTo(7, 9)]);
    expect(meanInterval(new Array(100).fill(3), draws)).toEqual([expect.closeTo(3, 9), expect.closeTo(3, 9)]);
  });

  it('ignores values that are not finite, is null for fewer than two values, and rejects resamples of another size', () => {
    const ofFinite = meanInterval([1, 2, 4], drawResamples(3));
    expect(meanInterval([1, Infinity, 2, null, 4], drawResamples(5))).toEqual(ofFinite);
    expect(meanInterval([1, Infinity], drawResamples(2))).toBeNull();
    expect(meanInterval([1], drawResamples(1))).toBeNull();
    expect(() => meanInterval([1, 2], drawResamples(3))).toThrow('The draws are of 3 images, found 2');
  });
});

describe('pairedDifference', () => {
  it('has a far narrower interval than either method if images differ more than methods', () => {
    const hard = normals(0).map((value) => 22 + 4 * value);
    const better = hard.map((value, image) => value + 0.3 + 0.05 * normals(1)[image]);
    const draws = drawResamples(100);
    const { mean, interval } = pairedDifference(better, hard, draws) ?? { mean: NaN, interval: [NaN, NaN] };
    expect(mean).toBeCloseTo(0.3, 1);
    expect(interval[0]).toBeGreaterThan(0.25);
    const [low, high] = meanInterval(hard, draws) ?? [NaN, NaN];
    expect(interval[1] - interval[0]).toBeLessThan((high - low) / 20);
  });

  it('leaves out images that either method reconstructs exactly', () => {
    const found = pairedDifference([1, 2, Infinity], [0, 4, 5], drawResamples(3));
    expect(found).toMatchObject({ mean: -0.5, leftOut: 1 });
    expect(pairedDifference([1, 2], [1, Infinity], drawResamples(2))).toBeNull();
  });
});
