import { describe, expect, it } from 'vitest';
import { createDopri5 } from '../../../main/engine/solver/dopri5.ts';
import type { RowVelocityFn, SolverHooks } from '../../../main/engine/solver/solver.ts';
import { tf } from '../../support/backend.ts';
import { expectClose, numbersOf, wave } from '../field/waves.ts';

/** dx/dt = 2 t x, from 1 to e. */
const hill: RowVelocityFn = (x, times) => tf.mul(x, tf.mul(2, tf.tensor([...times], [times.length, 1, 1])));

async function solve(
  tolerance: number,
  velocity: RowVelocityFn,
  options: { firstStep?: number; hooks?: SolverHooks } = {},
) {
  const { firstStep = 0.1, hooks } = options;
  const times: number[] = [];
  const counted: RowVelocityFn = (x, at, rows) => (times.push(at[0]), velocity(x, at, rows));
  const found = await createDopri5(tolerance).integrate(
    counted,
    tf.ones([1, 1, 1]),
    [0, firstStep, 1],
    hooks,
  );
  return { value: numbersOf(found)[0], times };
}

describe('dopri5', () => {
  it('keeps the error near its tolerance, with more evaluations for a lower tolerance', async () => {
    const found: number[] = [];
    for (const tolerance of [1e-1, 1e-4, 1e-6]) {
      const { value, times } = await solve(tolerance, hill, { firstStep: 1 });
      expect(Math.abs(value - Math.E)).toBeLessThan(Math.max(10 * tolerance, 3e-6));
      found.push(times.length);
    }
    expect(found[0]).toBeLessThan(found[1]);
    expect(found[1]).toBeLessThan(found[2]);
  });

  it('is of order five: a single step on dx/dt = x equals e^h up to h⁶ / 3600', async () => {
    // The stability function of the method, Hairer, Nørsett & Wanner, §IV.2: the sixth term is 1 / 600.
    const { value, times } = await solve(1, (x) => tf.clone(x), { firstStep: 1 });
    expect(times).toEqual([0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1]);
    expect(value).toBeCloseTo(1 + 1 + 1 / 2 + 1 / 6 + 1 / 24 + 1 / 120 + 1 / 600, 5);
  });

  it('reuses the last slope of a step as the first of the next', async () => {
    const { times } = await solve(1e-4, hill);
    expect((times.length - 1) % 6).toBe(0);
  });

  it('repeats a step that was too large with a smaller one, without evaluating its start again', async () => {
    const { value, times } = await solve(1e-5, (x) => tf.mul(x, -10), { firstStep: 1 });
    expect(Math.abs(value - Math.exp(-10))).toBeLessThan(1e-4);
    expect(times.slice(0, 7)).toEqual([0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1]);
    expect(times[7]).toBeCloseTo(1 / 25, 12);
    expect(times.filter((time) => time === 0)).toHaveLength(1);
  });

  it('ends exactly at the last time and reports every step without a total', async () => {
    const steps: { index: number; count: number | null; time: number }[] = [];
    const onStep = ({ index, count, time }: { index: number; count: number | null; time: number }) =>
      steps.push({ index, count, time });
    await solve(1e-4, hill, { hooks: { onStep } });
    expect(steps.map(({ index }) => index)).toEqual(steps.map((_, position) => position + 1));
    expect(steps.every(({ count }) => count === null)).toBe(true);
    expect(steps.at(-1)?.time).toBe(1);
  });

  it('chooses the steps of every image of a batch separately: each result equals that of the image alone', async () => {
    const rates = [0.5, -30, 4];
    const integrate = async (batch: readonly number[], counts: number[]) => {
      const counted: RowVelocityFn = (x, times, rows) => {
        rows.active.forEach((isActive, row) => (counts[row] = (counts[row] ?? 0) + Number(isActive)));
        const growth = batch.map((rate, row) => rate * Math.cos(9 * times[row]));
        return tf.mul(x, tf.tensor(growth, [batch.length, 1, 1]));
      };
      const x = tf.ones([batch.length, 2, 3]);
      return numbersOf(await createDopri5(1e-4).integrate(counted, x, [0, 0.5, 1]));
    };
    const together: number[] = [];
    const values = await integrate(rates, together);
    for (const [row, rate] of rates.entries()) {
      const alone: number[] = [];
      expect(values.slice(row * 6, row * 6 + 6)).toEqual(await integrate([rate], alone));
      expect(together[row]).toBe(alone[0]);
    }
    expect(new Set(together).size).toBe(3);
  });

  it('reports the time of each image of a batch and does not change images that are finished', async () => {
    const slow: RowVelocityFn = (x, times) =>
      tf.mul(
        x,
        tf.tensor(
          times.map((time, row) => (row === 0 ? 0 : -40 * Math.sin(20 * time))),
          [2, 1, 1],
        ),
      );
    const seen: { time: number; times?: readonly number[]; values: number[] }[] = [];
    await createDopri5(1e-5).integrate(slow, tf.ones([2, 1, 1]), [0, 0.1, 1], {
      onStep: ({ time, times, state }) => seen.push({ time, times, values: numbersOf(state) }),
    });
    seen.forEach(({ time, times = [] }) => expect(time).toBe(Math.min(...times)));
    const finished = seen.filter(({ times = [] }) => times[0] === 1);
    expect(finished.length).toBeGreaterThan(1);
    expect(finished.every(({ values }) => values[0] === 1)).toBe(true);
    expect(seen.at(-1)?.times).toEqual([1, 1]);
  });

  it('restores known pixels after every step', async () => {
    const x = wave('start', [2, 3, 3]);
    const hooks: SolverHooks = { project: (state) => tf.onesLike(state) };
    expectClose(await createDopri5(1e-3).integrate(hill, x, [0, 0.1, 1], hooks), tf.ones([2, 3, 3]));
    expect(x.isDisposed).toBe(false);
  });

  it('reports that no step is small enough', async () => {
    const broken: RowVelocityFn = (x) => tf.fill(x.shape, Number.NaN);
    await expect(solve(1e-3, broken)).rejects.toThrow('no step from t = 0.00000 with an error below 0.001');
  });

  it('allocates one tensor, and none if its observer or projection throws', async () => {
    const x = wave('start', [2, 3, 3]);
    const before = tf.memory().numTensors;
    const abort = () => {
      throw new Error('cancelled');
    };
    const solver = createDopri5(1e-4);
    for (const hooks of [{ onStep: abort }, { project: abort }])
      await expect(solver.integrate(hill, x, [0, 1, 1], hooks)).rejects.toThrow('cancelled');
    expect(tf.memory().numTensors).toBe(before);
    await solver.integrate(hill, x, [0, 1, 1]);
    expect(tf.memory().numTensors).toBe(before + 1);
  });
});
