import { describe, expect, it } from 'vitest';
import { createDopri5 } from '../../../main/engine/solver/dopri5.ts';
import type { SolverHooks, VelocityFn } from '../../../main/engine/solver/solver.ts';
import { tf } from '../../support/backend.ts';
import { expectClose, numbersOf, wave } from '../field/waves.ts';

/** dx/dt = 2 t x, from 1 to e. */
const hill: VelocityFn = (x, time) => tf.mul(x, 2 * time);

function solve(
  tolerance: number,
  velocity: VelocityFn,
  options: { firstStep?: number; hooks?: SolverHooks } = {},
) {
  const { firstStep = 0.1, hooks } = options;
  const times: number[] = [];
  const counted: VelocityFn = (x, time) => (times.push(time), velocity(x, time));
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

  it('ends at the last time exactly and tells every step, whose number nobody knows before', () => {
    const steps: { index: number; count: number | null; time: number }[] = [];
    const onStep = ({ index, count, time }: { index: number; count: number | null; time: number }) =>
      steps.push({ index, count, time });
    solve(1e-4, hill, { hooks: { onStep } });
    expect(steps.map(({ index }) => index)).toEqual(steps.map((_, position) => position + 1));
    expect(steps.every(({ count }) => count === null)).toBe(true);
    expect(steps.at(-1)?.time).toBe(1);
  });

  it('puts back what is known after every step', () => {
    const x = wave('start', [2, 3, 3]);
    const hooks: SolverHooks = { project: (state) => tf.onesLike(state) };
    expectClose(createDopri5(1e-3).integrate(hill, x, [0, 0.1, 1], hooks), tf.ones([2, 3, 3]));
    expect(x.isDisposed).toBe(false);
  });

  it('says so where no step is small enough', () => {
    const broken: VelocityFn = (x) => tf.fill(x.shape, Number.NaN);
    expect(() => solve(1e-3, broken)).toThrow('no step from t = 0.00000 that errs by less than 0.001');
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
