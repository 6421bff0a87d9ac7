import { describe, expect, it } from 'vitest';
import type { Field } from '../../../main/engine/field/field.ts';
import {
  distanceBetween,
  normPerPixel,
  rateOfChange,
  rootMeanSquare,
  spreadPerPixel,
  spreadSkillBins,
  traceStates,
  traceTrajectory,
} from '../../../main/engine/study/trajectory.ts';
import { solveByPlan, studiedPlans, finePlan } from '../../../main/engine/study/solverErrors.ts';
import { convergenceOrder } from '../../../shared/method/convergence.ts';
import { randomNormals } from '../../../shared/numbers/random.ts';
import { tf } from '../../support/backend.ts';
import { exactMeans, exactProblem, scaleAt, start } from './exactFlow.ts';

const means = exactMeans();
const steps = 64;

describe('a trajectory of the exact flow of Gaussian data', async () => {
  const { times, states, data, velocities } = await traceTrajectory(exactProblem(), { steps });
  const largest = (found: Float32Array, exact: (index: number) => number) =>
    Math.max(...found.map((value, index) => Math.abs(value - exact(index))));

  it('keeps every value at its distance from the mean in units of the deviation', () => {
    expect(times).toHaveLength(steps + 1);
    expect([times[0], times.at(-1)]).toEqual([0, 1]);
    times.forEach((time, at) => {
      const { scale } = scaleAt(time);
      expect(largest(states[at], (index) => time * means[index] + scale * start[index])).toBeLessThan(2e-3);
    });
  });

  it('has the velocity m + κ′ x₀, and expects data with the mean at its start', () => {
    times.forEach((time, at) => {
      const { rate } = scaleAt(time);
      expect(largest(velocities[at], (index) => means[index] + rate * start[index])).toBeLessThan(0.02);
    });
    expect(largest(data[0], (index) => means[index])).toBeLessThan(1e-4);
    expect(data.at(-1)).toEqual(states.at(-1));
  });

  it('has the curvature κ″ |x₀|', () => {
    const curvatures = rateOfChange(times, velocities).map(normPerPixel);
    for (const at of [8, 16, 32, 40]) {
      const { bend } = scaleAt(times[at]);
      curvatures[at].forEach((value, pixel) => {
        const exact = bend * Math.hypot(...start.slice(3 * pixel, 3 * pixel + 3));
        expect(Math.abs(value / exact - 1)).toBeLessThan(0.03);
      });
    }
  });

  it('has the same states without asking the network for more', async () => {
    const alone = await traceStates(exactProblem(), { steps });
    expect(alone.states).toEqual(states);
  });
});

it('a trajectory along straight lines has no curvature', async () => {
  const straight: Field = {
    parameters: [],
    encode: () => ({}),
    predict: (_parameters, _encoded, { state }) =>
      tf.tensor(
        Array.from(start, (value) => 0.4 - value),
        state.shape,
      ),
  };
  const { times, velocities, states } = await traceTrajectory(
    { ...exactProblem(), field: straight },
    { steps: 8 },
  );
  for (const curvature of rateOfChange(times, velocities).map(normPerPixel))
    expect(Math.max(...curvature)).toBeLessThan(1e-4);
  for (const value of states[states.length - 1]) expect(value).toBeCloseTo(0.4, 5);
});

