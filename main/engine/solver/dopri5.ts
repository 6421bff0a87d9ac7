/**
 * An adaptive solver of order five with an error estimate of order four: Dormand & Prince 1980, "A family of embedded
 * Runge–Kutta formulae", table 2; step sizes as in Hairer, Nørsett & Wanner 1993, "Solving ordinary differential
 * equations I", §II.4.
 */

import * as tf from '@tensorflow/tfjs-core';
import type { SolverHooks, TimeGrid, VelocityFn, VelocitySolver } from './solver.ts';

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
 * `tolerance` bounds the estimated error of a step, absolute plus relative, as a root mean square over each image. The
 * step sizes are shared by the batch, whose worst image decides. The first step tried is the grid's first.
 * `integrate` throws an Error where no step is small enough.
 */
export function createDopri5(tolerance: number): VelocitySolver {
  return {
    sees: 'velocity',
    isAdaptive: true,
    tellsSteps: false,
    integrate: (velocity, x, grid, hooks) => integrateAdaptively(velocity, { x, grid, hooks, tolerance }),
  };
}

function integrateAdaptively(
  velocity: VelocityFn,
  problem: { x: tf.Tensor; grid: TimeGrid; hooks?: SolverHooks; tolerance: number },
): tf.Tensor {
  const { grid, hooks, tolerance } = problem;
  const end = grid[grid.length - 1];
  let time = grid[0];
  let delta = (grid[1] ?? end) - time;
  let kept: Kept = { state: tf.clone(problem.x) };
  try {
    for (let index = 1; time < end;) {
      // No sliver of a step is left over at the end.
      if (time + 1.01 * delta >= end) delta = end - time;
      const next = time + delta >= end ? end : time + delta;
      const tried = tf.tidy(() => tryStep(velocity, kept, { time, next, tolerance, hooks }));
      const error = readNumber(tried.error);
      const isTaken = error <= 1;
      kept = isTaken ? replace(kept, tried) : refuse(kept, tried);
      delta *= stepFactor(error);
      if (isTaken) {
        time = next;
        hooks?.onStep?.({ index: index++, count: null, time, state: kept.state, nextLength: delta });
      }
      if (!isTaken && delta < smallestStep) throw new Error(describeFailure(time, tolerance));
    }
    return kept.state;
  } catch (error) {
    kept.state.dispose();
    throw error;
  } finally {
    kept.slope?.dispose();
  }
}

/** A state and, where it is known already, the slope there. */
type Kept = { state: tf.Tensor; slope?: tf.Tensor };
type Tried = Kept & { error: tf.Tensor; firstSlope?: tf.Tensor };

/** The state one step on and its estimated error in units of the tolerance, with the slopes that can be used again. */
function tryStep(
  velocity: VelocityFn,
  from: Kept,
  to: { time: number; next: number; tolerance: number; hooks?: SolverHooks },
): Tried {
  const { time, next, tolerance, hooks } = to;
  const delta = next - time;
  const slopes = [from.slope ?? velocity(from.state, time)];
  let reached = from.state;
  for (const { at, weights } of stages) {
    reached = tf.add(from.state, tf.mul(weighted(slopes, weights), delta));
    slopes.push(velocity(reached, time + at * delta));
  }
  const scale = tf.add(tf.mul(tf.maximum(tf.abs(from.state), tf.abs(reached)), tolerance), tolerance);
  const relative = tf.div(tf.mul(weighted(slopes, errorWeights), delta), scale);
  const error = tf.sqrt(tf.max(tf.mean(tf.square(relative), [1, 2])));
  const firstSlope = from.slope ? undefined : slopes[0];
  // A projected state is another one: its slope must be found anew.
  if (hooks?.project) return { state: hooks.project(reached, next), firstSlope, error };
  return { state: reached, slope: slopes[slopes.length - 1], firstSlope, error };
}

function weighted(slopes: readonly tf.Tensor[], weights: readonly number[]): tf.Tensor {
  return tf.addN(weights.flatMap((weight, index) => (weight === 0 ? [] : [tf.mul(slopes[index], weight)])));
}

function readNumber(tensor: tf.Tensor): number {
  const [value] = tensor.dataSync();
  tensor.dispose();
  return value;
}

function replace(kept: Kept, { state, slope, firstSlope }: Tried): Kept {
  tf.dispose({ ...kept, firstSlope });
  return { state, slope };
}

/** The slope where the step began serves the next try. */
function refuse(kept: Kept, { state, slope, firstSlope }: Tried): Kept {
  tf.dispose({ state, slope });
  return { state: kept.state, slope: kept.slope ?? firstSlope };
}

function describeFailure(time: number, tolerance: number): string {
  return `dopri5 found no step from t = ${time.toFixed(5)} that errs by less than ${tolerance}: raise the tolerance, or use a solver with a fixed number of steps, such as heun.`;
}

/** NaN shrinks the step too. */
function stepFactor(error: number): number {
  const factor = safety * error ** -0.2;
  return factor >= smallestFactor ? Math.min(largestFactor, factor) : smallestFactor;
}
