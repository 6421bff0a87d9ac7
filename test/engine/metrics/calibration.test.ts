import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coverage, rankHistogram, spreadSkill } from '../../../main/engine/metrics/calibration.ts';
import { ensembleMean, ensembleVariance } from '../../../main/engine/metrics/ensemble.ts';
import { meanSquaredError } from '../../../main/engine/metrics/pixelErrors.ts';
import { gaussianEnsemble, waves } from './exampleEnsemble.ts';

const levels = [0.5, 0.8, 0.9];
/** Standard normal probability of |z| ≤ what holds a level of N(0, 1), for samples of half the spread. */
const halfSpread = { 0.5: 0.264, 0.8: 0.4783, 0.9: 0.5892 };

const ratio = ({ truth, samples }: { truth: Float64Array; samples: Float64Array[] }) =>
  spreadSkill({
    variance: ensembleVariance(samples),
    error: meanSquaredError(truth, ensembleMean(samples)),
    samples: samples.length,
  });

describe('rankHistogram', () => {
  it('counts the samples below the truth, as NumPy does', () => {
    const expected = [0.25, 1 / 6, 1 / 12, 1 / 12, 1 / 6, 0.25];
    rankHistogram(waves.truth, waves.samples).forEach((share, rank) =>
      expect(share).toBeCloseTo(expected[rank], 12),
    );
  });

  it('is flat when the truth is one of the ensemble, and sums to 1', () => {
    const { truth, samples } = gaussianEnsemble({ values: 40_000, samples: 4 });
    const shares = rankHistogram(truth, samples);
    shares.forEach((share) => expect(Math.abs(share - 0.2)).toBeLessThan(0.01));
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
  });

  it('spreads a tie evenly over the ranks it could have', () => {
    const shares = rankHistogram(
      Float64Array.of(1),
      [1, 1, 0.5].map((value) => Float64Array.of(value)),
    );
    expect([...shares]).toEqual([0, 1 / 3, 1 / 3, 1 / 3]);
  });
});

describe('coverage', () => {
  it('equals its level for a flat histogram with any number of ranks', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 60 }),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        (ranks, level) => {
          expect(coverage(new Float64Array(ranks).fill(1 / ranks), level)).toBeCloseTo(level, 9);
        },
      ),
    );
  });

  it.each([3, 8, 40])('covers what it says for a calibrated ensemble of %i', (count) => {
    const { truth, samples } = gaussianEnsemble({ values: 20_000, samples: count });
    const ranks = rankHistogram(truth, samples);
    for (const level of levels) expect(Math.abs(coverage(ranks, level) - level)).toBeLessThan(0.012);
  });

  it('covers what half the true spread covers, from many samples', () => {
    const ranks = (() => {
      const { truth, samples } = gaussianEnsemble({ values: 10_000, samples: 200, scale: 0.5 });
      return rankHistogram(truth, samples);
    })();
    for (const [level, expected] of Object.entries(halfSpread)) {
      expect(Math.abs(coverage(ranks, Number(level)) - expected)).toBeLessThan(0.02);
    }
  });

  it('cannot fall below what so few samples leave open', () => {
    expect(coverage([0.5, 0, 0, 0, 0, 0, 0, 0, 0.5], 0.9)).toBeCloseTo(1 - (9 * 0.1) / 2, 12);
  });

  it('refuses a level that is none', () => {
    expect(() => coverage([0.5, 0.5], 1)).toThrow('found 1 and 2');
  });
});

describe('spreadSkill', () => {
  it('equals NumPy', () => {
    expect(ensembleVariance(waves.samples)).toBeCloseTo(0.35017875289275197, 12);
    expect(ratio(waves)).toBeCloseTo(1.0384545410210895, 12);
  });

  it.each([2, 5, 20])('is 1 for a calibrated ensemble of %i', (samples) => {
    expect(Math.abs((ratio(gaussianEnsemble({ values: 40_000, samples })) ?? NaN) - 1)).toBeLessThan(0.02);
  });

  it('is below 1 for samples that agree too much', () => {
    expect(ratio(gaussianEnsemble({ values: 20_000, samples: 8, scale: 0.5 }))).toBeLessThan(0.6);
  });
});
