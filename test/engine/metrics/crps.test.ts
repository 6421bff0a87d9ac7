import { describe, expect, it } from 'vitest';
import { crps, energyScore } from '../../../main/engine/metrics/crps.ts';
import { meanAbsoluteError } from '../../../main/engine/metrics/pixelErrors.ts';
import { gaussianEnsemble, waves } from './exampleEnsemble.ts';

describe('crps', () => {
  it('equals the definition over all pairs, as NumPy computes it', () => {
    expect(crps(waves.truth, waves.samples)).toBeCloseTo(0.33208057033098975, 12);
  });

  it.each([2, 3, 8])(
    'is 1/√π on average for a calibrated Gaussian, from %i samples as from many',
    (samples) => {
      // E CRPS(N(0, 1), x) over x ~ N(0, 1) = E|s − x| / 2 = 1/√π; the standard error is below 0.004.
      const { truth, samples: drawn } = gaussianEnsemble({ values: 60_000, samples });
      expect(Math.abs(crps(truth, drawn) - 1 / Math.sqrt(Math.PI))).toBeLessThan(0.012);
    },
  );

  it('equals the closed form of a Gaussian at a fixed value', () => {
    // σ (z (2Φ(z) − 1) + 2φ(z) − 1/√π) at z = 0.5, σ = 1: Φ(0.5) = 0.6914624612740131, φ(0.5) = 0.3520653267642995.
    const expected = 0.5 * (2 * 0.6914624612740131 - 1) + 2 * 0.3520653267642995 - 1 / Math.sqrt(Math.PI);
    const { samples } = gaussianEnsemble({ values: 60_000, samples: 4 });
    const found = crps(new Float64Array(60_000).fill(0.5), samples);
    expect(Math.abs(found - expected)).toBeLessThan(0.012);
  });

  it.each([{ scale: 0.5 }, { scale: 2 }, { shift: 0.5 }])('is worse for a wrong forecast: %o', (wrong) => {
    const size = { values: 20_000, samples: 8 };
    const score = (options: object) => {
      const { truth, samples } = gaussianEnsemble({ ...size, ...options });
      return crps(truth, samples);
    };
    expect(score(wrong)).toBeGreaterThan(score({}) + 0.02);
  });

  it('is the mean absolute error where all samples agree, and refuses a single one', () => {
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

  it('is the CRPS for a single value', () => {
    const at = (index: number) => ({
      truth: waves.truth.subarray(index, index + 1),
      samples: waves.samples.map((sample) => sample.subarray(index, index + 1)),
    });
    for (const { truth, samples } of [at(0), at(7), at(23)]) {
      expect(energyScore(truth, samples)).toBeCloseTo(crps(truth, samples), 12);
    }
  });

  it('detects dependence between pixels, which the CRPS does not', () => {
    // One common value for all pixels against independent ones with the same spread in every pixel.
    const images = 400;
    const pixels = 16;
    let [common, independent] = [0, 0];
    for (let image = 0; image < images; image++) {
      const { truth, samples } = gaussianEnsemble({ values: pixels, samples: 6, seed: image });
      const flat = Float64Array.from({ length: pixels }, () => truth[0]);
      const alike = samples.map(([value]) => new Float64Array(pixels).fill(value));
      common += energyScore(flat, alike) / images;
      independent += energyScore(flat, samples) / images;
    }
    expect(independent).toBeGreaterThan(common + 0.05);
  });
});
