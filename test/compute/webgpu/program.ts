/**
 * Computes the same things on a card and on the processor, in one process with one device, and prints what they differ in as
 * JSON. It is a program of its own, because the drivers are found by variables that must be set before a process starts.
 */

import * as tf from '@tensorflow/tfjs-core';
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import { loadBackend } from '../../../main/compute/backend.ts';
import { chooseExecution } from '../../../main/compute/execution.ts';
import { reconstructImages } from '../../../main/compute/sampling/reconstructImages.ts';
import { findDeviceFailure, findWebgpuBackend } from '../../../main/compute/webgpu/device.ts';
import { createField } from '../../../main/engine/field/registry.ts';
import { runEagerly } from '../../../main/engine/runFunction.ts';
import type { SamplingPlan } from '../../../main/engine/solver/route.ts';
import {
  entryName,
  fromState,
  initialState,
  stateLayout,
  toState,
} from '../../../main/engine/train/state.ts';
import { createStep, type StepFn, type Stepper, type StepReport } from '../../../main/engine/train/step.ts';
import { trainingBatch } from '../../../main/engine/train/trainingBatch.ts';
import { listTensors, type NamedArrays, toTensors } from '../../../main/engine/tensors.ts';
import { philox, randomNormals, toNormals } from '../../../shared/numbers/random.ts';
import { sampleWith, smallLimits } from '../../engine/inpaint/exampleModel.ts';
import { createSmallRun, trainings } from '../../engine/train/smallRun.ts';
import type { CardReport } from './cardReport.ts';

