import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coverage, rankHistogram, spreadSkill } from '../../../main/engine/metrics/calibration.ts';
import { crps, energyScore } from '../../../main/engine/metrics/crps.ts';
import { ensembleMean, ensembleVariance, sampleDiversity } from '../../../main/engine/metrics/ensemble.ts';
import { meanAbsoluteError, meanSquaredError } from '../../../main/engine/metrics/pixelErrors.ts';
import { randomNormals, randomUniforms } from '../../../shared/numbers/random.ts';

/** Waves whose scores were computed with NumPy and SciPy from the definitions, pair by pair. */
const waves = {
  truth: Float64Array.from({ length: 24 }, (_, i) => Math.sin(i)),
  samples: Array.from({ length: 5 }, (_, s) =>
    Float64Array.from({ length: 24 }, (_, i) => 0.8 * Math.sin(i + 0.3 * (s + 1) ** 2)),
  ),
};

/** Returns a truth of independent N(0, 1) values and samples of N(shift, scale²). */
function createGaussianEnsemble(options: {
  values: number;
  samples: number;
  seed?: number;
  scale?: number;
  shift?: number;
}) {
  const { values, samples, seed = 1, scale = 1, shift = 0 } = options;
  const draw = (step: number) => Float64Array.from(randomNormals({ seed, stream: 'noise', step }, values));
  return {
    truth: draw(0),
    samples: Array.from({ length: samples }, (_, s) => draw(s + 1).map((value) => shift + scale * value)),
  };
}

describe('crps', () => {
  it('equals the definition over all pairs, as NumPy computes it', () => {
    expect(crps(waves.truth, waves.samples)).toBeCloseTo(0.33208057033098975, 12);
  });

  it.each([2, 3, 8])(
    'averages 1/√π for a calibrated Gaussian ensemble of %i, without a bias from its size',
    (samples) => {
      // E CRPS(N(0, 1), x) over x ~ N(0, 1) = E|s − x| / 2 = 1/√π; the standard error is below 0.004.
      const { truth, samples: drawn } = createGaussianEnsemble({ values: 60_000, samples });
      expect(Math.abs(crps(truth, drawn) - 1 / Math.sqrt(Math.PI))).toBeLessThan(0.012);
    },
  );

  it('equals the closed form of a Gaussian at a fixed value', () => {
    // σ (z (2Φ(z) − 1) + 2φ(z) − 1/√π) at z = 0.5, σ = 1: Φ(0.5) = 0.6914624612740131, φ(0.5) = 0.3520653267642995.
    const expected = 0.5 * (2 * 0.6914624612740131 - 1) + 2 * 0.3520653267642995 - 1 / Math.sqrt(Math.PI);
    const { samples } = createGaussianEnsemble({ values: 60_000, samples: 4 });
    const found = crps(new Float64Array(60_000).fill(0.5), samples);
    expect(Math.abs(found - expected)).toBeLessThan(0.012);
  });

  it.each([{ scale: 0.5 }, { scale: 2 }, { shift: 0.5 }])(
    'is worse for a miscalibrated forecast: %o',
    (wrong) => {
      const size = { values: 20_000, samples: 8 };
      const score = (options: object) => {
        const { truth, samples } = createGaussianEnsemble({ ...size, ...options });
        return crps(truth, samples);
      };
      expect(score(wrong)).toBeGreaterThan(score({}) + 0.02);
    },
  );

  it('equals the mean absolute error if all samples agree, and needs at least two samples', () => {
    const [sample] = waves.samples;
    expect(crps(waves.truth, [sample, sample])).toBeCloseTo(meanAbsoluteError(waves.truth, sample), 12);
    expect(() => crps(waves.truth, [sample])).toThrow('An ensemble of 1 has no spread');
  });

  it('does not depend on the order of the samples', () => {
    expect(crps(waves.truth, waves.samples.toReversed())).toBe(crps(waves.truth, waves.samples));
  });
});

describe('energyScore', () => {
  it('equals the definition over all pairs, as SciPy computes it', () => {
    expect(energyScore(waves.truth, waves.samples)).toBeCloseTo(0.37005476784308877, 12);
  });

  it('equals the CRPS for a single value', () => {
    const at = (index: number) => ({
      truth: waves.truth.subarray(index, index + 1),
      samples: waves.samples.map((sample) => sample.subarray(index, index + 1)),
    });
    for (const { truth, samples } of [at(0), at(7), at(23)]) {
      expect(energyScore(truth, samples)).toBeCloseTo(crps(truth, samples), 12);
    }
  });

  it('detects dependence between pixels, which the CRPS does not', () => {
    // Compares a value common to all pixels with independent values of the same spread in every pixel.
    const images = 400;
    const pixels = 16;
    let common = 0;
    let independent = 0;
    for (let image = 0; image < images; image++) {
      const { truth, samples } = createGaussianEnsemble({ values: pixels, samples: 6, seed: image });
      const flat = Float64Array.from({ length: pixels }, () => truth[0]);
      const alike = samples.map(([value]) => new Float64Array(pixels).fill(value));
      common += energyScore(flat, alike) / images;
      independent += energyScore(flat, samples) / images;
    }
    expect(independent).toBeGreaterThan(common + 0.05);
  });
});

