import { describe, expect, it } from 'vitest';
import { mapInto } from '../../../shared/numbers/mapInto.ts';

describe('mapInto', () => {
  it('gives what the type itself makes of the mapped values, rounded and clamped as that type does', () => {
    const values = Float32Array.of(-3.7, 0, 0.5, 254.6, 300, Number.NaN);
    const half = (value: number) => value / 2;
    for (const Type of [Float32Array, Float64Array, Int32Array, Uint8Array, Uint8ClampedArray])
      expect(mapInto(new Type(values.length), values, half)).toEqual(Type.from([...values].map(half)));
  });

  it('passes the index, and values of which it takes as many as it has places for', () => {
    const found = mapInto(new Int32Array(3), [5, 6, 7, 8], (value, index) => 10 * index + value);
    expect([...found]).toEqual([5, 16, 27]);
  });
});
