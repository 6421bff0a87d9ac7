/**
 * An adaptive solver of order five with an error estimate of order four: Dormand & Prince 1980, "A family of embedded
 * Runge–Kutta formulae", table 2; step sizes as in Hairer, Nørsett & Wanner 1993, "Solving ordinary differential
 * equations I", §II.4.
 */

import * as tf from '@tensorflow/tfjs-core';
import type { AdaptiveSolver, RowVelocityFn, SolverHooks, TimeGrid } from './solver.ts';

/** Where in the step each stage stands, and how it weighs the stages before it. The last one is the step itself. */
const stages: readonly { at: number; weights: readonly number[] }[] = [
  { at: 1 / 5, weights: [1 / 5] },
  { at: 3 / 10, weights: [3 / 40, 9 / 40] },
  { at: 4 / 5, weights: [44 / 45, -56 / 15, 32 / 9] },
  { at: 8 / 9, weights: [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729] },
  { at: 1, weights: [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656] },
  { at: 1, weights: [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84] },
];
/** Fifth order minus fourth order. */
const errorWeights = [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40];

/** A step grows or shrinks by no more, and by a little less than the estimate allows. */
const [smallestFactor, largestFactor, safety] = [0.2, 5, 0.9];
/** Where even so small a step errs too much, the field has no course to follow. */
const smallestStep = 1e-5;

/**
 * `tolerance` bounds the estimated error of a step, absolute plus relative, as a root mean square over each image. Every
 * image of a batch takes steps of its own length, so that its result does not depend on the others. The first step tried
 * is the grid's first.
 * `integrate` throws an Error where no step is small enough.
 */
export function createDopri5(tolerance: number): AdaptiveSolver {
  return {
    sees: 'velocity',
    isAdaptive: true,
    tellsSteps: false,
    integrate: (velocity, x, grid, hooks) => integrateAdaptively(velocity, { x, grid, hooks, tolerance }),
  };
}

/** How far one image of the batch is, and the length of the step it tries next. */
interface RowProgress {
  time: number;
  delta: number;
}

/** The step every image tries: from `times` over `lengths` to `next`; an image that has arrived stays where it is. */
interface TriedStep {
  readonly active: readonly boolean[];
  readonly times: readonly number[];
  readonly lengths: readonly number[];
  readonly next: readonly number[];
}

function integrateAdaptively(
  velocity: RowVelocityFn,
  problem: { x: tf.Tensor; grid: TimeGrid; hooks?: SolverHooks; tolerance: number },
): tf.Tensor {
  const { x, grid, hooks, tolerance } = problem;
  const end = grid[grid.length - 1];
  const firstLength = (grid[1] ?? end) - grid[0];
  const rows = Array.from({ length: x.shape[0] }, (): RowProgress => ({ time: grid[0], delta: firstLength }));
  let kept: Kept = { state: tf.clone(x) };
  try {
    for (let index = 1; rows.some(({ time }) => time < end);) {
      const step = planStep(rows, end);
      const tried = tf.tidy(() => tryStep(velocity, kept, { step, tolerance, hooks }));
      const errors = readNumbers(tried.error);
      const isTaken = errors.map((error, row) => step.active[row] && error <= 1);
      kept = keepTaken(kept, tried, isTaken);
      advance(rows, { step, errors, isTaken, tolerance });
      if (isTaken.includes(true)) {
        const times = rows.map(({ time }) => time);
        const [{ delta: nextLength }] = rows;
        const time = Math.min(...times);
        hooks?.onStep?.({ index: index++, count: null, time, times, state: kept.state, nextLength });
      }
    }
    return kept.state;
  } catch (error) {
    kept.state.dispose();
    throw error;
  } finally {
    kept.slope?.dispose();
  }
}

function planStep(rows: readonly RowProgress[], end: number): TriedStep {
  const next = rows.map(({ time, delta }) => {
    // No sliver of a step is left over at the end.
    if (time >= end || time + 1.01 * delta >= end) return end;
    return time + delta;
  });
  return {
    active: rows.map(({ time }) => time < end),
    times: rows.map(({ time }) => time),
    lengths: rows.map(({ time }, row) => next[row] - time),
    next,
  };
}

