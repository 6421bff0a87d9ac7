import { describe, expect, it } from 'vitest';
import { createMaskEstimator, estimateObservation } from '../../../main/engine/classical/maskEstimator.ts';
import { reconstructClassically } from '../../../main/engine/classical/registry.ts';
import { type Image, observe } from '../../../shared/images/image.ts';
import { bayerChannels } from '../../../shared/masks/bayer.ts';
import { randomPermutation } from '../../../shared/numbers/random.ts';
import { createImage } from './createImage.ts';

/** Pixels of an image outside a square hole. */
function outside({ width, height }: Pick<Image, 'width' | 'height'>, [from, to]: readonly [number, number]) {
  return Int32Array.from(Array(width * height).keys()).filter((pixel) => {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    return x < from || x > to || y < from || y > to;
  });
}

describe('The spline in tension', () => {
  it('is solved once for a mask, and gives each image under it its own spline', () => {
    const image = createImage(11, 9, (x, y) => 0.5 + 0.3 * Math.sin(0.7 * x) * Math.cos(0.5 * y));
    const indices = randomPermutation({ seed: 5, stream: 'mask', step: 1 }, 99).slice(0, 40).toSorted();
    const { unobserved, estimate } = createMaskEstimator('tension-spline', indices, image);
    expect(unobserved).toHaveLength(59);
    for (const values of [image.values, image.values.map((value) => 1 - value)]) {
      const observation = observe({ ...image, values }, indices);
      const direct = estimateObservation('tension-spline', observation);
      expect(direct).toEqual(reconstructClassically('tension spline', observation));
      const found = estimate(observation.values);
      unobserved.forEach((pixel, row) => expect(found[3 * row]).toBeCloseTo(direct[3 * pixel], 6));
    }
  });

  // Of two rows, all pixels of red and blue are on one line.
  it.each([8, 2])('fills every channel of a Bayer pattern from its own values alone: %i rows', (height) => {
    const image = createImage(10, height, (x, y) => 0.5 + 0.3 * Math.sin(0.7 * x) * Math.cos(0.5 * y));
    const channels = bayerChannels('RGGB', image);
    const indices = Int32Array.from(channels.keys());
    const result = reconstructClassically('tension spline', observe(image, indices, channels));
    for (let channel = 0; channel < 3; channel++) {
      const own = indices.filter((pixel) => channels[pixel] === channel);
      const alone = reconstructClassically('tension spline', observe(image, own));
      for (let at = channel; at < result.length; at += 3) expect(result[at]).toBeCloseTo(alone[at], 5);
    }
  });

  it('fills an image of which one pixel is observed with its colour', () => {
    const image = createImage(8, 5, () => 0.6);
    const result = reconstructClassically('tension spline', observe(image, Int32Array.of(17)));
    result.forEach((value, index) => expect(value).toBeCloseTo(image.values[index], 5));
  });

  it('is nearly the thin plate in a narrow gap, and overshoots less than a quarter as far in a wide hole', () => {
    // The flank of a bright ridge, whose slope ends in the hole.
    const ground = 0.2;
    const image = createImage(48, 48, (x) => ground + 0.4 * Math.exp(-(((x - 6) / 4) ** 2)));
    const fill = (hole: readonly [number, number]) => {
      const observation = observe(image, outside(image, hole));
      return (['thin plate', 'tension spline'] as const).map((method) =>
        reconstructClassically(method, observation).filter((_, index) => index % 3 === 0),
      );
    };
    const [plate, spline] = fill([11, 40]).map((values) => ground - Math.min(...values));
    expect(plate).toBeGreaterThan(0.1);
    expect(spline).toBeLessThan(plate / 4);
    const [narrowPlate, narrowSpline] = fill([12, 14]);
    narrowSpline.forEach((value, pixel) => expect(Math.abs(value - narrowPlate[pixel])).toBeLessThan(0.001));
  });
});
