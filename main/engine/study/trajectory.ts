/** What happens along a solution of the flow's equation dx/dt = v(x, t): states, speed, curvature, and where samples part. */

import * as tf from '@tensorflow/tfjs-core';
import { runEagerly, type RunFunction } from '../runFunction.ts';
import { type SamplingProblem, viewField } from '../solver/fieldView.ts';
import { sampleField, withEncoding } from '../solver/sampleField.ts';
import { takeValues } from '../tensors.ts';

/** A solution of the equation at some times; every array has B × N × 3 numbers, as the states of the problem. */
export interface Trajectory {
  /** Increasing, from 0 to 1. */
  readonly times: readonly number[];
  /** x_t, neither clamped nor pasted. */
  readonly states: readonly Float32Array[];
  /** x̂₁: the data that the network expects at x_t. */
  readonly data: readonly Float32Array[];
  /** dx/dt; at the last time extrapolated from the last step, because some paths have no velocity at t = 1. */
  readonly velocities: readonly Float32Array[];
}

/** Returns the states of Heun's method at the ends of equal steps, from the start of the path to t = 1. */
export async function traceStates(
  problem: SamplingProblem,
  { steps, run = runEagerly }: { readonly steps: number; readonly run?: RunFunction },
): Promise<Pick<Trajectory, 'times' | 'states'>> {
  const times = [0];
  const states = [read(problem.start)];
  const onStep = ({ time, state }: { time: number; state: tf.Tensor }) => {
    times.push(time);
    states.push(read(state));
  };
  const plan = { solver: 'heun', steps, grid: 'uniform' } as const;
  const end = await sampleField(problem, plan, { run, hooks: { onStep } });
  end.dispose();
  return { times, states: await Promise.all(states) };
}

/** Returns the states as `traceStates` does, with what the network says at each of them. */
export async function traceTrajectory(
  problem: SamplingProblem,
  options: { readonly steps: number; readonly run?: RunFunction },
): Promise<Trajectory> {
  const { run = runEagerly } = options;
  const { times, states } = await traceStates(problem, options);
  const data: Float32Array[] = [];
  const velocities: Float32Array[] = [];
  await withEncoding(problem, run, async (encoded) => {
    const view = viewField(problem, encoded, run);
    for (const [index, time] of times.slice(0, -1).entries()) {
      const value = tf.tidy(() => {
        const found = view.read(tf.tensor(states[index], problem.start.shape), time);
        return { data: found.data, velocity: found.velocity };
      });
      data.push(await takeValues(value.data));
      velocities.push(await takeValues(value.velocity));
    }
  });
  // A path whose network predicts data ends on the data expected at the time before.
  data.push(states[states.length - 1]);
  velocities.push(lastVelocity({ times, states, velocities }));
  return { times, states, data, velocities };
}

/**
 * Returns the velocity at t = 1 as the mean velocity of the last step extrapolated from its beginning: 2 Δx/Δt − v, the
 * rule with which Heun's method is exact.
 */
function lastVelocity({ times, states, velocities }: Omit<Trajectory, 'data'>): Float32Array {
  const last = times.length - 1;
  const length = times[last] - times[last - 1];
  const before = velocities[last - 1];
  return states[last].map((value, index) => (2 * (value - states[last - 1][index])) / length - before[index]);
}

/** Reads a tensor that its owner may dispose of before the numbers arrive. */
async function read(tensor: tf.Tensor): Promise<Float32Array> {
  return Float32Array.from(await takeValues(tf.keep(tensor.clone())));
}

/**
 * Returns dv/dt of values at increasing times, three or more: the derivative of the parabola through three neighbours, at
 * both ends through the three nearest. Exact for values that are quadratic in t; of second order otherwise.
 */
export function rateOfChange(times: readonly number[], values: readonly Float32Array[]): Float32Array[] {
  if (times.length < 3)
    throw new Error(`Found ${times.length} times; a rate of change needs at least 3. Choose more steps.`);
  return times.map((at, index) => {
    const first = Math.min(Math.max(0, index - 1), times.length - 3);
    const [a, b, c] = [times[first], times[first + 1], times[first + 2]];
    const weights = [
      (2 * at - b - c) / ((a - b) * (a - c)),
      (2 * at - a - c) / ((b - a) * (b - c)),
      (2 * at - a - b) / ((c - a) * (c - b)),
    ];
    const [before, middle, after] = values.slice(first, first + 3);
    return middle.map((value, entry) => {
      return weights[0] * before[entry] + weights[1] * value + weights[2] * after[entry];
    });
  });
}

