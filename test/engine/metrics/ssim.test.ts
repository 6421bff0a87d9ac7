import { describe, expect, it } from 'vitest';
import { ssim, type SsimWindow } from '../../../main/engine/metrics/ssim.ts';

const height = 13;
const width = 17;
const truth = Float64Array.from(
  { length: height * width * 3 },
  (_, index) => 0.5 + 0.5 * Math.sin(0.37 * index),
);
const result = truth.map((value, index) => Math.min(1, Math.max(0, value + 0.2 * Math.cos(0.23 * index))));
const windows: readonly SsimWindow[] = ['uniform', 'gaussian'];

describe('ssim', () => {
  it('equals the numbers of SciPy filters over the same windows', () => {
    expect(ssim(truth, result, { height, width, window: 'uniform' })).toBeCloseTo(0.9338500721374507, 10);
    expect(ssim(truth, result, { height, width, window: 'gaussian' })).toBeCloseTo(0.9392507660106254, 10);
  });

  it.each(windows)('is 1 for equal images and symmetric (%s)', (window) => {
    const options = { height, width, window };
    expect(ssim(truth, truth, options)).toBeCloseTo(1, 12);
    expect(ssim(truth, result, options)).toBeCloseTo(ssim(result, truth, options), 12);
  });

  it.each(windows)('of two flat images is the luminance term alone (%s)', (window) => {
    const size = { height, width, window };
    const flat = (value: number) => new Float64Array(truth.length).fill(value);
    const luminance = (2 * 0.2 * 0.6 + 1e-4) / (0.2 ** 2 + 0.6 ** 2 + 1e-4);
    expect(ssim(flat(0.2), flat(0.6), size)).toBeCloseTo(luminance, 10);
  });

  it('accepts images of exactly one window and refuses smaller ones', () => {
    const image = (side: number) => new Float32Array(side * side * 3).fill(0.5);
    const score = (side: number, window: SsimWindow) =>
      ssim(image(side), image(side), { height: side, width: side, window });
    expect(score(7, 'uniform')).toBeCloseTo(1, 12);
    expect(score(11, 'gaussian')).toBeCloseTo(1, 12);
    expect(() => score(6, 'uniform')).toThrow('at least 7×7 pixels, found 6×6');
    expect(() => score(10, 'gaussian')).toThrow('at least 11×11 pixels, found 10×10');
  });

  it('refuses a size that the values do not have', () => {
    expect(() => ssim(truth, result, { height, width: 16, window: 'uniform' })).toThrow(
      'has 624 values, found 663',
    );
  });
});
