import { describe, expect, it } from 'vitest';
import { meanSquaredError } from '../../../main/engine/metrics/meanSquaredError.ts';

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