const { info } = await loadBackend({ prefer: 'webgpu' });
const wasm = createRequire(import.meta.url)('@tensorflow/tfjs-backend-wasm') as {
  setWasmPaths(folder: string): void;
};
wasm.setWasmPaths(dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')) + sep);
await tf.setBackend('wasm');
await tf.ready();

/** Runs work on either backend and returns both results. */
async function onBoth<Result>(work: () => Promise<Result>): Promise<{ card: Result; processor: Result }> {
  await tf.setBackend('webgpu');
  const card = await work();
  await tf.setBackend('wasm');
  return { card, processor: await work() };
}

function largestDifference(one: ArrayLike<number>, other: ArrayLike<number>): number {
  if (one.length !== other.length) return Infinity;
  return Array.from(one).reduce((most, value, index) => Math.max(most, Math.abs(value - other[index])), 0);
}

/** Numbers of an odd count, so that the last block is not used up. */
const randomCount = 30_003;

async function compareRandom(kernel: 'StatelessUniform' | 'StatelessNormal'): Promise<number> {
  await tf.setBackend('webgpu');
  const seed = tf.tensor1d([123456, -7], 'int32');
  const found = tf.engine().runKernel(kernel, { seed }, { shape: [randomCount] }) as tf.Tensor;
  const bits = new Uint32Array(Math.ceil(randomCount / 4) * 4);
  for (let block = 0; block * 4 < randomCount; block++)
    philox([block, 0, 0, 0], [123456, -7 >>> 0], bits, block * 4);
  const uniform = Float32Array.from(bits.subarray(0, randomCount), (word) => (word >>> 8) / 0x1000000);
  const expected = kernel === 'StatelessNormal' ? toNormals(bits, randomCount) : uniform;
  const difference = largestDifference(await found.data(), expected);
  tf.dispose([seed, found]);
  return difference;
}

const convolutions = [
  { name: 'conv2d', kernel: [3, 3, 4, 5] },
  { name: 'conv2d', kernel: [1, 1, 4, 5] },
  { name: 'depthwiseConv2d', kernel: [3, 3, 4, 1] },
  { name: 'depthwiseConv2d', kernel: [5, 5, 4, 1] },
] as const;

async function compareConvolution({ name, kernel }: (typeof convolutions)[number]): Promise<number> {
  const draw = (shape: number[], seed: number) => {
    const count = shape.reduce((product, length) => product * length);
    return tf.tensor(randomNormals({ seed, stream: 'solver', step: 0 }, count), shape);
  };
  const { card, processor } = await onBoth(async () => {
    const gradients = tf.tidy(() => {
      const f = (x: tf.Tensor, k: tf.Tensor) => tf[name](x as tf.Tensor4D, k as tf.Tensor4D, 1, 'same');
      const g = draw([2, 6, 7, kernel[3] === 5 ? 5 : 4], 3);
      return tf.grads(f)([draw([2, 6, 7, 4], 1), draw([...kernel], 2)], g);
    });
    return Promise.all(gradients.map((gradient) => gradient.data()));
  });
  return Math.max(...card.map((values, index) => largestDifference(values, processor[index])));
}

type TrainingName = keyof typeof trainings;

function prepare(name: TrainingName) {
  const { config, source } = createSmallRun(trainings[name]);
  const field = createField(config.field);
  const layout = stateLayout(field.parameters, config.optim);
  // A network that starts at zero would have gradients in its last layer alone.
  const initial = initialState(field.parameters, layout, config.seed);
  const start = Object.fromEntries(
    Object.entries(initial).map(([name, { shape, values }], step) => {
      const isMoved = name.startsWith('param/');
      const noise = randomNormals({ seed: 9, stream: 'noise', step }, values.length);
      const moved = values.map((value, index) => value + 0.05 * noise[index]);
      return [name, { shape, values: isMoved ? moved : values }];
    }),
  );
  const stepFn = createStep({ field, layout, config });
  return { config, source, field, layout, start, stepFn };
}

/** Takes the steps `from` … `to` − 1. */
async function train(
  { config, source, layout, stepFn }: ReturnType<typeof prepare>,
  range: { from: number; to: number; start: NamedArrays; isFused?: boolean },
): Promise<{ reports: StepReport[]; end: NamedArrays }> {
  const state = toState(range.start, layout);
  // Without its halves, a step updates the weights operation by operation.
  const step: StepFn = range.isFused === false ? (...all) => stepFn(...all) : stepFn;
  const stepper: Stepper = chooseExecution(() => undefined).createStepper(step, state);
  const pending: (StepReport | Promise<StepReport>)[] = [];
  for (let step = range.from; step < range.to; step++) {
    const batch = toTensors(trainingBatch(config, source, step).batch);
    pending.push(stepper.step(batch));
    tf.dispose(listTensors(batch));
  }
  const reports = await Promise.all(pending);
  const end = await stepper.withState((tensors) => fromState(tensors, layout));
  stepper.dispose();
  return { reports, end };
}

/** Largest difference of two states, relative to the largest number of each kind. */
function compareStates(one: NamedArrays, other: NamedArrays, layout: ReturnType<typeof prepare>['layout']) {
  const worst: Record<string, number> = {};
  const kinds = [...new Set(layout.map(({ kind }) => kind))];
  for (const kind of kinds) {
    const names = layout.filter((entry) => entry.kind === kind).map(entryName);
    const scale = Math.max(1e-30, ...names.flatMap((name) => Array.from(other[name].values, Math.abs)));
    worst[kind] = Math.max(
      ...names.map((name) => largestDifference(one[name].values, other[name].values) / scale),
    );
  }
  return worst;
}

const samplers: Readonly<Partial<Record<TrainingName, SamplingPlan>>> = {
  unet: { solver: 'ancestral', steps: 2, grid: 'edm' },
  upgraded: { solver: 'dopri5', steps: 2, tolerance: 0.05 },
  score: { solver: 'langevin', steps: 2 },
  denoiser: { solver: 'ancestral', steps: 2, grid: 'edm' },
};

async function compareTraining(name: TrainingName): Promise<CardReport['trainings'][string]> {
  const prepared = prepare(name);
  const { start, config, field, layout } = prepared;
  const { card, processor } = await onBoth(() => train(prepared, { from: 0, to: 1, start }));
  const plan = samplers[name] ?? { solver: 'euler', steps: 1 };
  const { width, height } = { width: config.data.imageSize, height: config.data.imageSize };
  const count = 2;
  const pixels = Float32Array.from(
    randomNormals({ seed: 4, stream: 'noise', step: 0 }, count * 3 * width * height),
  );
  const indices = Int32Array.from({ length: 24 }, (_, index) => 5 * index);
  const observation = (image: number) => ({
    height,
    width,
    indices,
    values: pixels.slice(image * 72, image * 72 + 72).map((value) => 0.5 + 0.1 * value),
  });
  const sampled = await onBoth(async () => {
    const parameters = toTensors(
      Object.fromEntries(
        layout
          .filter(({ kind }) => kind === 'param' || kind === 'buffer')
          .map((entry) => [entry.parameter, processor.end[entryName(entry)]]),
      ),
    );
    const model = { run: runEagerly, batch: { rows: 2, isFixed: true }, field, config, parameters };
    const images = { count, height, width, values: new Float32Array(count * width * height * 3) };
    const result = await reconstructImages(model, {
      images,
      observations: [observation(0), observation(1)],
      indices: [0, 1],
      plan,
      seed: 1,
      sample: 0,
      paste: false,
    });
    tf.dispose(listTensors(parameters));
    return result.values;
  });
  const [ofCard] = card.reports;
  const [ofProcessor] = processor.reports;
  return {
    loss: Math.abs(ofCard.loss / ofProcessor.loss - 1),
    gradNorm: Math.abs(ofCard.gradNorm / ofProcessor.gradNorm - 1),
    sample: largestDifference(sampled.card, sampled.processor),
    state: compareStates(card.end, processor.end, layout),
  };
}

/** Fills in an image that takes several tiles. */
async function compareInpainted(): Promise<number> {
  const { config, field, layout, start } = prepare('notebook');
  const size = { width: 20, height: 14 };
  const count = size.width * size.height;
  const bits = new Uint8Array(count).map((_, pixel) => Number(pixel % 4 === 0));
  const values = new Float32Array(3 * count).map(
    (_, index) => bits[Math.floor(index / 3)] * ((index % 7) / 7),
  );
  const image = { ...size, channels: 1 as const, bits, values };
  const { card, processor } = await onBoth(async () => {
    const entries = layout.filter(({ kind }) => kind === 'param' || kind === 'buffer');
    const parameters = toTensors(
      Object.fromEntries(entries.map((entry) => [entry.parameter, start[entryName(entry)]])),
    );
    const model = { field, parameters, config, run: runEagerly };
    const plan = { solver: 'euler', steps: 1 } as const;
    const { values: sampled } = await sampleWith(model, image, { plan, limits: smallLimits });
    tf.dispose(listTensors(parameters));
    return sampled;
  });
  return largestDifference(card, processor);
}

/** Trains three steps at once, then with a pause after the first, after which the processor continues too. */
async function compareResumed(): Promise<CardReport['resumed']> {
  const prepared = prepare('notebook');
  const { start, layout } = prepared;
  await tf.setBackend('webgpu');
  const whole = await train(prepared, { from: 0, to: 3, start });
  const half = await train(prepared, { from: 0, to: 1, start });
  const tensors = tf.memory().numTensors;
  const bytes = bytesOnCard();
  const resumed = await train(prepared, { from: 1, to: 3, start: half.end });
  const grown = { tensors: tf.memory().numTensors - tensors, bytes: bytesOnCard() - bytes };
  const unfused = await train(prepared, { from: 0, to: 1, start, isFused: false });
  await tf.setBackend('wasm');
  const moved = await train(prepared, { from: 1, to: 3, start: half.end });
  return {
    isEqual: Object.keys(whole.end).every(
      (name) => largestDifference(whole.end[name].values, resumed.end[name].values) === 0,
    ),
    onProcessor: compareStates(moved.end, whole.end, layout),
    unfused: compareStates(unfused.end, half.end, layout),
    grown,
  };
}

function bytesOnCard(): number {
  return (tf.memory() as unknown as { numBytesAllocatedInGPU: number }).numBytesAllocatedInGPU;
}

/** Makes the card report an error, the last that is done with it, and returns the message. */
async function breakCard(): Promise<string> {
  await tf.setBackend('webgpu');
  const device = findWebgpuBackend(tf)?.device;
  device?.createBuffer({ size: 4, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE });
  await device?.queue.onSubmittedWorkDone();
  await new Promise((resolve) => setImmediate(resolve));
  return findDeviceFailure()?.message ?? 'none';
}

/** One of each further network; those of the command line instead, if it names any. */
const usual = ['unet', 'mixing', 'full attention'];
const names = process.argv.length > 2 ? process.argv.slice(2) : usual;

const report: CardReport = {
  info,
  random: {
    uniform: await compareRandom('StatelessUniform'),
    normal: await compareRandom('StatelessNormal'),
  },
  convolutions: [],
  trainings: {},
  resumed: await compareResumed(),
  inpainted: await compareInpainted(),
  failure: '',
};
for (const convolution of convolutions) report.convolutions.push(await compareConvolution(convolution));
for (const name of names as TrainingName[]) report.trainings[name] = await compareTraining(name);
report.failure = await breakCard();
process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(0));