const nominalLevels = [0.5, 0.8, 0.9];
/** Coverage of an ensemble with half the true spread, per nominal level q: P(|z| ≤ z_q / 2). */
const halfSpreadCoverage = { 0.5: 0.264, 0.8: 0.4783, 0.9: 0.5892 };

const spreadSkillOf = ({ truth, samples }: { truth: Float64Array; samples: Float64Array[] }) =>
  spreadSkill({
    variance: ensembleVariance(samples),
    error: meanSquaredError(truth, ensembleMean(samples)),
    samples: samples.length,
  });

describe('rankHistogram', () => {
  it('counts the samples below the truth, in agreement with NumPy', () => {
    const expected = [0.25, 1 / 6, 1 / 12, 1 / 12, 1 / 6, 0.25];
    rankHistogram(waves.truth, waves.samples).forEach((fraction, rank) =>
      expect(fraction).toBeCloseTo(expected[rank], 12),
    );
  });

  it('is flat and sums to 1 if the truth has the distribution of the samples', () => {
    const { truth, samples } = createGaussianEnsemble({ values: 40_000, samples: 4 });
    const fractions = rankHistogram(truth, samples);
    fractions.forEach((fraction) => expect(Math.abs(fraction - 0.2)).toBeLessThan(0.01));
    expect(fractions.reduce((sum, fraction) => sum + fraction, 0)).toBeCloseTo(1, 9);
  });

  it('distributes a tie evenly over its possible ranks', () => {
    const fractions = rankHistogram(
      Float64Array.of(1),
      [1, 1, 0.5].map((value) => Float64Array.of(value)),
    );
    expect([...fractions]).toEqual([0, 1 / 3, 1 / 3, 1 / 3]);
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

  it.each([3, 8, 40])('equals its nominal level for a calibrated ensemble of %i', (count) => {
    const { truth, samples } = createGaussianEnsemble({ values: 20_000, samples: count });
    const ranks = rankHistogram(truth, samples);
    for (const level of nominalLevels) expect(Math.abs(coverage(ranks, level) - level)).toBeLessThan(0.012);
  });

  it('is too low by the expected amount for a large ensemble with half the true spread', () => {
    const { truth, samples } = createGaussianEnsemble({ values: 10_000, samples: 200, scale: 0.5 });
    const ranks = rankHistogram(truth, samples);
    for (const [level, expected] of Object.entries(halfSpreadCoverage)) {
      expect(Math.abs(coverage(ranks, Number(level)) - expected)).toBeLessThan(0.02);
    }
  });

  it('has a lower bound that depends on the number of samples', () => {
    expect(coverage([0.5, 0, 0, 0, 0, 0, 0, 0, 0.5], 0.9)).toBeCloseTo(1 - (9 * 0.1) / 2, 12);
  });

  it('refuses a level outside (0, 1)', () => {
    expect(() => coverage([0.5, 0.5], 1)).toThrow('found 1 and 2');
  });
});

describe('spreadSkill', () => {
  it('agrees with NumPy', () => {
    expect(ensembleVariance(waves.samples)).toBeCloseTo(0.35017875289275197, 12);
    expect(spreadSkillOf(waves)).toBeCloseTo(1.0384545410210895, 12);
  });

  it.each([2, 5, 20])('is 1 for a calibrated ensemble of %i', (samples) => {
    expect(
      Math.abs((spreadSkillOf(createGaussianEnsemble({ values: 40_000, samples })) ?? NaN) - 1),
    ).toBeLessThan(0.02);
  });

  it('is below 1 for samples with too little spread', () => {
    expect(spreadSkillOf(createGaussianEnsemble({ values: 20_000, samples: 8, scale: 0.5 }))).toBeLessThan(
      0.6,
    );
  });
});

const size = { height: 8, width: 8 };
const draw = (step: number) => randomUniforms({ seed: 1, stream: 'noise', step }, 192);

describe('sampleDiversity', () => {
  it('is 0 for equal samples and close to 1 for unrelated ones', () => {
    expect(sampleDiversity([draw(0), draw(0), draw(0)], size)).toBeCloseTo(0, 12);
    expect(sampleDiversity([0, 1, 2, 3].map(draw), size)).toBeGreaterThan(0.8);
  });

  it('does not fall if the same samples are repeated', () => {
    const few = sampleDiversity([draw(0), draw(1)], size);
    expect(sampleDiversity([draw(0), draw(1), draw(0), draw(1)], size)).toBeCloseTo(few, 12);
  });

  it('refuses a single sample', () => {
    expect(() => sampleDiversity([draw(0)], size)).toThrow('found 1');
  });
});
