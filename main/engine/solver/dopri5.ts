/**
 * An adaptive solver of order five with an error estimate of order four: Dormand & Prince 1980, "A family of embedded
 * Runge–Kutta formulae", table 2; step sizes as in Hairer, Nørsett & Wanner 1993, "Solving ordinary differential
 * equations I", §II.4.
 */

import * as tf from '@tensorflow/tfjs-core';
import { takeValues } from '../tensors.ts';
import type { AdaptiveSolver, RowVelocityFn, SolverHooks, TimeGrid } from './solver.ts';

/** The time of each stage within the step, and its weights of the stages before it. The last stage is the step itself. */
const stages: readonly { at: number; weights: readonly number[] }[] = [
  { at: 1 / 5, weights: [1 / 5] },
  { at: 3 / 10, weights: [3 / 40, 9 / 40] },
  { at: 4 / 5, weights: [44 / 45, -56 / 15, 32 / 9] },
  { at: 8 / 9, weights: [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729] },
  { at: 1, weights: [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656] },
  { at: 1, weights: [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84] },
];
/** Weights of the fifth order minus those of the fourth order. */
const errorWeights = [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40];

/** Limits of the factor by which the step size changes. */
const smallestFactor = 0.2;
const largestFactor = 5;
/** Fraction of the factor that the error estimate would allow. */
const safety = 0.9;
/** Below this step size the integration fails. */
const smallestStep = 1e-5;

/**
 * Creates an adaptive solver. `tolerance` bounds the estimated error of a step, absolute plus relative, as a root mean
 * square over each image. Every image of a batch takes steps of its own length, so that its result does not depend on the
 * others. The first step tried is the first of the grid. `integrate` rejects with an Error when no step is small enough.
 */
export function createDopri5(tolerance: number): AdaptiveSolver {
  return {
    kind: 'velocity',
    isAdaptive: true,
    passesStepSize: false,
    integrate: (velocity, x, grid, hooks) => integrateAdaptively(velocity, { x, grid, hooks, tolerance }),
  };
}

/** Time of one image of the batch, and the length of the step it tries next. */
interface RowProgress {
  time: number;
  delta: number;
}

/** The step that every image tries: from `times` over `lengths` to `next`; the step of an image that has finished is empty. */
interface TriedStep {
  readonly active: readonly boolean[];
  readonly times: readonly number[];
  readonly lengths: readonly number[];
  readonly next: readonly number[];
}

async function integrateAdaptively(
  velocity: RowVelocityFn,
  problem: { x: tf.Tensor; grid: TimeGrid; hooks?: SolverHooks; tolerance: number },
): Promise<tf.Tensor> {
  const { x, grid, hooks, tolerance } = problem;
  const end = grid[grid.length - 1];
  const firstLength = (grid[1] ?? end) - grid[0];
  const rows = Array.from({ length: x.shape[0] }, (): RowProgress => ({ time: grid[0], delta: firstLength }));
  let kept: Kept = { state: tf.clone(x) };
  try {
    for (let index = 1; rows.some(({ time }) => time < end);) {
      const step = planStep(rows, end);
      const tried = tf.tidy(() => tryStep(velocity, kept, { step, tolerance, hooks }));
      const errors = Array.from(await takeValues(tried.error));
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
    // Avoids a tiny last step.
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

/** Moves the images whose step was accepted, and adapts all step sizes. @throws Error when a step size has become too small. */
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

/** A state and, if it has been computed, the slope there. */
type Kept = { state: tf.Tensor; slope?: tf.Tensor };
type Tried = Kept & { error: tf.Tensor; firstSlope?: tf.Tensor };

/** Returns the state after the step and the estimated error of each image in units of the tolerance, with the slopes that can be reused. */
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
  // Projection changes the state, so that its slope must be computed again.
  if (hooks?.project) return { state: hooks.project(reached, Math.min(...step.next)), firstSlope, error };
  return { state: reached, slope: slopes[slopes.length - 1], firstSlope, error };
}

function weighted(slopes: readonly tf.Tensor[], weights: readonly number[]): tf.Tensor {
  return tf.addN(weights.flatMap((weight, index) => (weight === 0 ? [] : [tf.mul(slopes[index], weight)])));
}

/** Returns the new state of the images whose step was accepted and the old state of the others, with the known slopes. */
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
  return (
    `dopri5 found no step from t = ${time.toFixed(5)} with an error below ${tolerance}: ` +
    'raise the tolerance, or use a solver with a fixed number of steps, such as heun.'
  );
}

/** Returns the factor of the step size for an error in units of the tolerance; an error of NaN shrinks the step too. */
function stepFactor(error: number): number {
  const factor = safety * error ** -0.2;
  return factor >= smallestFactor ? Math.min(largestFactor, factor) : smallestFactor;
}