describe('the numbers of a trajectory', () => {
  it('differentiate a parabola exactly at uneven times, the ends included', () => {
    const times = [0, 0.1, 0.4, 0.5, 1];
    const values = times.map((time) => Float32Array.of(3 * time ** 2 - time + 2));
    rateOfChange(times, values).forEach(([rate], index) => expect(rate).toBeCloseTo(6 * times[index] - 1, 5));
    expect(() => rateOfChange([0, 1], values.slice(0, 2))).toThrow(/2 times.*at least 3/);
  });

  it('measure distances over marked values alone', () => {
    const [one, other] = [Float32Array.of(1, 5, 3), Float32Array.of(0, 0, 0)];
    expect(distanceBetween(one, other, Uint8Array.of(1, 0, 1))).toBeCloseTo(Math.sqrt(5), 12);
    expect(rootMeanSquare(one, Uint8Array.of(0, 1, 0))).toBe(5);
    expect(distanceBetween(one, other, new Uint8Array(3))).toBe(0);
  });

  it('measure the spread of two samples as |difference| / √2', () => {
    const [spread] = spreadPerPixel([Float32Array.of(0.1, 0.2, 0.3), Float32Array.of(0.3, 0.4, 0.5)]);
    expect(spread).toBeCloseTo(0.2 / Math.SQRT2, 6);
  });
});

describe('bins of spread and error', () => {
  const count = 6000;
  const samples = 8;
  const numbers = (step: number) => randomNormals({ seed: 8, stream: 'noise', step }, count);
  /** Deviations from 0.05 to 1. */
  const deviations = Float32Array.from({ length: count }, (_, index) => 0.05 * 20 ** (index / count));
  const draw = (step: number) => numbers(step).map((value, index) => value * deviations[index]);
  const marks = new Uint8Array(count).fill(1);

  it('agree where truth and samples have the same distribution', () => {
    const truth = draw(0);
    const image = { truth, samples: Array.from({ length: samples }, (_, sample) => draw(sample + 1)), marks };
    const bins = spreadSkillBins([image], 5);
    expect(bins).toHaveLength(5);
    for (const { spread, error } of bins) expect(Math.abs(error / spread - 1)).toBeLessThan(0.06);
    expect(spreadSkillBins([{ ...image, samples: image.samples.slice(0, 3) }], 5)).toEqual([]);
  });

  it('show samples that differ too little as an error above the spread', () => {
    const timid = Array.from({ length: samples }, (_, sample) => draw(sample + 1).map((value) => value / 2));
    const [{ spread, error }] = spreadSkillBins([{ truth: draw(0), samples: timid, marks }], 1);
    expect(error / spread).toBeGreaterThan(1.6);
  });
});

describe('solvers on the exact flow', () => {
  const exact = Float32Array.from(start, (value, index) => means[index] + scaleAt(1).scale * value);
  const all = new Uint8Array(exact.length).fill(1);
  const solve = (plan: ReturnType<typeof studiedPlans>[number]) => solveByPlan(exactProblem(), plan);

  it.each([
    { solver: 'euler', from: 0.85, to: 1.15 },
    { solver: 'ddim', from: 0.85, to: 1.15 },
    { solver: 'heun', from: 1.6, to: 2.4 },
    // Its leading error cancels along this flow.
    { solver: 'midpoint', from: 1.9, to: 3.1 },
    { solver: 'rk4', from: 3.2, to: 4.8 },
  ] as const)('$solver has an order between $from and $to', async ({ solver, from, to }) => {
    const points: { nfe: number; error: number }[] = [];
    for (const plan of studiedPlans().filter((each) => each.solver === solver)) {
      const { values, nfe } = await solve(plan);
      points.push({ nfe, error: distanceBetween(values, exact, all) });
    }
    expect(points.map(({ nfe }) => nfe).at(-1)).toBe(64);
    const found = convergenceOrder(points) ?? 0;
    expect(found).toBeGreaterThan(from);
    expect(found).toBeLessThan(to);
  });

  it('are compared with a solution that agrees with the closed form to 1e-4', async () => {
    expect(distanceBetween((await solve(finePlan)).values, exact, all)).toBeLessThan(1e-4);
  });
});

it('the order of convergence ignores points at rounding and needs two', () => {
  const points = [4, 8, 16, 32].map((nfe) => ({ nfe, error: Math.max(nfe ** -4, 1e-5) }));
  expect(convergenceOrder(points)).toBeCloseTo(4, 9);
  expect(convergenceOrder(points.slice(0, 1))).toBeNull();
});
