/** Three ways to learn one distribution in the plane, each with a small network: training, velocity field and samples. */

import { pathFactors, type PathKind } from '../../../shared/method/paths.ts';
import { randomNormals, randomUniforms } from '../../../shared/numbers/random.ts';
import { drawData, exactVelocity, type ToyData } from './toyData.ts';
import { ToyNetwork } from './toyNetwork.ts';

interface Traits {
  readonly title: string;
  readonly path: PathKind;
  readonly predicts: 'velocity' | 'data' | 'noise';
  /** What the network learns, and along which path. */
  readonly about: string;
}

/** As the presets of the laboratory: path, and what the network predicts. */
export const toyMethods = {
  flow: {
    title: 'Flow matching',
    path: 'linear',
    predicts: 'velocity',
    about: 'velocity, linear path',
  },
  denoiser: {
    title: 'Denoiser',
    path: 'cosine',
    predicts: 'data',
    about: 'data, cosine path',
  },
  score: {
    title: 'Score model',
    path: 'variance-preserving',
    predicts: 'noise',
    about: 'noise, variance-preserving path',
  },
} as const satisfies Record<string, Traits>;
export type ToyMethod = keyof typeof toyMethods;
export const toyMethodNames = Object.keys(toyMethods) as readonly ToyMethod[];

/** The grid on which the field is shown: G places along each axis of [−range, range]. */
export const fieldGrid = { size: 11, range: 2.6 };
export const fieldTimes = [0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1];

/** Steps of training, after which the learning rate has fallen to zero. */
export const toyBudget = 1500;
const batch = 96;
const learningRate = 4e-3;
/** The velocity of curved paths is unbounded, or a difference of large numbers, at t = 1; they end a little before. */
const lastTimes: Readonly<Record<PathKind, number>> = {
  linear: 1,
  cosine: 0.995,
  'variance-preserving': 0.999,
};

/** Returns dx/dt, [B, 2], at states [B, 2] and one time. */
export type ToyVelocity = (states: Float32Array, time: number) => Float32Array;

export class ToyModel {
  readonly #network: ToyNetwork;
  readonly #traits: Traits;
  readonly #seed: number;
  readonly #data: ToyData;
  #steps = 0;
  #loss = Number.NaN;

  constructor(method: ToyMethod, data: ToyData, seed: number) {
    this.#traits = toyMethods[method];
    this.#network = new ToyNetwork(seed);
    this.#data = data;
    this.#seed = seed;
  }

  get steps(): number {
    return this.#steps;
  }

  /** Mean of the loss over about the last 50 steps; NaN before the first. */
  get loss(): number {
    return this.#loss;
  }

