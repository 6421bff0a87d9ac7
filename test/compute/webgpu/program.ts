/**
 * Computes the same things on a card and on the processor, in one process with one device, and prints what they differ in: a
 * line for each part, at last all of it as JSON. It is a program of its own, because the drivers are found by variables that must
 * be set before a process starts.
 */

import * as tf from '@tensorflow/tfjs-core';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { loadBackend } from '../../../main/compute/backend.ts';
import { chooseExecution } from '../../../main/compute/execution.ts';
import { reconstructImages } from '../../../main/compute/sampling/reconstructImages.ts';
import { saveState } from '../../../main/compute/modelCheckpoint.ts';
import { awaitDeviceFailure, DeviceError, findWebgpuBackend } from '../../../main/compute/webgpu/device.ts';
import type { RunConfigInput } from '../../../shared/config/config.ts';
import { describeError } from '../../../shared/text/describeError.ts';
import { imageAt, observe } from '../../../shared/images/image.ts';
import { bayerChannels } from '../../../shared/masks/bayer.ts';
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
import { listTensors, type NamedArrays, takeValues, toTensors } from '../../../main/engine/tensors.ts';
import { philox, randomNormals, toNormals } from '../../../shared/numbers/random.ts';
import { sampleWith, smallLimits } from '../../engine/inpaint/exampleModel.ts';
import { createSmallRun, trainings } from '../../engine/train/smallRun.ts';
import type { CardReport } from './cardReport.ts';
import { recordKernels } from './recordKernels.ts';

/** The buffers of the card that exist. */
const liveBuffers = new Set<GPUBuffer>();
countBuffersOf((await import('webgpu')).globals);

function countBuffersOf(globals: object): void {
  const { GPUDevice: device, GPUBuffer: buffer } = globals as Pick<
    typeof globalThis,
    'GPUDevice' | 'GPUBuffer'
  >;
  const { createBuffer } = device.prototype;
  device.prototype.createBuffer = function (descriptor) {
    const created = createBuffer.call(this, descriptor);
    liveBuffers.add(created);
    return created;
  };
  const { destroy } = buffer.prototype;
  buffer.prototype.destroy = function () {
    liveBuffers.delete(this);
    return destroy.call(this);
  };
}

