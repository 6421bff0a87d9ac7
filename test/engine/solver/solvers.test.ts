import { describe, expect, it } from 'vitest';
import { paths } from '../../../main/engine/path/schedules.ts';
import { euler, heun, midpoint, rk4 } from '../../../main/engine/solver/fixedSteps.ts';
import type { SolverHooks, VelocityFn } from '../../../main/engine/solver/solver.ts';
import { timeGrid } from '../../../main/engine/solver/timeGrid.ts';
import { type SamplerConfig, samplerSchema } from '../../../shared/config/config.ts';
import { tf } from '../../support/backend.ts';
import { expectClose, numbersOf, wave } from '../field/waves.ts';

const solvers = { euler, heun, midpoint, rk4 } as const;
type SolverName = keyof typeof solvers;
const names: readonly SolverName[] = ['euler', 'heun', 'midpoint', 'rk4'];

/** Returns the times of equal steps from 0 to 1. */
function createUniformGrid(steps: number): number[] {
  return Array.from({ length: steps + 1 }, (_, index) => index / steps);
}

/** Returns x(1) for a single number that starts at x(0) = 1. */
function solve(name: SolverName, velocity: VelocityFn, steps: number): number {
  return solvers[name].integrate(velocity, tf.ones([1, 1, 1]), createUniformGrid(steps)).dataSync()[0];
}

const growth: VelocityFn = (x) => x;
const timeField: VelocityFn = (x, time) => tf.fill(x.shape, 3 * time ** 2);
/** dx/dt = 2 t x, from 1 to e. */
const hill: VelocityFn = (x, time) => tf.mul(x, 2 * time);

describe('on dx/dt = x', () => {
  it.each([
    { name: 'euler', factor: (step: number) => 1 + step },
    { name: 'heun', factor: (step: number) => 1 + step + step ** 2 / 2 },
    { name: 'midpoint', factor: (step: number) => 1 + step + step ** 2 / 2 },
    { name: 'rk4', factor: (step: number) => 1 + step + step ** 2 / 2 + step ** 3 / 6 + step ** 4 / 24 },
  ] as const)('$name multiplies by its stability polynomial in every step', ({ name, factor }) => {
    expect(solve(name, growth, 4)).toBeCloseTo(factor(1 / 4) ** 4, 5);
  });
});

describe('on dx/dt = 2 t x', () => {
  it.each([
    { name: 'euler', order: 1, steps: 32 },
    { name: 'heun', order: 2, steps: 16 },
    { name: 'midpoint', order: 2, steps: 16 },
    { name: 'rk4', order: 4, steps: 4 },
  ] as const)('$name is of order $order', ({ name, order, steps }) => {
    const [coarse, fine] = [steps, 2 * steps].map((count) => Math.abs(Math.E - solve(name, hill, count)));
    expect(Math.log2(coarse / fine)).toBeGreaterThan(order - 0.2);
    expect(Math.log2(coarse / fine)).toBeLessThan(order + 0.4);
  });
});

describe('on dx/dt = 3 t²', () => {
  it('the solvers are rules of quadrature: the left Riemann sum, the trapezoidal rule, the midpoint rule and Simpson’s rule', () => {
    for (const steps of [1, 2, 8]) {
      expect(solve('euler', timeField, steps)).toBeCloseTo(2 - 3 / (2 * steps) + 1 / (2 * steps ** 2), 5);
      expect(solve('heun', timeField, steps)).toBeCloseTo(2 + 1 / (2 * steps ** 2), 5);
      expect(solve('midpoint', timeField, steps)).toBeCloseTo(2 - 1 / (4 * steps ** 2), 5);
      expect(solve('rk4', timeField, steps)).toBeCloseTo(2, 5);
    }
  });
});

