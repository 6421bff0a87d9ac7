import { describe, expect, it } from 'vitest';
import { adjustByHolm, repeatedMean, seedDifference } from '../../../shared/comparison/seedStatistics.ts';
import { randomNormals } from '../../../shared/numbers/random.ts';
import { studentCdf, studentQuantile } from '../../../shared/numbers/studentT.ts';

describe("Student's t", () => {
  it.each([
    [0.975, 1, 12.706204736432095],
    [0.975, 2, 4.302652729749464],
    [0.975, 4, 2.7764451051977987],
    [0.95, 10, 1.8124611228107335],
    [0.995, 30, 2.7499956536],
    [0.025, 4, -2.7764451051977987],
  ])('has the tabulated quantile of %d with %d degrees of freedom', (probability, freedom, quantile) => {
    expect(studentQuantile(probability, freedom)).toBeCloseTo(quantile, 9);
    expect(studentCdf(quantile, freedom)).toBeCloseTo(probability, 10);
  });

  it('is Cauchy with one degree of freedom and normal with many', () => {
    expect(studentCdf(1, 1)).toBeCloseTo(0.75, 14);
    expect(studentQuantile(0.975, 1e7)).toBeCloseTo(1.959964, 5);
    expect([studentCdf(0, 3), studentCdf(Infinity, 3), studentCdf(-Infinity, 3)]).toEqual([0.5, 1, 0]);
  });
});

describe('a mean over seeds', () => {
  it('has its deviation and t interval in closed form', () => {
    const { mean, deviation, interval } = repeatedMean([1, 2, 3]);
    expect([mean, deviation]).toEqual([2, 1]);
    const half = 4.302652729749464 / Math.sqrt(3);
    expect(interval?.[0]).toBeCloseTo(2 - half, 9);
    expect(interval?.[1]).toBeCloseTo(2 + half, 9);
    expect(repeatedMean([5])).toEqual({ mean: 5, deviation: null, interval: null });
    expect(repeatedMean([])).toEqual({ mean: null, deviation: null, interval: null });
  });

  it('covers the true mean in about 95 % of repetitions', () => {
    const repeats = 2000;
    const noise = randomNormals({ seed: 1, stream: 'noise', step: 0 }, 4 * repeats);
    let covered = 0;
    for (let repeat = 0; repeat < repeats; repeat++) {
      const { interval } = repeatedMean([...noise.subarray(4 * repeat, 4 * repeat + 4)]);
      if (interval && interval[0] <= 0 && interval[1] >= 0) covered++;
    }
    expect(covered / repeats).toBeGreaterThan(0.935);
    expect(covered / repeats).toBeLessThan(0.965);
  });
});

describe('the difference of two means over seeds', () => {
  const bySeed = (...scores: number[]) => new Map(scores.map((score, seed) => [seed, score]));

  it('is paired where both sides have the same seeds, which cancels what the seeds have in common', () => {
    const found = seedDifference(bySeed(11.2, 0.8, -9), bySeed(10, 0, -10));
    // The differences are 1.2, 0.8 and 1: a mean of 1 and a deviation of 0.2.
    const half = (4.302652729749464 * 0.2) / Math.sqrt(3);
    expect(found.method).toBe('paired by seed');
    expect(found.difference).toBeCloseTo(1, 12);
    expect(found.interval?.[0]).toBeCloseTo(1 - half, 9);
    expect(found.interval?.[1]).toBeCloseTo(1 + half, 9);
    // With 2 degrees of freedom P(|T| > t) = 1 - t / √(2 + t²).
    const t = (1 * Math.sqrt(3)) / 0.2;
    expect(found.pValue).toBeCloseTo(1 - t / Math.sqrt(2 + t * t), 12);
  });

  it("is that of Welch's t where the seeds differ", () => {
    const others = new Map([
      [7, 1],
      [8, 3],
    ]);
    // Both variances are 2, so that the error is √2 with 2 degrees of freedom: P(|T| > √2) = 1 - √2 / √(2 + 2).
    const { method, difference, pValue } = seedDifference(bySeed(3, 5), others);
    expect([method, difference]).toEqual(['Welch', 2]);
    expect(pValue).toBeCloseTo(1 - Math.SQRT2 / 2, 12);
  });

  it('claims nothing for single seeds, nor for an infinite value', () => {
    const nothing = { interval: null, probability: null, pValue: null, method: null };
    expect(seedDifference(bySeed(3), bySeed(2))).toEqual({ difference: 1, ...nothing });
    expect(seedDifference(bySeed(3, Infinity), bySeed(2, 1))).toEqual({ difference: Infinity, ...nothing });
  });

  it('is certain where every seed gives the same difference', () => {
    expect(seedDifference(bySeed(1, 2), bySeed(2, 3))).toMatchObject({ probability: 0, pValue: 0 });
    expect(seedDifference(bySeed(1, 2), bySeed(1, 2))).toMatchObject({ probability: 0.5, pValue: 1 });
  });
});

describe("p-values adjusted by Holm's method", () => {
  it('are multiplied by the number of hypotheses that are left, and never fall', () => {
    const adjusted = adjustByHolm([0.04, 0.01, null, 0.03]);
    expect(adjusted.map((value) => value && Number(value.toFixed(12)))).toEqual([0.06, 0.03, null, 0.06]);
    expect(adjustByHolm([0.9, 0.8])).toEqual([1, 1]);
  });
});
