/** Worker that trains the three toys in slices, and reports what they have learned several times a second. */

import { randomNormals } from '../../../shared/numbers/random.ts';
import { drawData, type ToyData } from './toyData.ts';
import {
  energyDistance,
  fieldGrid,
  fieldTimes,
  solve,
  straightnessOf,
  toyBudget,
  type ToyMethod,
  toyMethodNames,
  ToyModel,
  type ToySolver,
  toySolvers,
} from './toyModel.ts';

export type ToyOrder =
  | { readonly kind: 'start'; readonly data: ToyData; readonly seed: number; readonly sampling: ToySampling }
  | { readonly kind: 'sample'; readonly sampling: ToySampling }
  | { readonly kind: 'run'; readonly isRunning: boolean };

export interface ToySampling {
  readonly solver: ToySolver;
  readonly steps: number;
}

/** What one of the networks has learned. */
export interface LearnedField {
  readonly loss: number;
  /** States [B, 2] from noise to samples, one more than steps. */
  readonly states: readonly Float32Array[];
  /** The time of the last state. */
  readonly lastTime: number;
  /** Velocities [G × G, 2] on `fieldGrid` at each of `fieldTimes`. */
  readonly field: readonly Float32Array[];
  readonly evaluations: number;
  readonly straightness: number;
  /** Energy distance between samples and data. */
  readonly distance: number;
  /** null where the exact field is unknown. */
  readonly fieldError: number | null;
}

export interface ToyReport {
  readonly step: number;
  readonly isFinished: boolean;
  /** Points [N, 2] of the data. */
  readonly data: Float32Array;
  readonly learned: Readonly<Record<ToyMethod, LearnedField>>;
}

const samples = 128;
/** Milliseconds of training between two looks at the messages, and between two reports. */
const slice = 30;
const reportEvery = 700;

const gridPoints = Float32Array.from(
  Array.from({ length: fieldGrid.size ** 2 }, (_, index) => {
    const place = (cell: number) => fieldGrid.range * ((2 * cell) / (fieldGrid.size - 1) - 1);
    return [place(index % fieldGrid.size), place(Math.floor(index / fieldGrid.size))];
  }).flat(),
);

let seed = 1;
let data: ToyData = { shape: 'moons' };
let sampling: ToySampling = { solver: 'euler', steps: 8 };
let models: Readonly<Record<ToyMethod, ToyModel>> | null = null;
let isRunning = false;
let isScheduled = false;
let reportedAt = 0;

self.addEventListener('message', ({ data: order }: MessageEvent<ToyOrder>) => {
  if (order.kind === 'start') {
    ({ seed, data, sampling } = order);
    const create = (method: ToyMethod) => [method, new ToyModel(method, data, seed)] as const;
    models = Object.fromEntries(toyMethodNames.map(create)) as Record<ToyMethod, ToyModel>;
    isRunning = true;
  }
  if (order.kind === 'sample') ({ sampling } = order);
  if (order.kind === 'run') ({ isRunning } = order);
  if (order.kind !== 'run' || !isRunning) report();
  schedule();
});

function schedule(): void {
  if (isScheduled || !isRunning || !models || stepsOf(models) >= toyBudget) return;
  isScheduled = true;
  setTimeout(trainSlice);
}

function trainSlice(): void {
  isScheduled = false;
  if (!models || !isRunning) return;
  const end = performance.now() + slice;
  while (performance.now() < end && stepsOf(models) < toyBudget)
    for (const name of toyMethodNames) models[name].train();
  if (performance.now() - reportedAt > reportEvery || stepsOf(models) >= toyBudget) report();
  schedule();
}

function stepsOf({ flow }: Readonly<Record<ToyMethod, ToyModel>>): number {
  return flow.steps;
}

function report(): void {
  if (!models) return;
  const step = stepsOf(models);
  const points = drawData(data, { seed, step: 2 ** 30 }, 400);
  const noise = randomNormals({ seed, stream: 'sampling', step: 0 }, 2 * samples);
  const learned = Object.fromEntries(
    toyMethodNames.map((name) => [name, describeModel(models as Record<ToyMethod, ToyModel>, name)]),
  ) as Record<ToyMethod, LearnedField>;
  const answer: ToyReport = { step, isFinished: step >= toyBudget, data: points, learned };
  self.postMessage(answer);
  reportedAt = performance.now();

  function describeModel(all: Readonly<Record<ToyMethod, ToyModel>>, name: ToyMethod): LearnedField {
    const model = all[name];
    const end = model.lastTime;
    const states = solve(model.velocity, noise, { ...sampling, end });
    const fine = solve(model.velocity, noise.subarray(0, 96), { solver: 'midpoint', steps: 12, end });
    return {
      loss: model.loss,
      states,
      lastTime: end,
      field: fieldTimes.map((time) => model.velocity(gridPoints, Math.min(time, end))),
      evaluations: sampling.steps * toySolvers[sampling.solver].evaluations,
      straightness: straightnessOf(fine),
      distance: energyDistance(states[states.length - 1], points),
      fieldError: data.shape === 'clusters' ? model.fieldError() : null,
    };
  }
}