  get lastTime(): number {
    return lastTimes[this.#traits.path];
  }

  /** Trains one step on new data, noise and times: the squared error of the prediction. */
  train(): void {
    const key = { seed: this.#seed, step: this.#steps };
    const data = drawData(this.#data, key, batch);
    const noise = randomNormals({ ...key, stream: 'noise' }, 2 * batch);
    const uniforms = randomUniforms({ ...key, stream: 'time' }, batch);
    // Stratified: one time in each of equal parts.
    const times = uniforms.map((uniform, row) => ((row + uniform) / batch) * this.lastTime);
    const { states, targets } = this.#examples(data, noise, times);
    const predicted = this.#network.predict(states, times);
    let squares = 0;
    const derivative = predicted.map((value, at) => {
      const error = value - targets[at];
      squares += error * error;
      return (2 * error) / predicted.length;
    });
    this.#network.propagate(derivative);
    const progress = Math.min(1, this.#steps / toyBudget);
    const warmUp = Math.min(1, (this.#steps + 1) / 50);
    this.#network.update(learningRate * warmUp * 0.5 * (1 + Math.cos(Math.PI * progress)));
    this.#steps += 1;
    const loss = squares / predicted.length;
    this.#loss = Number.isNaN(this.#loss) ? loss : this.#loss + (loss - this.#loss) / 50;
  }

  #examples(data: Float32Array, noise: Float32Array, times: Float32Array) {
    const states = new Float32Array(data.length);
    const targets = new Float32Array(data.length);
    const { path, predicts } = this.#traits;
    for (let at = 0; at < data.length; at++) {
      const { alpha, sigma, alphaRate, sigmaRate } = pathFactors(path, times[at >> 1]);
      states[at] = alpha * data[at] + sigma * noise[at];
      if (predicts === 'velocity') targets[at] = alphaRate * data[at] + sigmaRate * noise[at];
      else targets[at] = predicts === 'data' ? data[at] : noise[at];
    }
    return { states, targets };
  }

  /** The velocity that the network's prediction implies: state and prediction are two equations for data and noise. */
  readonly velocity: ToyVelocity = (states, time) => {
    const predicted = this.#network.predict(states, new Float32Array(states.length / 2).fill(time));
    const { path, predicts } = this.#traits;
    if (predicts === 'velocity') return predicted;
    const { alpha, sigma, alphaRate, sigmaRate } = pathFactors(path, time);
    return predicted.map((value, at) => {
      if (predicts === 'data') return alphaRate * value + (sigmaRate * (states[at] - alpha * value)) / sigma;
      return (alphaRate * (states[at] - sigma * value)) / alpha + sigmaRate * value;
    });
  };

  /** Returns the error of the velocity relative to the exact field of the clusters: root mean square over states of the path. */
  fieldError(count = 256): number {
    const key = { seed: this.#seed + 1, step: 0 };
    const data = drawData({ shape: 'clusters' }, key, count);
    const noise = randomNormals({ ...key, stream: 'noise' }, 2 * count);
    let [missed, all] = [0, 0];
    for (const time of [0.1, 0.3, 0.5, 0.7, 0.9]) {
      const { states } = this.#examples(data, noise, new Float32Array(count).fill(time));
      const found = this.velocity(states, time);
      for (let row = 0; row < count; row++) {
        const exact = exactVelocity(this.#traits.path, [states[2 * row], states[2 * row + 1]], time);
        missed += (found[2 * row] - exact[0]) ** 2 + (found[2 * row + 1] - exact[1]) ** 2;
        all += exact[0] ** 2 + exact[1] ** 2;
      }
    }
    return Math.sqrt(missed / all);
  }
}

/** The solvers of the toy: their function evaluations per step, and one step from `time` over `delta`. */
export const toySolvers = {
  euler: {
    evaluations: 1,
    step: (velocity, state, { time, delta }) => along(state, velocity(state, time), delta),
  },
  heun: {
    evaluations: 2,
    step(velocity, state, { time, delta }) {
      const first = velocity(state, time);
      const second = velocity(along(state, first, delta), time + delta);
      return state.map((value, at) => value + (delta / 2) * (first[at] + second[at]));
    },
  },
  midpoint: {
    evaluations: 2,
    step(velocity, state, { time, delta }) {
      const half = along(state, velocity(state, time), delta / 2);
      return along(state, velocity(half, time + delta / 2), delta);
    },
  },
  rk4: {
    evaluations: 4,
    step(velocity, state, { time, delta }) {
      const first = velocity(state, time);
      const second = velocity(along(state, first, delta / 2), time + delta / 2);
      const third = velocity(along(state, second, delta / 2), time + delta / 2);
      const fourth = velocity(along(state, third, delta), time + delta);
      return state.map(
        (value, at) => value + (delta / 6) * (first[at] + 2 * (second[at] + third[at]) + fourth[at]),
      );
    },
  },
} as const satisfies Record<
  string,
  {
    readonly evaluations: number;
    step(
      velocity: ToyVelocity,
      state: Float32Array,
      at: { readonly time: number; readonly delta: number },
    ): Float32Array;
  }
>;
export type ToySolver = keyof typeof toySolvers;

function along(state: Float32Array, slope: Float32Array, delta: number): Float32Array {
  return state.map((value, at) => value + delta * slope[at]);
}

/** Returns the states [B, 2] after each of `steps` equal steps from t = 0 to `end`, the start included. */
export function solve(
  velocity: ToyVelocity,
  start: Float32Array,
  { solver, steps, end }: { readonly solver: ToySolver; readonly steps: number; readonly end: number },
): Float32Array[] {
  const states = [start];
  const delta = end / steps;
  for (let index = 0; index < steps; index++)
    states.push(toySolvers[solver].step(velocity, states[index], { time: index * delta, delta }));
  return states;
}

/** Returns the distance between the ends of trajectories divided by their length, the mean over all: 1 if they are straight. */
export function straightnessOf(states: readonly Float32Array[]): number {
  const first = states[0];
  const last = states[states.length - 1];
  const count = first.length / 2;
  let sum = 0;
  for (let row = 0; row < count; row++) {
    let length = 0;
    for (let index = 1; index < states.length; index++)
      length += distance(states[index], states[index - 1], row, row);
    sum += length === 0 ? 1 : distance(first, last, row, row) / length;
  }
  return sum / count;
}

/** Returns the energy distance between two sets of points [N, 2]: 0 if they have one distribution. Székely and Rizzo 2013. */
export function energyDistance(one: Float32Array, other: Float32Array): number {
  return Math.max(0, 2 * meanDistance(one, other) - meanDistance(one, one) - meanDistance(other, other));
}

function meanDistance(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let first = 0; first < one.length / 2; first++)
    for (let second = 0; second < other.length / 2; second++) sum += distance(one, other, first, second);
  // Points have no distance to themselves, which is not part of the mean.
  const pairs = one === other ? (one.length / 2) * (one.length / 2 - 1) : (one.length * other.length) / 4;
  return sum / pairs;
}

function distance(one: Float32Array, other: Float32Array, first: number, second: number): number {
  return Math.hypot(one[2 * first] - other[2 * second], one[2 * first + 1] - other[2 * second + 1]);
}