/** Returns the Euclidean norm over the three channels of every pixel: N numbers of N × 3. */
export function normPerPixel(values: Float32Array): Float32Array {
  return Float32Array.from({ length: values.length / 3 }, (_, pixel) =>
    Math.hypot(values[3 * pixel], values[3 * pixel + 1], values[3 * pixel + 2]),
  );
}

/** Returns the root of the mean squared difference over the values that are marked 1. 0 where none is. */
export function distanceBetween(one: Float32Array, other: Float32Array, marks: Uint8Array): number {
  let [sum, count] = [0, 0];
  marks.forEach((mark, index) => {
    if (mark === 0) return;
    sum += (one[index] - other[index]) ** 2;
    count += 1;
  });
  return count === 0 ? 0 : Math.sqrt(sum / count);
}

/**
 * Returns the standard deviation over two or more samples at every pixel, N numbers: the root of the mean variance of its
 * three channels, with S − 1 in the denominator.
 */
export function spreadPerPixel(samples: readonly Float32Array[]): Float32Array {
  const variances = samples[0].map((_, index) => momentsAt(samples, index).variance);
  return Float32Array.from({ length: variances.length / 3 }, (_, pixel) =>
    Math.sqrt((variances[3 * pixel] + variances[3 * pixel + 1] + variances[3 * pixel + 2]) / 3),
  );
}

/** Returns the root of the mean square over the pixels that are marked 1. 0 where none is. */
export function rootMeanSquare(values: Float32Array, marks: Uint8Array): number {
  return distanceBetween(values, new Float32Array(values.length), marks);
}

/** The samples' spread and the error of their mean, of some values. */
export interface SpreadSkillBin {
  /** Root mean squared standard deviation, times √(1 + 1/N). */
  readonly spread: number;
  /** Root mean squared error of the mean of the samples. */
  readonly error: number;
}

/** Values of one image: its truth, its samples, and 1 where a value counts. */
export interface SampledValues {
  readonly truth: Float32Array;
  readonly samples: readonly Float32Array[];
  readonly marks: Uint8Array;
}

/**
 * Returns values in at most `count` bins of equal size, by their spread; none for fewer than four samples. Every second
 * sample chooses the bins and the others are measured: chosen by their own spread, few samples would seem to differ too
 * little in the first bins and too much in the last ones. The samples are calibrated where spread and error agree: the
 * truth is as far from the mean of N samples as one more sample is, √(1 + 1/N) of the standard deviation (Fortin et al.
 * 2014, eq. 15).
 */
export function spreadSkillBins(images: readonly SampledValues[], count: number): SpreadSkillBin[] {
  const values = images.flatMap(({ truth, samples, marks }) => {
    if (samples.length < 4) return [];
    const [choosing, measured] = [0, 1].map((rest) => samples.filter((_, sample) => sample % 2 === rest));
    return Array.from(marks.keys()).flatMap((index) => {
      if (marks[index] === 0) return [];
      const { mean, variance } = momentsAt(measured, index);
      return [
        {
          order: momentsAt(choosing, index).variance,
          spread: variance * (1 + 1 / measured.length),
          error: (truth[index] - mean) ** 2,
        },
      ];
    });
  });
  values.sort((one, other) => one.order - other.order);
  const size = Math.max(1, Math.ceil(values.length / count));
  const root = (bin: typeof values, name: 'spread' | 'error') =>
    Math.sqrt(bin.reduce((sum, value) => sum + value[name], 0) / bin.length);
  return Array.from({ length: Math.ceil(values.length / size) }, (_, index) => {
    const bin = values.slice(index * size, (index + 1) * size);
    return { spread: root(bin, 'spread'), error: root(bin, 'error') };
  });
}

/** Returns mean and variance, with S − 1 in the denominator, of one value over the samples. */
function momentsAt(samples: readonly Float32Array[], index: number): { mean: number; variance: number } {
  const count = samples.length;
  const mean = samples.reduce((sum, sample) => sum + sample[index], 0) / count;
  const squares = samples.reduce((sum, sample) => sum + (sample[index] - mean) ** 2, 0);
  return { mean, variance: squares / (count - 1) };
}
