import { describe, expect, it } from 'vitest';
import { observedRmse, unobservedPositions } from '../../../main/engine/metrics/pixelErrors.ts';
import { sampleDiversity } from '../../../main/engine/metrics/ensemble.ts';
import { randomUniforms } from '../../../shared/numbers/random.ts';

const size = { height: 8, width: 8 };
const draw = (step: number) => randomUniforms({ seed: 1, stream: 'noise', step }, 192);

describe('sampleDiversity', () => {
  it('is 0 for equal samples and close to 1 for unrelated ones', () => {
    expect(sampleDiversity([draw(0), draw(0), draw(0)], size)).toBeCloseTo(0, 12);
    expect(sampleDiversity([0, 1, 2, 3].map(draw), size)).toBeGreaterThan(0.8);
  });

  it('does not fall because there are more samples of the same kind', () => {
    const few = sampleDiversity([draw(0), draw(1)], size);
    expect(sampleDiversity([draw(0), draw(1), draw(0), draw(1)], size)).toBeCloseTo(few, 12);
  });

  it('refuses a single sample', () => {
    expect(() => sampleDiversity([draw(0)], size)).toThrow('found 1');
  });
});

describe('observedRmse', () => {
  const truth = new Float64Array(12);
  const result = Float64Array.of(0.1, 0.1, 0.1, 5, 5, 5, 0.3, 0.3, 0.3, 7, 7, 7);

  it('measures the observed pixels alone', () => {
    expect(observedRmse(truth, result, Int32Array.of(0, 2))).toBeCloseTo(Math.sqrt((0.01 + 0.09) / 2), 12);
    expect(observedRmse(truth, truth, Int32Array.of(1))).toBe(0);
    expect(observedRmse(truth, result, Int32Array.of())).toBe(0);
  });

  it('refuses a mask that leaves the image', () => {
    expect(() => observedRmse(truth, result, Int32Array.of(4))).toThrow('Value 12 lies outside');
  });
});

describe('unobservedPositions', () => {
  it('are all values but the three of every observed pixel', () => {
    expect([...unobservedPositions(Int32Array.of(1), 9)]).toEqual([0, 1, 2, 6, 7, 8]);
    expect([...unobservedPositions(Int32Array.of(0, 1), 6)]).toEqual([]);
  });
});
