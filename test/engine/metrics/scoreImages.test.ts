import { describe, expect, it } from 'vitest';
import { scoreImages } from '../../../main/engine/metrics/scoreImages.ts';
import type { ImageBatch } from '../../../shared/images/image.ts';

const side = 12;
const length = side * side * 3;

/** One image a colour value, every pixel of it grey. */
function greyImages(...values: number[]): ImageBatch {
  const images = Float32Array.from(
    { length: values.length * length },
    (_, i) => values[Math.floor(i / length)],
  );
  return { count: values.length, height: side, width: side, values: images };
}

describe('scoreImages', () => {
  const nothing = [Int32Array.of(), Int32Array.of()];

  it('averages dB values, not errors', () => {
    const scores = scoreImages({ truth: greyImages(0, 0), result: greyImages(0.1, 0.01), observed: nothing });
    expect(scores.perImage.map(({ psnr }) => psnr)).toEqual([expect.closeTo(20, 5), expect.closeTo(40, 5)]);
    expect(scores.psnr).toBeCloseTo(30, 5);
    expect(scores.psnrUnobserved).toBeCloseTo(30, 5);
    expect(scores.mse).toBeCloseTo((0.01 + 0.0001) / 2, 7);
    expect(scores.mae).toBeCloseTo(0.055, 7);
  });

  it('clamps to [0, 1] before it measures', () => {
    const scores = scoreImages({ truth: greyImages(1, 0), result: greyImages(1.5, -3), observed: nothing });
    expect(scores).toMatchObject({ psnr: Infinity, exactImages: 2, mse: 0, mae: 0 });
    expect(scores.ssim).toBeCloseTo(1, 9);
    expect(scores.ssimGaussian).toBeCloseTo(1, 9);
  });

  it('counts exact images and averages the PSNR of the others', () => {
    const scores = scoreImages({
      truth: greyImages(0.5, 0.5),
      result: greyImages(0.5, 0.6),
      observed: nothing,
    });
    expect(scores.perImage[0].psnr).toBe(Infinity);
    expect(scores.perImage[1].psnr).toBeCloseTo(20, 4);
    expect(scores.psnr).toBe(scores.perImage[1].psnr);
    expect(scores).toMatchObject({ exactImages: 1, exactUnobserved: 1 });
  });

  it('scores unobserved pixels with the mask of the same image', () => {
    const truth = greyImages(0, 0);
    const result = greyImages(0, 0);
    result.values.fill(0.1, 3, 6);
    result.values.fill(0.1, length, length + 3);
    const observed = [Int32Array.of(1), Int32Array.of(1)];
    const { perImage } = scoreImages({ truth, result, observed });
    expect(perImage[0].psnrUnobserved).toBe(Infinity);
    expect(perImage[1].psnrUnobserved).toBeCloseTo(-10 * Math.log10(0.01 / (side * side - 1)), 4);
  });

  it('refuses NaN, which would otherwise read as an exact image', () => {
    const result = greyImages(0.5, 0.5);
    result.values[length + 7] = NaN;
    expect(() => scoreImages({ truth: greyImages(0, 0), result, observed: nothing })).toThrow(
      'Image 1 holds NaN at value 7',
    );
  });

  it('refuses batches, masks and counts that do not belong together', () => {
    const truth = greyImages(0, 0);
    const score = (result: ImageBatch, masks: number) =>
      scoreImages({ truth, result, observed: Array.from({ length: masks }, () => Int32Array.of()) });
    expect(() => score(greyImages(0), 2)).toThrow(
      'Cannot score 1 images of 12×12 with 2 masks against 2 images',
    );
    expect(() => score(truth, 1)).toThrow('with 1 masks');
    expect(() => scoreImages({ truth: greyImages(), result: greyImages(), observed: [] })).toThrow(
      'at least one',
    );
  });
});
