import { describe, expect, it } from 'vitest';
import { createDopri5 } from '../../../main/engine/solver/dopri5.ts';
import type { RowVelocityFn, SolverHooks } from '../../../main/engine/solver/solver.ts';
import { tf } from '../../support/backend.ts';
import { expectClose, numbersOf, wave } from '../field/waves.ts';

/** dx/dt = 2 t x, from 1 to e. */
const hill: RowVelocityFn = (x, times) => tf.mul(x, tf.mul(2, tf.tensor([...times], [times.length, 1, 1])));

function solve(
  tolerance: number,
  velocity: RowVelocityFn,
  options: { firstStep?: number; hooks?: SolverHooks } = {},
) {
  const { firstStep = 0.1, hooks } = options;
  const times: number[] = [];
  const counted: RowVelocityFn = (x, at, rows) => (times.push(at[0]), velocity(x, at, rows));
  const found = createDopri5(tolerance).integrate(counted, tf.ones([1, 1, 1]), [0, firstStep, 1], hooks);
  return { value: numbersOf(found)[0], times };
}

describe('dopri5', () => {
  it('keeps the error near its tolerance, with more evaluations for less of it', () => {
    const found = [1e-1, 1e-4, 1e-6].map((tolerance) => {
      const { value, times } = solve(tolerance, hill, { firstStep: 1 });
      expect(Math.abs(value - Math.E)).toBeLessThan(Math.max(10 * tolerance, 3e-6));
      return times.length;
    });
    expect(found[0]).toBeLessThan(found[1]);
    expect(found[1]).toBeLessThan(found[2]);
  });

  it('is of order five: a single step of dx/dt = x is e^h up to h⁶ / 3600', () => {
    // The stability function of the method, Hairer, Nørsett & Wanner, §IV.2: the sixth term is 1 / 600.
    const { value, times } = solve(1, (x) => tf.clone(x), { firstStep: 1 });
    expect(times).toEqual([0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1]);
    expect(value).toBeCloseTo(1 + 1 + 1 / 2 + 1 / 6 + 1 / 24 + 1 / 120 + 1 / 600, 5);
  });

  it('takes the last slope of a step as the first of the next', () => {
    const { times } = solve(1e-4, hill);
    expect((times.length - 1) % 6).toBe(0);
  });

  it('shrinks a step that was too bold, without another look at where it began', () => {
    const { value, times } = solve(1e-5, (x) => tf.mul(x, -10), { firstStep: 1 });
    expect(Math.abs(value - Math.exp(-10))).toBeLessThan(1e-4);
    expect(times.slice(0, 7)).toEqual([0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1]);
    expect(times[7]).toBeCloseTo(1 / 25, 12);
    expect(times.filter((time) => time === 0)).toHaveLength(1);
  });

  it('ends exactly at the last time and reports every step without a count', () => {
    const steps: { index: number; count: number | null; time: number }[] = [];
    const onStep = ({ index, count, time }: { index: number; count: number | null; time: number }) =>
      steps.push({ index, count, time });
    solve(1e-4, hill, { hooks: { onStep } });
    expect(steps.map(({ index }) => index)).toEqual(steps.map((_, position) => position + 1));
    expect(steps.every(({ count }) => count === null)).toBe(true);
    expect(steps.at(-1)?.time).toBe(1);
  });

  it('takes steps of its own length for every image of a batch: each result is that of the image alone', () => {
    const rates = [0.5, -30, 4];
    const growth =
      (of: readonly number[]): RowVelocityFn =>
      (x, times) =>
        tf.mul(
          x,
          tf.tensor(
            of.map((rate, row) => rate * Math.cos(9 * times[row])),
            [of.length, 1, 1],
          ),
        );
    const integrate = (of: readonly number[], counts: number[]) => {
      const counted: RowVelocityFn = (x, times, rows) => {
        rows.active.forEach((isActive, row) => (counts[row] = (counts[row] ?? 0) + Number(isActive)));
        return growth(of)(x, times, rows);
      };
      const x = tf.ones([of.length, 2, 3]);
      return numbersOf(createDopri5(1e-4).integrate(counted, x, [0, 0.5, 1]));
    };
    const together: number[] = [];
    const values = integrate(rates, together);
    rates.forEach((rate, row) => {
      const alone: number[] = [];
      expect(values.slice(row * 6, row * 6 + 6)).toEqual(integrate([rate], alone));
      expect(together[row]).toBe(alone[0]);
    });
    expect(new Set(together).size).toBe(3);
  });

  it('reports where each image of a batch is, and keeps one that has arrived where it is', () => {
    const slow: RowVelocityFn = (x, times) =>
      tf.mul(
        x,
        tf.tensor(
          times.map((time, row) => (row === 0 ? 0 : -40 * Math.sin(20 * time))),
          [2, 1, 1],
        ),
      );
    const seen: { time: number; times?: readonly number[]; values: number[] }[] = [];
    createDopri5(1e-5).integrate(slow, tf.ones([2, 1, 1]), [0, 0.1, 1], {
      onStep: ({ time, times, state }) => seen.push({ time, times, values: numbersOf(state) }),
    });
    seen.forEach(({ time, times = [] }) => expect(time).toBe(Math.min(...times)));
    const arrived = seen.filter(({ times = [] }) => times[0] === 1);
    expect(arrived.length).toBeGreaterThan(1);
    expect(arrived.every(({ values }) => values[0] === 1)).toBe(true);
    expect(seen.at(-1)?.times).toEqual([1, 1]);
  });

  it('puts back what is known after every step', () => {
    const x = wave('start', [2, 3, 3]);
    const hooks: SolverHooks = { project: (state) => tf.onesLike(state) };
    expectClose(createDopri5(1e-3).integrate(hill, x, [0, 0.1, 1], hooks), tf.ones([2, 3, 3]));
    expect(x.isDisposed).toBe(false);
  });

  it('says so where no step is small enough', () => {
    const broken: RowVelocityFn = (x) => tf.fill(x.shape, Number.NaN);
    expect(() => solve(1e-3, broken)).toThrow('no step from t = 0.00000 with an error below 0.001');
  });

  it('leaves one tensor behind, and none when its observer or projection throws', () => {
    const x = wave('start', [2, 3, 3]);
    const before = tf.memory().numTensors;
    const abort = () => {
      throw new Error('enough');
    };
    const solver = createDopri5(1e-4);
    for (const hooks of [{ onStep: abort }, { project: abort }])
      expect(() => solver.integrate(hill, x, [0, 1, 1], hooks)).toThrow('enough');
    expect(tf.memory().numTensors).toBe(before);
    solver.integrate(hill, x, [0, 1, 1]);
    expect(tf.memory().numTensors).toBe(before + 1);
  });
});