const { info } = await loadBackend({ prefer: 'webgpu' });
const card = findWebgpuBackend(tf) ?? fail();
const wasm = createRequire(import.meta.url)('@tensorflow/tfjs-backend-wasm') as {
  setWasmPaths(folder: string): void;
};
wasm.setWasmPaths(dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')) + sep);
await tf.setBackend('wasm');
await tf.ready();

function fail(): never {
  throw new Error('The backend is not WebGPU.');
}

/**
 * TensorFlow.js has four programs for products and chooses by size. All are compared below; in networks, software adapters use the
 * one that takes least time to compile, because that would be most of the time.
 */
const productPrograms = { reduce: 0, splitK: 1, small: 2, packed: 3 } as const;
const programFlag = 'WEBGPU_MATMUL_PROGRAM_TYPE';
if (process.env.SPARSE_FIELD_LAB_WEBGPU_SOFTWARE === '1') tf.env().set(programFlag, productPrograms.small);

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

/** Compares the products of each program, with either matrix transposed, in ulps of the largest number. */
async function compareProducts(): Promise<Record<string, number>> {
  const usual = tf.env().get(programFlag);
  const differences: Record<string, number> = {};
  const draw = (shape: number[], step: number) => {
    const values = randomNormals({ seed: 1, stream: 'solver', step }, shape[0] * shape[1]);
    return tf.tensor2d(values, shape as [number, number]);
  };
  for (const [name, program] of Object.entries(productPrograms)) {
    tf.env().set(programFlag, program);
    for (const [isLeft, isRight] of [
      [false, false],
      [true, false],
      [false, true],
    ]) {
      const { card, processor } = await onBoth(async () => {
        const [left, right] = [draw(isLeft ? [37, 33] : [33, 37], 1), draw(isRight ? [34, 37] : [37, 34], 2)];
        return takeValues(tf.tidy(() => tf.matMul(left, right, isLeft, isRight)));
      });
      const scale = 2 ** -23 * Math.max(...processor.map(Math.abs));
      differences[`${name} ${isLeft} ${isRight}`] = largestDifference(card, processor) / scale;
    }
  }
  tf.env().set(programFlag, usual);
  return differences;
}

/** Sums more tensors than a program of a card can read, and returns the difference in ulps of the largest number. */
async function compareSums(): Promise<number> {
  const { card, processor } = await onBoth(async () => {
    const terms = Array.from({ length: 40 }, (_, step) =>
      tf.tensor1d(randomNormals({ seed: 1, stream: 'noise', step }, 37)),
    );
    const total = tf.addN(terms);
    tf.dispose(terms);
    return takeValues(total);
  });
  return largestDifference(card, processor) / (2 ** -23 * Math.max(...processor.map(Math.abs)));
}

type TrainingName = keyof typeof trainings;

/** A network whose steps are the shortest. */
const smallest: RunConfigInput = {
  ...trainings.unet,
  field: { kind: 'unet', dim: 8, levels: 1, blocks: 1, residual: 'thin-plate', dropout: 0 },
};

function prepare(name: TrainingName | 'smallest') {
  const { config, source } = createSmallRun(name === 'smallest' ? smallest : trainings[name]);
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
  range: { from: number; to: number; start: NamedArrays; isFused?: boolean; savesAfter?: number },
): Promise<{ reports: StepReport[]; saved: NamedArrays; end: NamedArrays }> {
  const state = toState(range.start, layout);
  // Without its halves, a step updates the weights operation by operation.
  const step: StepFn = range.isFused === false ? (...all) => stepFn(...all) : stepFn;
  const stepper: Stepper = chooseExecution(() => undefined).createStepper(step, state);
  const read = () => stepper.withState((tensors) => fromState(tensors, layout));
  let saved: NamedArrays = {};
  const pending: (StepReport | Promise<StepReport>)[] = [];
  for (let step = range.from; step < range.to; step++) {
    const batch = toTensors(trainingBatch(config, source, step).batch);
    pending.push(stepper.step(batch));
    tf.dispose(listTensors(batch));
    if (step + 1 === range.savesAfter) saved = await read();
  }
  const reports = await Promise.all(pending);
  const end = await read();
  stepper.dispose();
  return { reports, saved, end };
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

const samplers: Readonly<Record<TrainingName, SamplingPlan>> = {
  notebook: { solver: 'heun', steps: 2 },
  upgraded: { solver: 'dopri5', steps: 2, tolerance: 0.05 },
  unet: { solver: 'ancestral', steps: 2, grid: 'edm' },
  bayer: { solver: 'midpoint', steps: 2 },
  'local contrast': { solver: 'heun', steps: 3 },
  'pink noise': { solver: 'ddim', steps: 2, eta: 0.5 },
  muon: { solver: 'heun', steps: 3 },
  local: { solver: 'ancestral-undrifted', steps: 2 },
  mixing: { solver: 'euler', steps: 2 },
  transformer: { solver: 'rk4', steps: 2 },
  'full attention': { solver: 'euler', steps: 1 },
  denoiser: { solver: 'ddim', steps: 2 },
  shortcuts: { solver: 'euler', steps: 2 },
  score: { solver: 'langevin', steps: 2 },
};

async function compareTraining(name: TrainingName): Promise<CardReport['trainings'][string]> {
  const prepared = prepare(name);
  const { start, config, field, layout } = prepared;
  const { card, processor } = await onBoth(() => train(prepared, { from: 0, to: 1, start }));
  const { imageSize } = config.data;
  const count = 2;
  const noise = randomNormals({ seed: 4, stream: 'noise', step: 0 }, count * 3 * imageSize ** 2);
  const values = Float32Array.from(noise, (value) => 0.5 + 0.1 * value);
  const images = { count, height: imageSize, width: imageSize, values };
  const observation = (image: number) => {
    const whole = imageAt(images, image);
    if (config.mask.law === 'bayer') {
      const pixels = Int32Array.from({ length: imageSize ** 2 }, (_, pixel) => pixel);
      return observe(whole, pixels, bayerChannels('GBRG', images));
    }
    return observe(
      whole,
      Int32Array.from({ length: 24 }, (_, index) => 5 * index),
    );
  };
  const sampled = await onBoth(async () => {
    const parameters = toTensors(
      Object.fromEntries(
        layout
          .filter(({ kind }) => kind === 'param' || kind === 'buffer')
          .map((entry) => [entry.parameter, processor.end[entryName(entry)]]),
      ),
    );
    const model = { run: runEagerly, batch: { rows: 2, isFixed: true }, field, config, parameters };
    const result = await reconstructImages(model, {
      images,
      observations: [observation(0), observation(1)],
      indices: [0, 1],
      plan: samplers[name],
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

/** Trains three steps with a checkpoint after the first, from which a card and the processor continue. */
async function compareResumed(): Promise<CardReport['resumed']> {
  const prepared = prepare('notebook');
  const { start, layout } = prepared;
  await tf.setBackend('webgpu');
  const whole = await train(prepared, { from: 0, to: 3, start, savesAfter: 1 });
  // From there, where the moments are not zero.
  const unfused = await train(prepared, { from: 1, to: 3, start: whole.saved, isFused: false });
  const [tensors, buffers] = [tf.memory().numTensors, liveBuffers.size];
  const resumed = await train(prepared, { from: 1, to: 3, start: whole.saved });
  const grown = { tensors: tf.memory().numTensors - tensors, buffers: liveBuffers.size - buffers };
  await tf.setBackend('wasm');
  const moved = await train(prepared, { from: 1, to: 3, start: whole.saved });
  return {
    isEqual: Object.keys(whole.end).every(
      (name) => largestDifference(whole.end[name].values, resumed.end[name].values) === 0,
    ),
    onProcessor: compareStates(moved.end, whole.end, layout),
    unfused: compareStates(unfused.end, whole.end, layout),
    grown,
  };
}

/** Takes further steps and returns how many buffers of the card exist after each quarter of them. */
async function countBuffers(steps: number): Promise<number[]> {
  const { config, source, layout, stepFn, start } = prepare('smallest');
  await tf.setBackend('webgpu');
  const stepper = chooseExecution(() => undefined).createStepper(stepFn, toState(start, layout));
  const counts: number[] = [];
  for (let step = 0; step < steps; step++) {
    const batch = toTensors(trainingBatch(config, source, step % 9).batch);
    const report = stepper.step(batch);
    tf.dispose(listTensors(batch));
    if ((step + 1) % (steps / 4) !== 0) continue;
    await report;
    counts.push(liveBuffers.size);
  }
  stepper.dispose();
  return counts;
}

/** Loads the backend again with a new device, breaks that, and returns what is reported of it and of a checkpoint. */
async function breakDevice(harm: (device: GPUDevice) => void): Promise<{ message: string; saved: string }> {
  await loadBackend({ prefer: 'webgpu' });
  const { layout, start, config } = prepare('smallest');
  const state = toState(start, layout);
  const { device } = findWebgpuBackend(tf) ?? fail();
  harm(device);
  const folder = mkdtempSync(join(tmpdir(), 'card-'));
  const progress = { step: 1, processSeconds: 1, loss: 1, best: null };
  const saved = await saveState(folder, { state, layout, config, progress }).then(
    () => 'a checkpoint',
    (error: unknown) => (error instanceof DeviceError ? 'refused' : describeError(error)),
  );
  rmSync(folder, { recursive: true });
  return { message: (await awaitDeviceFailure())?.message ?? 'none', saved };
}

const args = process.argv.slice(2);
const compareKernels = recordKernels(card);
/** Trainings of all networks; those of the command line instead, or all. */
const usual = ['notebook', 'unet', 'local', 'full attention'];
const chosen = args.length > 0 ? args : usual;
const names = chosen.includes('all') ? Object.keys(trainings) : chosen;

/** Prints what a part has found. */
async function print<Found>(part: string, find: () => Promise<Found>): Promise<Found> {
  const found = await find();
  process.stdout.write(`${part}: ${JSON.stringify(found)}\n`);
  return found;
}

const random = {
  uniform: await compareRandom('StatelessUniform'),
  normal: await compareRandom('StatelessNormal'),
};
const compared: CardReport['trainings'] = {};
for (const name of names as TrainingName[]) compared[name] = await print(name, () => compareTraining(name));
const report: CardReport = {
  info,
  random,
  trainings: compared,
  resumed: await print('resumed', compareResumed),
  inpainted: await print('inpainted', compareInpainted),
  products: await print('products', compareProducts),
  sums: await print('sums', compareSums),
  buffers: await print('buffers', () => countBuffers(12)),
  kernels: await print('kernels', compareKernels),
  failures: {
    error: await breakDevice((device) =>
      device.createBuffer({ size: 4, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE }),
    ),
    // Drivers allocate at most a gigabyte at a time, or refuse what they do not have.
    memory: await breakDevice((device) => {
      const size = device.limits.maxBufferSize;
      for (let count = 0; count < 64; count++) device.createBuffer({ size, usage: GPUBufferUsage.STORAGE });
    }),
    lost: await breakDevice((device) => device.destroy()),
  },
};
process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(0));
