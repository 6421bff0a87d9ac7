import { describe, expect, it } from 'vitest';
import { createEnsembleScores } from '../../../main/engine/metrics/ensembleScores.ts';
import { scoreImages, scoreObserved, scoreRow } from '../../../main/engine/metrics/scoreImages.ts';
import type { ImageBatch } from '../../../shared/images/image.ts';
import { distributionSchema } from '../../../shared/metric.ts';
import { randomNormals, randomUniforms } from '../../../shared/numbers/random.ts';

const side = 12;
const size = side * side * 3;
const observed = [0, 1, 2].map((image) => Int32Array.of(image, 20, 77));

const truth: ImageBatch = {
  count: 3,
  height: side,
  width: side,
  values: randomUniforms({ seed: 1, stream: 'synthetic', step: 0 }, 3 * size),
};
const noisy = (sample: number, scale: number) => {
  const noise = randomNormals({ seed: 2, stream: 'noise', step: sample }, 3 * size);
  return truth.values.map((value, index) => Math.min(1, Math.max(0, value + scale * noise[index])));
};
const result = { ...truth, values: noisy(0, 0.1) };

describe('scoreRow', () => {
  const row = scoreRow({ truth, result, observed });

  it('holds the averages of scoreImages and the numbers they are averages of', () => {
    const { perImage, ...averages } = scoreImages({ truth, result, observed });
    expect(row).toMatchObject(averages);
    expect(row.perImage.ssim).toEqual(perImage.map(({ ssim }) => expect.closeTo(ssim, 6)));
    expect(row.perImage).toMatchObject({ crps: null, psnr: { length: 3 }, mae: { length: 3 } });
  });

  it('puts the mean inside its interval, between the worst and the best image', () => {
    const [low, high] = row.psnrInterval ?? [NaN, NaN];
    const values = row.perImage.psnr.map(Number);
    expect(low).toBeGreaterThanOrEqual(Math.min(...values));
    expect(high).toBeLessThanOrEqual(Math.max(...values));
    expect(low < (row.psnr ?? NaN) && (row.psnr ?? NaN) < high).toBe(true);
  });

  it('has no interval of an infinite PSNR, and no spectrum error of an exact result', () => {
    expect(scoreRow({ truth, result: truth, observed })).toMatchObject({
      psnrInterval: null,
      ssimInterval: [1, 1],
      spectrumError: 0,
      exactImages: 3,
      perImage: { psnr: [Infinity, Infinity, Infinity] },
    });
  });
});

describe('scoreObserved', () => {
  it('pools the observed pixels of all images', () => {
    const values = Float32Array.from(truth.values);
    values[0] += 0.3;
    expect(scoreObserved(truth, { ...truth, values }, observed)).toBeCloseTo(Math.sqrt(0.09 / 27), 6);
  });
});

describe('createEnsembleScores', () => {
  const scoresOf = (scales: readonly number[], masks: readonly Int32Array[]) => {
    const scores = createEnsembleScores();
    const samples = scales.map((scale, sample) => noisy(sample, scale));
    masks.forEach((pixels, image) => {
      const part = (values: Float32Array) => values.subarray(image * size, (image + 1) * size);
      const own = { height: side, width: side, truth: part(truth.values), observed: pixels };
      scores.add({ ...own, samples: samples.map(part) });
    });
    return scores.finish();
  };

  it('gives a complete record', () => {
    const found = scoresOf([0.1, 0.1, 0.1], observed);
    expect(distributionSchema.parse(found?.distribution)).toEqual(found?.distribution);
    expect(found?.distribution.spread).toBeGreaterThan(0.05);
    expect(found?.crps).toHaveLength(3);
  });

  it('leaves observed pixels out: only they differ, and nothing is off', () => {
    const scores = createEnsembleScores();
    const picture = truth.values.subarray(0, size);
    const wrong = picture.map((value, index) => (index < 3 ? 1 - value : value));
    scores.add({
      height: side,
      width: side,
      truth: picture,
      samples: [picture, wrong],
      observed: Int32Array.of(0),
    });
    expect(scores.finish()?.distribution).toMatchObject({ crps: 0, energyScore: 0, spread: 0 });
  });

  it('is null when every pixel is observed', () => {
    const all = Int32Array.from({ length: side * side }, (_, pixel) => pixel);
    expect(scoresOf([0.1, 0.1], [all])).toBeNull();
  });

  it('refuses a single sample', () => {
    expect(() => scoresOf([0.1], observed)).toThrow('at least 2 samples');
  });
});
