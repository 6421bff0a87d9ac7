import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { solveBandedSystem } from '../../../main/engine/classical/bandedCholesky.ts';

describe('solveBandedSystem', () => {
  it('solves the second difference of a parabola exactly', () => {
    const size = 6;
    // Rows −1 2 −1: the solution of a constant load 1 is i (7 − i) / 2.
    const band = Float64Array.from({ length: size * 2 }, (_, index) => (index % 2 === 0 ? -1 : 2));
    const values = new Float64Array(size).fill(1);
    solveBandedSystem({ band, size, bandwidth: 1, values, columns: 1 });
    values.forEach((value, index) => expect(value).toBeCloseTo(((index + 1) * (6 - index)) / 2, 12));
  });

  it('returns the vectors its right-hand sides were made of, for any bandwidth', () => {
    const shape = { size: fc.integer({ min: 1, max: 12 }), bandwidth: fc.integer({ min: 0, max: 11 }) };
    fc.assert(
      fc.property(
        fc.record({ ...shape, seed: fc.integer({ min: 1, max: 1e6 }) }),
        ({ size, bandwidth, seed }) => {
          const wave = (index: number) => Math.sin(seed * (index + 1));
          const band = Float64Array.from({ length: size * (bandwidth + 1) }, (_, index) => wave(index));
          // A dominant diagonal makes the matrix positive definite.
          for (let row = 0; row < size; row++) band[row * (bandwidth + 1) + bandwidth] = 2 * bandwidth + 1;
          const entry = (row: number, column: number): number => {
            if (column > row) return entry(column, row);
            return row - column > bandwidth ? 0 : band[row * (bandwidth + 1) + bandwidth + column - row];
          };
          const expected = Float64Array.from({ length: size * 2 }, (_, index) => wave(index + 99));
          const values = expected.map((_, index) => {
            const terms = Array.from(
              { length: size },
              (_, k) => entry(index >> 1, k) * expected[k * 2 + (index % 2)],
            );
            return terms.reduce((sum, term) => sum + term, 0);
          });
          solveBandedSystem({ band: band.slice(), size, bandwidth, values, columns: 2 });
          values.forEach((value, index) => expect(value).toBeCloseTo(expected[index], 9));
        },
      ),
    );
  });

  it('refuses a matrix that is not positive definite', () => {
    const system = { size: 2, bandwidth: 1, values: new Float64Array(2), columns: 1 };
    expect(() => solveBandedSystem({ ...system, band: Float64Array.of(0, 1, 2, 1) })).toThrow(
      'Pivot 1 is -3',
    );
  });
});