describe.each(names)('%s', (name) => {
  const x = wave('start', [2, 3, 3]);
  const end = wave('end', [2, 3, 3]);
  const solver = solvers[name];

  it('follows a straight line exactly in one step', () => {
    const velocity = tf.sub(end, x);
    const found = solver.integrate(() => velocity, x, createUniformGrid(1));
    expectClose(found, end, 1e-6);
    expect(x.isDisposed).toBe(false);
  });

  it('evaluates the field once for each of its stages', () => {
    const evaluations = { euler: 1, heun: 2, midpoint: 2, rk4: 4 };
    for (const steps of [1, 5]) {
      let calls = 0;
      solver.integrate((state) => ((calls += 1), tf.zerosLike(state)), x, createUniformGrid(steps));
      expect(calls).toBe(evaluations[name] * steps);
    }
  });

  it('restores known pixels after every step', () => {
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
    const found = solver.integrate(growth, x, createUniformGrid(4), hooks);
    expect(projected).toEqual([0.25, 0.5, 0.75, 1]);
    const expected = numbersOf(tf.slice(known, [0, 0, 0], [2, 1, 3]));
    expect(seen).toEqual([expected, expected, expected, expected]);
    expect(numbersOf(tf.slice(found, [0, 0, 0], [2, 1, 3]))).toEqual(expected);
    const free = solver.integrate(growth, x, createUniformGrid(4));
    expect(numbersOf(tf.slice(found, [0, 1, 0]))).toEqual(numbersOf(tf.slice(free, [0, 1, 0])));
  });

  it('reports every step and its state to the observer', () => {
    const steps: string[] = [];
    const hooks: SolverHooks = {
      onStep: ({ index, count, time, state }) =>
        steps.push(`${index}/${count} t=${time} ${state.shape.join('×')}`),
    };
    solver.integrate(growth, x, createUniformGrid(2), hooks);
    expect(steps).toEqual(['1/2 t=0.5 2×3×3', '2/2 t=1 2×3×3']);
  });

  it('allocates one tensor, and none if its observer or projection throws', () => {
    const before = tf.memory().numTensors;
    const abort = () => {
      throw new Error('cancelled');
    };
    for (let round = 0; round < 50; round++) {
      const hooks = round % 2 === 0 ? { onStep: abort } : { project: abort };
      expect(() => solver.integrate(growth, x, createUniformGrid(3), hooks)).toThrow('cancelled');
    }
    expect(tf.memory().numTensors).toBe(before);
    const found = solver.integrate(growth, x, createUniformGrid(3));
    expect(tf.memory().numTensors).toBe(before + 1);
    found.dispose();
  });
});

type Kind = keyof typeof paths;

function createGrid(settings: Partial<SamplerConfig>, kind: Kind = 'linear'): readonly number[] {
  return timeGrid(samplerSchema.parse(settings), paths[kind]);
}

describe('a time grid', () => {
  it.each(samplerSchema.shape.grid.unwrap().options)(
    'rises from 0 to 1 in the requested number of steps: %s',
    (grid) => {
      for (const kind of Object.keys(paths) as Kind[])
        for (const steps of [1, 2, 3, 40]) {
          const times = createGrid({ grid, steps }, kind);
          expect(times).toHaveLength(steps + 1);
          expect([times[0], times[steps]]).toEqual([0, 1]);
          times.slice(1).forEach((time, index) => expect(time).toBeGreaterThan(times[index]));
        }
    },
  );

  it('is uniform by default', () => {
    expect(createGrid({ steps: 4 })).toEqual([0, 0.25, 0.5, 0.75, 1]);
  });

  it('follows half a cosine, with short steps at both ends', () => {
    expectClose(createGrid({ grid: 'cosine', steps: 3 }), [0, 0.25, 0.75, 1], 1e-12);
  });

  it('is shifted towards the noise: time left τ becomes 3τ / (1 + 2τ)', () => {
    expectClose(createGrid({ grid: 'shifted', steps: 4 }), [0, 1 / 10, 1 / 4, 1 / 2, 1], 1e-12);
    expect(createGrid({ grid: 'shifted', gridShift: 1, steps: 4 })).toEqual(createGrid({ steps: 4 }));
  });

  it.each(Object.keys(paths) as Kind[])('has the noise levels of EDM on the %s path', (kind) => {
    const inner = createGrid({ grid: 'edm', steps: 8 }, kind).slice(1, -1);
    const { alpha, sigma } = paths[kind].coefficients(tf.tensor1d([...inner]));
    const roots = numbersOf(tf.pow(tf.div(sigma, alpha), 1 / 7));
    const [from, to] = [80 ** (1 / 7), 0.002 ** (1 / 7)];
    expectClose(
      roots,
      inner.map((_, index) => from + ((index + 1) / 7) * (to - from)),
      1e-3,
    );
  });

  it.each([0, -1, 2.5, Number.NaN])('refuses %s steps', (steps) => {
    const settings = { ...samplerSchema.parse({}), steps };
    expect(() => timeGrid(settings, paths.linear)).toThrow(`Found ${steps} solver steps`);
  });
});
