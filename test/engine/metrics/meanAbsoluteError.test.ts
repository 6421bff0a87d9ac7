import { describe, expect, it } from 'vitest';
import { meanAbsoluteError } from '../../../main/engine/metrics/meanAbsoluteError.ts';

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
