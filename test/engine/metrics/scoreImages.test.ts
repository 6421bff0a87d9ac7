import { describe, expect, it } from 'vitest';
import { createEnsembleScores } from '../../../main/engine/metrics/ensembleScores.ts';
import { scoreImages, scoreObserved, scoreRow } from '../../../main/engine/metrics/scoreImages.ts';
import type { ImageBatch, ObservedPixels } from '../../../shared/images/image.ts';
import { distributionSchema } from '../../../shared/metric.ts';
import { randomNormals, randomUniforms } from '../../../shared/numbers/random.ts';

const side = 12;
const length = side * side * 3;

/** Returns one uniformly grey image per value. */
function createGreyImages(...values: number[]): ImageBatch {
  const images = Float32Array.from(
    { length: values.length * length },
    (_, i) => values[Math.floor(i / length)],
  );
  return { count: values.length, height: side, width: side, values: images };
}

describe('scoreImages', () => {
  const nothing = [{ indices: Int32Array.of() }, { indices: Int32Array.of() }];

  it('averages values in dB, not errors', () => {
    const scores = scoreImages({
      truth: createGreyImages(0, 0),
      result: createGreyImages(0.1, 0.01),
      observed: nothing,
    });
    expect(scores.perImage.map(({ psnr }) => psnr)).toEqual([expect.closeTo(20, 5), expect.closeTo(40, 5)]);
    expect(scores.psnr).toBeCloseTo(30, 5);
    expect(scores.psnrUnobserved).toBeCloseTo(30, 5);
    expect(scores.mse).toBeCloseTo((0.01 + 0.0001) / 2, 7);
    expect(scores.mae).toBeCloseTo(0.055, 7);
  });

  it('clamps the result to [0, 1] before scoring', () => {
    const scores = scoreImages({
      truth: createGreyImages(1, 0),
      result: createGreyImages(1.5, -3),
      observed: nothing,
    });
    expect(scores).toMatchObject({ psnr: Infinity, exactImages: 2, mse: 0, mae: 0 });
    expect(scores.ssim).toBeCloseTo(1, 9);
    expect(scores.ssimGaussian).toBeCloseTo(1, 9);
  });

  it('counts exact images and averages the PSNR of the others', () => {
    const scores = scoreImages({
      truth: createGreyImages(0.5, 0.5),
      result: createGreyImages(0.5, 0.6),
      observed: nothing,
    });
    expect(scores.perImage[0].psnr).toBe(Infinity);
    expect(scores.perImage[1].psnr).toBeCloseTo(20, 4);
    expect(scores.psnr).toBe(scores.perImage[1].psnr);
    expect(scores).toMatchObject({ exactImages: 1, exactUnobserved: 1 });
  });

  it('scores the unobserved pixels of every image with its own mask', () => {
    const truth = createGreyImages(0, 0);
    const result = createGreyImages(0, 0);
    result.values.fill(0.1, 3, 6);
    result.values.fill(0.1, length, length + 3);
    const observed = [{ indices: Int32Array.of(1) }, { indices: Int32Array.of(1) }];
    const { perImage } = scoreImages({ truth, result, observed });
    expect(perImage[0].psnrUnobserved).toBe(Infinity);
    expect(perImage[1].psnrUnobserved).toBeCloseTo(-10 * Math.log10(0.01 / (side * side - 1)), 4);
  });

  it('refuses NaN, which would otherwise count as an exact image', () => {
    const result = createGreyImages(0.5, 0.5);
    result.values[length + 7] = NaN;
    expect(() => scoreImages({ truth: createGreyImages(0, 0), result, observed: nothing })).toThrow(
      'Image 1 holds NaN at value 7',
    );
  });

  it('refuses batches and masks that do not match', () => {
    const truth = createGreyImages(0, 0);
    const score = (result: ImageBatch, masks: number) =>
      scoreImages({
        truth,
        result,
        observed: Array.from({ length: masks }, () => ({ indices: Int32Array.of() })),
      });
    expect(() => score(createGreyImages(0), 2)).toThrow(
      'Cannot score 1 images of 12×12 with 2 masks against 2 images',
    );
    expect(() => score(truth, 1)).toThrow('with 1 masks');
    expect(() =>
      scoreImages({ truth: createGreyImages(), result: createGreyImages(), observed: [] }),
    ).toThrow('at least one');
  });
});

