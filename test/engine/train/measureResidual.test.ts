import { describe, expect, it } from 'vitest';
import { measureResidual } from '../../../main/engine/train/measureResidual.ts';
import type { BatchSource } from '../../../main/engine/train/trainingBatch.ts';
import type { ImageBatch } from '../../../shared/images/image.ts';
import { randomNormals } from '../../../shared/numbers/random.ts';
import { runConfigSchema } from '../../../shared/config/config.ts';
import { createSmallRun, trainings } from './smallRun.ts';

const size = 12;
const batchSize = 16;
const exact = runConfigSchema.parse({});

/** Images that are their estimate, grey, plus normal numbers of a known deviation; every third pixel is observed. */
function gaussianSource(deviation: number): Pick<BatchSource, 'imagesOf' | 'masks'> {
  const pixels = size ** 2;
  const observed = Int32Array.from({ length: pixels / 3 }, (_, index) => 3 * index);
  const imagesOf = (step: number) => {
    const values = randomNormals({ seed: 1, stream: 'noise', step }, batchSize * pixels * 3);
    const images: ImageBatch = {
      count: batchSize,
      height: size,
      width: size,
      // Observed pixels are far from the estimate: they must not count.
      values: values.map((z, index) => (Math.floor(index / 3) % 3 === 0 ? 9 : 0.5 + deviation * z)),
    };
    return { indices: Int32Array.from({ length: batchSize }, (_, row) => row), images };
  };
  const estimate = () => new Float32Array(pixels * 3).fill(0.5);
  const mask = { observed, drawTargets: () => observed, estimate };
  return { imagesOf, masks: () => mask };
}

describe('the measured residual', () => {
  it.each([0.02, 0.1, 0.3])('is the deviation of Gaussian images around their estimate: %d', (deviation) => {
    const { residual, images } = measureResidual(gaussianSource(deviation), exact);
    expect(images).toBe(256);
    // 256 images of 96 unobserved pixels: the standard error is 0.3 %.
    expect(residual / deviation).toBeGreaterThan(0.99);
    expect(residual / deviation).toBeLessThan(1.01);
  });

  it('of images that equal their estimate is the deviation of rounding to 8 bits', () => {
    expect(measureResidual(gaussianSource(0), exact).residual).toBe(1 / (255 * Math.sqrt(12)));
  });

  it('contains the noise of an estimate that copies noisy values, which is independent of the images', () => {
    const { imagesOf, masks } = gaussianSource(0.1);
    const copying = (row: Parameters<typeof masks>[0]) => {
      const estimate = ({ values }: { values: Float32Array }) => values.map((value) => value / 2 + 0.25);
      return { ...masks(row), estimate };
    };
    const noisy = runConfigSchema.parse({ mask: { observationNoise: 0.3 } });
    const { residual } = measureResidual({ imagesOf, masks: copying }, noisy);
    // Truth − estimate is (0.1 z − 0.3 ε) / 2.
    expect(residual / (Math.hypot(0.1, 0.3) / 2)).toBeCloseTo(1, 2);
  });

  it('is the same whenever it is measured', () => {
    const measure = () => {
      const { source, config } = createSmallRun(trainings.upgraded);
      return measureResidual(source, config);
    };
    expect(measure()).toEqual(measure());
    expect(measure().residual).toBeGreaterThan(0.1);
  });

  it('leaves out the observed channel of each pixel alone', () => {
    const { imagesOf, masks } = gaussianSource(0.1);
    const pixels = Int32Array.from({ length: size ** 2 }, (_, pixel) => pixel);
    const first = new Uint8Array(size ** 2);
    const ofRed = (row: Parameters<typeof masks>[0]) => ({
      ...masks(row),
      observed: pixels,
      channels: first,
    });
    const redIsFar = (step: number) => {
      const { indices, images } = imagesOf(step);
      const values = images.values.map((value, index) => (index % 3 === 0 ? 9 : value === 9 ? 0.5 : value));
      return { indices, images: { ...images, values } };
    };
    // A third of the pixels equal their estimate.
    const { residual } = measureResidual({ imagesOf: redIsFar, masks: ofRed }, exact);
    expect(residual / (0.1 * Math.sqrt(2 / 3))).toBeCloseTo(1, 1);
  });
});
