import { describe, expect, it } from 'vitest';
import { drawResamples, meanInterval, pairedDifference } from '../../shared/comparison/bootstrap.ts';
import { pooledPsnr } from '../../shared/numbers/psnrMean.ts';
import { randomNormals } from '../../shared/numbers/random.ts';

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

describe('pooledPsnr', () => {
  it('is 20 dB for a mean squared error of 0.01, below the mean of the images’ own', () => {
    expect(pooledPsnr({ mse: 0.01 })).toBeCloseTo(20, 12);
    const errors = [0.001, 0.019];
    const mean = errors.reduce((sum, mse) => sum - 5 * Math.log10(mse), 0);
    expect(pooledPsnr({ mse: 0.01 })).toBeLessThan(mean);
    expect(pooledPsnr({ mse: 0 })).toBe(Infinity);
  });
});