/** @throws Error where the step of an image has become too small. */
function advance(
  rows: readonly RowProgress[],
  by: { step: TriedStep; errors: readonly number[]; isTaken: readonly boolean[]; tolerance: number },
): void {
  const { step, errors, isTaken, tolerance } = by;
  rows.forEach((row, index) => {
    if (!step.active[index]) return;
    row.delta = step.lengths[index] * stepFactor(errors[index]);
    if (isTaken[index]) row.time = step.next[index];
    else if (row.delta < smallestStep) throw new Error(describeFailure(row.time, tolerance));
  });
}

/** A state and, where it is known already, the slope there. */
type Kept = { state: tf.Tensor; slope?: tf.Tensor };
type Tried = Kept & { error: tf.Tensor; firstSlope?: tf.Tensor };

/** The state one step on and each image's estimated error in units of the tolerance, with the slopes that can be used again. */
function tryStep(
  velocity: RowVelocityFn,
  from: Kept,
  to: { step: TriedStep; tolerance: number; hooks?: SolverHooks },
): Tried {
  const { step, tolerance, hooks } = to;
  const { times, lengths, active } = step;
  const delta = tf.tensor([...lengths], [lengths.length, 1, 1]);
  const slopes = [from.slope ?? velocity(from.state, times, { active })];
  let reached = from.state;
  for (const { at, weights } of stages) {
    reached = tf.add(from.state, tf.mul(weighted(slopes, weights), delta));
    const stageTimes = times.map((time, row) => time + at * lengths[row]);
    slopes.push(velocity(reached, stageTimes, { active }));
  }
  const scale = tf.add(tf.mul(tf.maximum(tf.abs(from.state), tf.abs(reached)), tolerance), tolerance);
  const relative = tf.div(tf.mul(weighted(slopes, errorWeights), delta), scale);
  const error = tf.sqrt(tf.mean(tf.square(relative), [1, 2]));
  const firstSlope = from.slope ? undefined : slopes[0];
  // A projected state is another one: its slope must be found anew.
  if (hooks?.project) return { state: hooks.project(reached, Math.min(...step.next)), firstSlope, error };
  return { state: reached, slope: slopes[slopes.length - 1], firstSlope, error };
}

function weighted(slopes: readonly tf.Tensor[], weights: readonly number[]): tf.Tensor {
  return tf.addN(weights.flatMap((weight, index) => (weight === 0 ? [] : [tf.mul(slopes[index], weight)])));
}

function readNumbers(tensor: tf.Tensor): number[] {
  const values = Array.from(tensor.dataSync());
  tensor.dispose();
  return values;
}

/** The images whose step was taken are where it led, the others where they were; all with the slopes known there. */
function keepTaken(kept: Kept, tried: Tried, isTaken: readonly boolean[]): Kept {
  const before = kept.slope ?? tried.firstSlope;
  const pick = tf.tidy((): Kept => {
    if (isTaken.every((taken) => taken)) {
      return { state: tf.clone(tried.state), slope: tried.slope && tf.clone(tried.slope) };
    }
    if (!isTaken.includes(true)) return { state: tf.clone(kept.state), slope: before && tf.clone(before) };
    const taken = tf.tensor([...isTaken], [isTaken.length, 1, 1], 'bool');
    const slope = tried.slope && before && tf.where(taken, tried.slope, before);
    return { state: tf.where(taken, tried.state, kept.state), slope };
  });
  tf.dispose([kept.state, tried.state]);
  [kept.slope, tried.slope, tried.firstSlope].forEach((slope) => slope?.dispose());
  return pick;
}

function describeFailure(time: number, tolerance: number): string {
  return `dopri5 found no step from t = ${time.toFixed(5)} that errs by less than ${tolerance}: raise the tolerance, or use a solver with a fixed number of steps, such as heun.`;
}

/** NaN shrinks the step too. */
function stepFactor(error: number): number {
  const factor = safety * error ** -0.2;
  return factor >= smallestFactor ? Math.min(largestFactor, factor) : smallestFactor;
}
