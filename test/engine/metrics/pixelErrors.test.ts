import { describe, expect, it } from 'vitest';
import {
  meanAbsoluteError,
  meanSquaredError,
  psnr,
  psnrUnobserved,
} from '../../../main/engine/metrics/pixelErrors.ts';

describe('psnr', () => {
  it('is 20 dB for an error of a tenth everywhere and infinite for equal images', () => {
    const truth = Float64Array.of(0.2, 0.4, 0.6);
    expect(psnr(truth, Float64Array.of(0.3, 0.5, 0.7))).toBeCloseTo(20, 9);
    expect(psnr(truth, truth)).toBe(Infinity);
  });
});

describe('psnrUnobserved', () => {
  const truth = new Float64Array(15);
  const result = new Float64Array(15).fill(0.1).fill(0, 3, 6);

  it('leaves the observed pixels out of the mean', () => {
    expect(psnrUnobserved(truth, result, Int32Array.of(1))).toBeCloseTo(20, 9);
    expect(psnrUnobserved(truth, result, Int32Array.of())).toBeCloseTo(psnr(truth, result), 12);
  });

  it('is 0.97 dB below the PSNR of all pixels when an exact fifth is observed', () => {
    const gap = psnr(truth, result) - (psnrUnobserved(truth, result, Int32Array.of(1)) ?? NaN);
    expect(gap).toBeCloseTo(-10 * Math.log10(0.8), 9);
  });

  it('is infinite when the hidden pixels are exact, and does not exist when no pixel is hidden', () => {
    expect(psnrUnobserved(truth, truth, Int32Array.of(1))).toBe(Infinity);
    expect(psnrUnobserved(truth, result, Int32Array.of(0, 1, 2, 3, 4))).toBeNull();
  });

  it('refuses a mask that leaves the image', () => {
    expect(() => psnrUnobserved(truth, result, Int32Array.of(5))).toThrow('Observed pixel 5 lies outside');
    expect(() => psnrUnobserved(truth, result, Int32Array.of(-1))).toThrow('expected 0 … 4');
  });
});

describe('meanSquaredError', () => {
  it('averages the squared differences over all values', () => {
    const truth = Float64Array.of(0, 0.5, 1, 0.25);
    const result = Float64Array.of(0.5, 0.5, 0, 0.5);
    expect(meanSquaredError(truth, result)).toBe((0.25 + 0 + 1 + 0.0625) / 4);
  });

  it('does not lose small errors of a large float32 image', () => {
    const truth = new Float32Array(300_000);
    const result = new Float32Array(300_000).fill(2 ** -10);
    expect(meanSquaredError(truth, result)).toBe(2 ** -20);
  });

  it('refuses images of different or no size, naming both', () => {
    expect(() => meanSquaredError(new Float32Array(3), new Float32Array(6))).toThrow(
      '6 result values with 3 true',
    );
    expect(() => meanSquaredError(new Float32Array(0), new Float32Array(0))).toThrow('at least one');
  });
});

describe('meanAbsoluteError', () => {
  it('averages the absolute differences over all values', () => {
    const truth = Float64Array.of(0, 0.5, 1, 0.25);
    const result = Float64Array.of(0.5, 0.5, 0, 0.5);
    expect(meanAbsoluteError(truth, result)).toBe((0.5 + 0 + 1 + 0.25) / 4);
  });

  it('refuses images of different size', () => {
    expect(() => meanAbsoluteError(new Float32Array(6), new Float32Array(3))).toThrow(
      'expected the same number',
    );
  });
});
