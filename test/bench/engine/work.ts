/** The work that is measured: a training step on one batch, the sampling of whole images, and a plain matrix product. */

import * as tf from '@tensorflow/tfjs-core';
import type { Execution } from '../../../main/compute/execution.ts';
import { layoutOf } from '../../../main/compute/modelCheckpoint.ts';
import { createRandomImages, openRandomBatches } from '../../../main/compute/randomBatches.ts';
import { createMaskSource } from '../../../main/datasets/masks.ts';
import { reconstructClassically } from '../../../main/engine/classical/registry.ts';
import {
  type Context,
  contextArrays,
  contextParts,
  everyPixel,
  needsEstimate,
} from '../../../main/engine/context/context.ts';
import { createScaledField } from '../../../main/engine/field/scaledField.ts';
import { startFrom } from '../../../main/engine/path/affine.ts';
import { shapeNoise } from '../../../main/engine/path/noise.ts';
import type { RunFunction } from '../../../main/engine/runFunction.ts';
import type { SamplingProblem } from '../../../main/engine/solver/fieldView.ts';
import { sampleField } from '../../../main/engine/solver/sampleField.ts';
import {
  type NamedArray,
  type NamedArrays,
  takeValues,
  toTensor,
  toTensors,
} from '../../../main/engine/tensors.ts';
import { entryName, initialState, samplingParameters, toState } from '../../../main/engine/train/state.ts';
import { createStep, type StepFn } from '../../../main/engine/train/step.ts';
import { type TrainingBatch, trainingBatch } from '../../../main/engine/train/trainingBatch.ts';
import type { RunConfig } from '../../../shared/config/config.ts';
import { imageAt, observe } from '../../../shared/images/image.ts';
import { randomNormals } from '../../../shared/numbers/random.ts';

/** Returns the step of a run and its initial state; the caller owns the state. */
export function createModel(config: RunConfig, parts = 1): { stepFn: StepFn; state: tf.Tensor[] } {
  const { field, layout, arrays } = createArrays(config);
  return { stepFn: createStep({ field, layout, config, parts }), state: toState(arrays, layout) };
}

/** Returns the network of a run, and its initial state by `entryName`. */
function createArrays(config: RunConfig) {
  const field = createScaledField(config);
  const layout = layoutOf(field, config);
  return { field, layout, arrays: { ...initialState(field.parameters, layout, config.seed) } };
}

/** Returns the first batch of a run; the caller owns it. */
export function createBatch(config: RunConfig): TrainingBatch {
  return toTensors(trainingBatch(config, openRandomBatches(config), 0).batch);
}

/**
 * Returns weights, a training batch, and the loss and the norm of the gradients that a step computes from them without dropout,
 * by name: what another implementation of the network is checked against. All weights are disturbed, because many are
 * zero at first, and what they multiply would not be checked.
 */
export async function createExample(run: RunConfig): Promise<NamedArrays> {
  const config = { ...run, field: withoutDropout(run.field) };
  const { field, layout, arrays } = createArrays(config);
  const weights = layout.filter(({ kind }) => kind === 'param' || kind === 'buffer');
  for (const [index, entry] of weights.entries()) {
    const { values } = arrays[entryName(entry)];
    const noise = randomNormals({ seed: index, stream: 'initialisation', step: 1 }, values.length);
    arrays[entryName(entry)] = { ...entry, values: values.map((value, at) => value + noise[at] / 30) };
  }
  const { batch } = trainingBatch(config, openRandomBatches(config), 0);
  const { target } = batch.rows;
  const noise = randomNormals({ seed: run.seed, stream: 'sampling', step: 0 }, target.values.length);
  const started = tf.tidy(() => {
    const given = toTensors(batch.rows);
    const normals = toTensor({ shape: target.shape, values: noise });
    return startFrom(run.path, { ...given, noise: shapeNoise(run.path, normals, sizeOf(run)) });
  });
  const rows = { ...batch.rows, start: { shape: target.shape, values: await takeValues(started) } };
  const { report } = createStep({ field, layout, config })(
    toState(arrays, layout),
    toTensors({ ...batch, rows }),
  );
  return {
    ...Object.fromEntries(weights.map((entry) => [`weights/${entry.parameter}`, arrays[entryName(entry)]])),
    ...Object.fromEntries(
      Object.entries(rows).flatMap(([name, array]) => (array ? [[`rows/${name}`, array]] : [])),
    ),
    loss: { shape: [], values: await takeValues(report.loss) },
    gradNorm: { shape: [], values: await takeValues(report.gradNorm) },
  };
}

