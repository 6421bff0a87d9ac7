import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { solveLinearSystem } from '../../../main/engine/classical/linearSolver.ts';

describe('solveLinearSystem', () => {
  it('solves a system whose diagonal is zero', () => {
    const values = Float64Array.of(2, 3, 5);
    solveLinearSystem({ matrix: Float64Array.of(0, 1, 0, 0, 0, 1, 1, 0, 0), size: 3, values, columns: 1 });
    expect([...values]).toEqual([5, 2, 3]);
  });

  it('keeps its accuracy where elimination without exchanges would lose it', () => {
    const values = Float64Array.of(1, 2);
    solveLinearSystem({ matrix: Float64Array.of(1e-20, 1, 1, 1), size: 2, values, columns: 1 });
    expect([...values]).toEqual([1, 1]);
  });

  it('returns the vectors its right-hand sides were made of, for any size and number of columns', () => {
    const size = fc.integer({ min: 1, max: 14 });
    const entries = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 196, maxLength: 196 });
    fc.assert(
      fc.property(size, fc.integer({ min: 1, max: 4 }), entries, (order, columns, numbers) => {
        const matrix = Float64Array.from(numbers.slice(0, order * order));
        // A dominant anti-diagonal: regular, and every pivot off the diagonal.
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
