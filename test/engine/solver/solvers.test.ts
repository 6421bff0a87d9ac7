import { describe, expect, it } from 'vitest';
import type { Tensor } from '@tensorflow/tfjs-core';
import { solvers } from '../../../main/engine/solver/registry.ts';
import type { SolverHooks, VelocityFn } from '../../../main/engine/solver/solver.ts';
import { uniformGrid } from '../../../main/engine/solver/timeGrid.ts';
import { tf } from '../../support/backend.ts';
import { expectClose, numbersOf, wave } from '../field/waves.ts';

type SolverName = keyof typeof solvers;
const names: readonly SolverName[] = ['euler', 'heun'];
const regular = { isSingularAtEnd: false };

/** x(1) for a field that moves the single number 1. */
function solve(name: SolverName, velocity: VelocityFn, steps: number): number {
  const x = tf.ones([1, 1, 1]);
  return solvers[name].integrate(velocity, x, uniformGrid(steps, regular)).dataSync()[0];
}

/** v(x) = (x̂ − x) / (1 − t): undefined at t = 1. */
const towards =
  (end: Tensor): VelocityFn =>
  (x, time) =>
    tf.div(tf.sub(end, x), 1 - time);

const growth: VelocityFn = (x) => x;
const timeField: VelocityFn = (x, time) => tf.fill(x.shape, 3 * time ** 2);

describe('on dx/dt = x', () => {
  it.each([
    { name: 'euler', order: 1, factor: (step: number) => 1 + step },
    { name: 'heun', order: 2, factor: (step: number) => 1 + step + step ** 2 / 2 },
  ] as const)('$name multiplies by its own polynomial every step, and is of order $order', (method) => {
    expect(solve(method.name, growth, 4)).toBeCloseTo(method.factor(1 / 4) ** 4, 5);
    const [coarse, fine] = [16, 32].map((steps) => Math.E - solve(method.name, growth, steps));
    expect(coarse / fine / 2 ** method.order).toBeCloseTo(1, 1);
  });
});

describe('on dx/dt = 3 t²', () => {
  it('Euler is the sum from the left, Heun the trapezoidal rule', () => {
    for (const steps of [1, 2, 8]) {
      expect(solve('euler', timeField, steps)).toBeCloseTo(2 - 3 / (2 * steps) + 1 / (2 * steps ** 2), 5);
      expect(solve('heun', timeField, steps)).toBeCloseTo(2 + 1 / (2 * steps ** 2), 5);
    }
  });
});

describe.each(names)('%s', (name) => {
  const x = wave('start', [2, 3, 3]);
  const end = wave('end', [2, 3, 3]);
  const solver = solvers[name];

  it('goes a straight line in one step', () => {
    const velocity = tf.sub(end, x);
    const found = solver.integrate(() => velocity, x, uniformGrid(1, regular));
    expectClose(found, end, 1e-6);
    expect(x.isDisposed).toBe(false);
  });

  it('lands on the predicted data where the velocity is undefined at the end', () => {
    for (const steps of [1, 2, 7]) {
      const found = solver.integrate(towards(end), x, uniformGrid(steps, { isSingularAtEnd: true }));
      expectClose(found, end, 1e-6);
    }
  });

  it.each([false, true])(
    'evaluates the field as often as it says, singular at the end: %s',
    (isSingularAtEnd) => {
      for (const steps of [1, 5]) {
        const times: number[] = [];
        const grid = uniformGrid(steps, { isSingularAtEnd });
        solver.integrate((state, time) => (times.push(time), tf.zerosLike(state)), x, grid);
        expect(times).toHaveLength(solver.evaluations(grid));
        expect(times.every((time) => time < 1)).toBe(isSingularAtEnd || name === 'euler');
      }
    },
  );

  it('puts back what is known after every step', () => {
    const isKnown = tf.tensor3d([1, 0, 0], [1, 3, 1]);
    const known = wave('known', [2, 3, 3]);
    const projected: number[] = [];
    const seen: number[][] = [];
    const hooks: SolverHooks = {
      project(state, time) {
        projected.push(time);
        return tf.add(tf.mul(state, tf.sub(1, isKnown)), tf.mul(known, isKnown));
      },
      onStep: ({ state }) => seen.push(numbersOf(tf.slice(state, [0, 0, 0], [2, 1, 3]))),
    };
    const found = solver.integrate(growth, x, uniformGrid(4, regular), hooks);
    expect(projected).toEqual([0.25, 0.5, 0.75, 1]);
    const expected = numbersOf(tf.slice(known, [0, 0, 0], [2, 1, 3]));
    expect(seen).toEqual([expected, expected, expected, expected]);
    expect(numbersOf(tf.slice(found, [0, 0, 0], [2, 1, 3]))).toEqual(expected);
    const free = solver.integrate(growth, x, uniformGrid(4, regular));
    expect(numbersOf(tf.slice(found, [0, 1, 0]))).toEqual(numbersOf(tf.slice(free, [0, 1, 0])));
  });

  it('tells the observer every step and its state', () => {
    const steps: string[] = [];
    const hooks: SolverHooks = {
      onStep: ({ index, count, time, state }) =>
        steps.push(`${index}/${count} t=${time} ${state.shape.join('×')}`),
    };
    solver.integrate(growth, x, uniformGrid(2, regular), hooks);
    expect(steps).toEqual(['1/2 t=0.5 2×3×3', '2/2 t=1 2×3×3']);
  });

  it('leaves one tensor behind, and none when its observer or projection throws', () => {
    const before = tf.memory().numTensors;
    const abort = () => {
      throw new Error('enough');
    };
    for (let round = 0; round < 50; round++) {
      const hooks = round % 2 === 0 ? { onStep: abort } : { project: abort };
      expect(() => solver.integrate(growth, x, uniformGrid(3, regular), hooks)).toThrow('enough');
    }
    expect(tf.memory().numTensors).toBe(before);
    const found = solver.integrate(growth, x, uniformGrid(3, regular));
    expect(tf.memory().numTensors).toBe(before + 1);
    found.dispose();
  });
});

describe('uniformGrid', () => {
  it('goes from 0 to 1 in equal steps', () => {
    expect(uniformGrid(4, regular)).toEqual({ times: [0, 0.25, 0.5, 0.75, 1], isSingularAtEnd: false });
  });

  it.each([0, -1, 2.5, Number.NaN])('refuses %s steps', (steps) => {
    expect(() => uniformGrid(steps, regular)).toThrow(`whole number of steps ≥ 1, found ${steps}`);
  });
});