function sizeOf({ data }: RunConfig): { readonly height: number; readonly width: number } {
  return { height: data.imageSize, width: data.imageSize };
}

function withoutDropout(field: RunConfig['field']): RunConfig['field'] {
  return 'dropout' in field ? { ...field, dropout: 0 } : field;
}

/** Returns a function that takes a training step; the batch stays in the backend, as with PyTorch. */
export function createTraining(execution: Execution, config: RunConfig): () => Promise<void> {
  const { stepFn, state } = createModel(config, execution.parts);
  const stepper = execution.createStepper(stepFn, state);
  const batch = createBatch(config);
  return async () => void (await stepper.step(batch));
}

/** Returns a function that samples `images` whole images with Euler steps and reads them back from the backend. */
export function createSampling(
  run: RunFunction,
  config: RunConfig,
  images: number,
): (evaluations: number) => Promise<void> {
  const problem = createProblem(config, images);
  return async (evaluations) => {
    await takeValues(await sampleField(problem, { solver: 'euler', steps: evaluations }, { run }));
  };
}

export function createProblem(config: RunConfig, images: number): SamplingProblem {
  const { field, layout, arrays } = createArrays(config);
  const state = toState(arrays, layout);
  const { noise, context } = toTensors(createSamplingArrays(config, images));
  const start = tf.tidy(() =>
    startFrom(config.path, { ...context, noise: shapeNoise(config.path, noise, sizeOf(config)) }),
  );
  return { field, parameters: samplingParameters(state, layout), path: config.path, context, start };
}

/** Returns the context of `count` whole images, and `noise` [count, pixels, 3]. */
function createSamplingArrays(
  config: RunConfig,
  count: number,
): { readonly context: Context<NamedArray>; readonly noise: NamedArray } {
  const { imageSize } = config.data;
  const pixels = imageSize ** 2;
  const { maskOf } = createMaskSource({ ...config.mask, width: imageSize, height: imageSize });
  const rows = Array.from({ length: count }, (_, row) => row);
  const images = createRandomImages(imageSize).readImages(rows);
  const queries = everyPixel(pixels);
  const examples = rows.map((row) => {
    const { observed } = maskOf(row);
    const observation = observe(imageAt(images, row), observed);
    const estimate = needsEstimate(config) ? reconstructClassically('thin plate', observation) : null;
    return { observed, queries, estimate };
  });
  const values = randomNormals({ seed: config.seed, stream: 'sampling', step: 0 }, count * pixels * 3);
  const noise = { shape: [count, pixels, 3], values };
  return { context: contextArrays(images, examples, contextParts(config.field, config.path)), noise };
}

export interface ProductSpeed {
  readonly gigaflops: number;
  /** Rows and columns of the matrices. */
  readonly size: number;
}

const rounds = 6;
/** Number of dependent products per round, so that reading the result back hardly counts. */
const chainLength = 8;

/** Returns the speed in the fastest of several rounds; only larger matrices keep a GPU busy. */
export async function timeProduct(device: 'CPU' | 'GPU'): Promise<ProductSpeed> {
  const size = device === 'GPU' ? 4096 : 1024;
  // Rows sum to 1, so that the product leaves the numbers unchanged.
  const matrix = tf.fill([size, size], 1 / size) as tf.Tensor2D;
  let best = Infinity;
  for (let round = 0; round < rounds; round++) {
    const startedAt = performance.now();
    const corner = tf.tidy(() => {
      let product = matrix;
      for (let link = 0; link < chainLength; link++) product = tf.matMul(product, matrix);
      return tf.slice(product, [0, 0], [1, 1]);
    });
    await takeValues(corner);
    best = Math.min(best, performance.now() - startedAt);
  }
  matrix.dispose();
  return { gigaflops: (2 * size ** 3 * chainLength) / (best * 1e6), size };
}
