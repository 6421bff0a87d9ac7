import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimate, smooth } from '../../../shared/numbers/curves.ts';

const curves = fc.array(fc.double({ noNaN: true }), { maxLength: 400 });

describe('decimate', () => {
  it('keeps every point if there are no more than the limit', () => {
    fc.assert(
      fc.property(curves, fc.nat(50), (values, more) => {
        expect(decimate(values, Math.max(4, values.length + more))).toEqual(values.map((_, index) => index));
      }),
    );
  });

  it('keeps the first, last, lowest and highest point of each bucket in order and within the limit', () => {
    fc.assert(
      fc.property(curves, fc.integer({ min: 4, max: 60 }), (values, limit) => {
        fc.pre(values.length > limit);
        const kept = decimate(values, limit);
        const buckets = Math.floor(limit / 4);
        expect(kept.length).toBeLessThanOrEqual(limit);
        expect(kept.every((index, position) => position === 0 || index > kept[position - 1])).toBe(true);
        for (let bucket = 0; bucket < buckets; bucket++) {
          const start = Math.floor((bucket * values.length) / buckets);
          const end = Math.floor(((bucket + 1) * values.length) / buckets);
          const inside = values.slice(start, end);
          const survivors = kept
            .filter((index) => index >= start && index < end)
            .map((index) => values[index]);
          expect([kept.includes(start), kept.includes(end - 1)]).toEqual([true, true]);
          expect(Math.min(...survivors)).toBe(Math.min(...inside));
          expect(Math.max(...survivors)).toBe(Math.max(...inside));
        }
      }),
    );
  });
});

describe('smooth', () => {
  it('returns the values unchanged if the weight of the past is 0', () => {
    expect([...smooth([3, 1, 2], 0)]).toEqual([3, 1, 2]);
  });

  it('returns the first value, then bias-corrected exponential means', () => {
    // m₂ = (0.5·0.5·1 + 0.5·3) / (1 − 0.25)
    const [first, second, third] = smooth([1, 3, 5], 0.5);
    expect(first).toBe(1);
    expect(second).toBeCloseTo((0.25 + 1.5) / 0.75, 12);
    expect(third).toBeCloseTo((0.125 + 0.75 + 2.5) / 0.875, 12);
  });

  it('stays between the lowest and the highest value', () => {
    const weight = fc.double({ min: 0, max: 0.999, noNaN: true });
    const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), {
      minLength: 1,
      maxLength: 100,
    });
    fc.assert(
      fc.property(values, weight, (numbers, past) => {
        const slack = 1e-6;
        for (const value of smooth(numbers, past)) {
          expect(value).toBeGreaterThanOrEqual(Math.min(...numbers) - slack);
          expect(value).toBeLessThanOrEqual(Math.max(...numbers) + slack);
        }
      }),
    );
  });
});