const size = side * side * 3;
const observed = [0, 1, 2].map((image) => ({ indices: Int32Array.of(image, 20, 77) }));

const truth: ImageBatch = {
  count: 3,
  height: side,
  width: side,
  values: randomUniforms({ seed: 1, stream: 'synthetic', step: 0 }, 3 * size),
};
const addNoise = (sample: number, scale: number) => {
  const noise = randomNormals({ seed: 2, stream: 'noise', step: sample }, 3 * size);
  return truth.values.map((value, index) => Math.min(1, Math.max(0, value + scale * noise[index])));
};
const result = { ...truth, values: addNoise(0, 0.1) };

describe('scoreRow', () => {
  const row = scoreRow({ truth, result, observed });

  it('contains the averages of scoreImages and the scores of every image', () => {
    const { perImage, ...averages } = scoreImages({ truth, result, observed });
    expect(row).toMatchObject(averages);
    expect(row.perImage.ssim).toEqual(perImage.map(({ ssim }) => expect.closeTo(ssim, 6)));
    expect(row.perImage).toMatchObject({ crps: null, psnr: { length: 3 }, mae: { length: 3 } });
  });

  it('has an interval that contains the mean and lies between the worst and the best image', () => {
    const [low, high] = row.psnrInterval ?? [NaN, NaN];
    const values = row.perImage.psnr.map(Number);
    expect(low).toBeGreaterThanOrEqual(Math.min(...values));
    expect(high).toBeLessThanOrEqual(Math.max(...values));
    expect(low < (row.psnr ?? NaN) && (row.psnr ?? NaN) < high).toBe(true);
  });

  it('has no interval for an infinite PSNR, and a spectrum error of 0 for an exact result', () => {
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
  const scoreEnsemble = (scales: readonly number[], masks: readonly ObservedPixels[]) => {
    const scores = createEnsembleScores();
    const samples = scales.map((scale, sample) => addNoise(sample, scale));
    masks.forEach((pixels, image) => {
      const part = (values: Float32Array) => values.subarray(image * size, (image + 1) * size);
      const own = { height: side, width: side, truth: part(truth.values), observed: pixels };
      scores.add({ ...own, samples: samples.map(part) });
    });
    return scores.finish();
  };

  it('returns a complete record', () => {
    const found = scoreEnsemble([0.1, 0.1, 0.1], observed);
    expect(distributionSchema.parse(found?.distribution)).toEqual(found?.distribution);
    expect(found?.distribution.spread).toBeGreaterThan(0.05);
    expect(found?.crps).toHaveLength(3);
  });

  it('ignores observed pixels: every score is 0 if only they differ', () => {
    const scores = createEnsembleScores();
    const image = truth.values.subarray(0, size);
    const wrong = image.map((value, index) => (index < 3 ? 1 - value : value));
    scores.add({
      height: side,
      width: side,
      truth: image,
      samples: [image, wrong],
      observed: { indices: Int32Array.of(0) },
    });
    expect(scores.finish()?.distribution).toMatchObject({ crps: 0, energyScore: 0, spread: 0 });
  });

  it('is null when every pixel is observed', () => {
    const all = Int32Array.from({ length: side * side }, (_, pixel) => pixel);
    expect(scoreEnsemble([0.1, 0.1], [{ indices: all }])).toBeNull();
  });

  it('refuses a single sample', () => {
    expect(() => scoreEnsemble([0.1], observed)).toThrow('at least 2 samples');
  });
});
