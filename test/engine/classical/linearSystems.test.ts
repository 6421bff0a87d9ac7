import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { solveBandedSystem } from '../../../main/engine/classical/bandedCholesky.ts';
import { solveLinearSystem } from '../../../main/engine/classical/linearSolver.ts';

describe('solveLinearSystem', () => {
  it('solves a system whose diagonal is zero', () => {
    const values = Float64Array.of(2, 3, 5);
    solveLinearSystem({ matrix: Float64Array.of(0, 1, 0, 0, 0, 1, 1, 0, 0), size: 3, values, columns: 1 });
    expect([...values]).toEqual([5, 2, 3]);
  });

  it('stays accurate where elimination without pivoting would not', () => {
    const values = Float64Array.of(1, 2);
    solveLinearSystem({ matrix: Float64Array.of(1e-20, 1, 1, 1), size: 2, values, columns: 1 });
    expect([...values]).toEqual([1, 1]);
  });

  it('recovers the vectors from which its right-hand sides were computed, for any size and number of columns', () => {
    const size = fc.integer({ min: 1, max: 14 });
    const entries = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 196, maxLength: 196 });
    fc.assert(
      fc.property(size, fc.integer({ min: 1, max: 4 }), entries, (order, columns, numbers) => {
        const matrix = Float64Array.from(numbers.slice(0, order * order));
        // A dominant anti-diagonal keeps the matrix regular and puts every pivot off the diagonal.
        for (let row = 0; row < order; row++) matrix[row * order + order - 1 - row] += 2 * order;
        const expected = Float64Array.from({ length: order * columns }, (_, index) => Math.cos(index));
        const values = expected.map((_, index) => {
          const row = Math.floor(index / columns);
          let sum = 0;
          for (let k = 0; k < order; k++)
            sum += matrix[row * order + k] * expected[k * columns + (index % columns)];
          return sum;
        });
        solveLinearSystem({ matrix: matrix.slice(), size: order, values, columns });
        values.forEach((value, index) => expect(value).toBeCloseTo(expected[index], 10));
      }),
    );
  });

  it('refuses a singular matrix', () => {
    const system = { size: 2, values: new Float64Array(2), columns: 1 };
    expect(() => solveLinearSystem({ ...system, matrix: Float64Array.of(1, 2, 2, 4) })).toThrow(
      'Pivot 1 of 2 is 0',
    );
  });
});

describe('solveBandedSystem', () => {
  it('solves the second difference of a parabola exactly', () => {
    const size = 6;
    // With rows (−1, 2, −1), the solution for a constant load of 1 is i (7 − i) / 2.
    const band = Float64Array.from({ length: size * 2 }, (_, index) => (index % 2 === 0 ? -1 : 2));
    const values = new Float64Array(size).fill(1);
    solveBandedSystem({ band, size, bandwidth: 1, values, columns: 1 });
    values.forEach((value, index) => expect(value).toBeCloseTo(((index + 1) * (6 - index)) / 2, 12));
  });

  it('recovers the vectors from which its right-hand sides were computed, for any bandwidth', () => {
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
