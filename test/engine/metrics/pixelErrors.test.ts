import { describe, expect, it } from 'vitest';
import {
  meanAbsoluteError,
  meanSquaredError,
  observedRmse,
  psnr,
  psnrUnobserved,
  unobservedPositions,
} from '../../../main/engine/metrics/pixelErrors.ts';

describe('psnr', () => {
  it('is 20 dB for an error of 0.1 everywhere and infinite for equal images', () => {
    const truth = Float64Array.of(0.2, 0.4, 0.6);
    expect(psnr(truth, Float64Array.of(0.3, 0.5, 0.7))).toBeCloseTo(20, 9);
    expect(psnr(truth, truth)).toBe(Infinity);
  });
});

describe('psnrUnobserved', () => {
  const truth = new Float64Array(15);
  const result = new Float64Array(15).fill(0.1).fill(0, 3, 6);

  it('excludes the observed pixels from the mean', () => {
    expect(psnrUnobserved(truth, result, { indices: Int32Array.of(1) })).toBeCloseTo(20, 9);
    expect(psnrUnobserved(truth, result, { indices: Int32Array.of() })).toBeCloseTo(psnr(truth, result), 12);
  });

  it('is 0.97 dB below the PSNR of all pixels when an exact fifth is observed', () => {
    const gap = psnr(truth, result) - (psnrUnobserved(truth, result, { indices: Int32Array.of(1) }) ?? NaN);
    expect(gap).toBeCloseTo(-10 * Math.log10(0.8), 9);
  });

  it('is infinite if the unobserved pixels are exact, and null if every pixel is observed', () => {
    expect(psnrUnobserved(truth, truth, { indices: Int32Array.of(1) })).toBe(Infinity);
    expect(psnrUnobserved(truth, result, { indices: Int32Array.of(0, 1, 2, 3, 4) })).toBeNull();
  });

  it('refuses a mask outside the image', () => {
    expect(() => psnrUnobserved(truth, result, { indices: Int32Array.of(5) })).toThrow(
      'Observed pixel 5 lies outside',
    );
    expect(() => psnrUnobserved(truth, result, { indices: Int32Array.of(-1) })).toThrow('expected 0 … 4');
  });
});

describe('meanSquaredError', () => {
  it('averages the squared differences over all values', () => {
    const truth = Float64Array.of(0, 0.5, 1, 0.25);
    const result = Float64Array.of(0.5, 0.5, 0, 0.5);
    expect(meanSquaredError(truth, result)).toBe((0.25 + 0 + 1 + 0.0625) / 4);
  });

  it('keeps small errors of a large float32 image', () => {
    const truth = new Float32Array(300_000);
    const result = new Float32Array(300_000).fill(2 ** -10);
    expect(meanSquaredError(truth, result)).toBe(2 ** -20);
  });

  it('refuses empty images and images of different sizes, and reports both sizes', () => {
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

describe('observedRmse', () => {
  const truth = new Float64Array(12);
  const result = Float64Array.of(0.1, 0.1, 0.1, 5, 5, 5, 0.3, 0.3, 0.3, 7, 7, 7);

  it('measures only the observed pixels', () => {
    expect(observedRmse(truth, result, { indices: Int32Array.of(0, 2) })).toBeCloseTo(
      Math.sqrt((0.01 + 0.09) / 2),
      12,
    );
    expect(observedRmse(truth, truth, { indices: Int32Array.of(1) })).toBe(0);
    expect(observedRmse(truth, result, { indices: Int32Array.of() })).toBe(0);
  });

  it('refuses a mask outside the image', () => {
    expect(() => observedRmse(truth, result, { indices: Int32Array.of(4) })).toThrow('Value 12 lies outside');
  });
});

describe('unobservedPositions', () => {
  it('returns the positions of all values but the three of every observed pixel', () => {
    expect([...unobservedPositions({ indices: Int32Array.of(1) }, 9)]).toEqual([0, 1, 2, 6, 7, 8]);
    expect([...unobservedPositions({ indices: Int32Array.of(0, 1) }, 6)]).toEqual([]);
  });
});

describe('errors where single channels are observed', () => {
  const indices = Int32Array.of(0, 1, 2);
  const observed = { indices, channels: Uint8Array.of(0, 1, 2) };
  const exact = new Float64Array(9).fill(0.5);
  /** An image that is wrong by 0.3 in one channel of one pixel. */
  const wrongAt = (position: number) =>
    exact.map((value, index) => (index === position ? value + 0.3 : value));

  it('count each of the nine values exactly once, as observed or as unobserved', () => {
    const inObserved = [0, 4, 8];
    for (let position = 0; position < 9; position++) {
      const isObserved = inObserved.includes(position);
      const result = wrongAt(position);
      expect(observedRmse(exact, result, observed)).toBeCloseTo(isObserved ? Math.sqrt(0.09 / 3) : 0, 12);
      if (isObserved) expect(psnrUnobserved(exact, result, observed)).toBe(Infinity);
      else expect(psnrUnobserved(exact, result, observed)).toBeCloseTo(-10 * Math.log10(0.09 / 6), 9);
    }
    expect([...unobservedPositions(observed, 9)]).toEqual([1, 2, 3, 5, 6, 7]);
  });
});
