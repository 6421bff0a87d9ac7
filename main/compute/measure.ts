/**
 * A separate process that loads a backend and reports its capabilities, so that a native library that crashes ends
 * only this process. Arguments: the kind of a backend or `auto`, then `full` (with measurements), `quick`, `card` (only which
 * card WebGPU finds), or `step` and a configuration, whose training step is timed.
 */

import { availableParallelism } from 'node:os';
import type * as tfjs from '@tensorflow/tfjs-core';

import * as tf from '@tensorflow/tfjs-core';
import { runConfigSchema } from '../../shared/config/config.ts';
import { createScaledField } from '../engine/field/scaledField.ts';
import { initialState, toState } from '../engine/train/state.ts';
import { createStep, type StepFn } from '../engine/train/step.ts';
import { type TrainingBatch, trainingBatch } from '../engine/train/trainingBatch.ts';
import type { BackendProbe, CardFinding } from '../runtime/probe.ts';
import { backendKinds } from '../../shared/run.ts';
import { loadBackend, readForced } from './backend.ts';
import { chooseOrder, forgetCard, rememberCard, thisMachine } from './fastestBackend.ts';
import { listTensors, takeValues, toTensors } from '../engine/tensors.ts';
import { chooseExecution, useGraphThreads } from './execution.ts';
import { layoutOf } from './modelCheckpoint.ts';
import { reportMeasurement } from './parentChannel.ts';
import { openRandomBatches } from './randomBatches.ts';
import { loadWebgpu } from './webgpu/device.ts';

type TensorFlow = typeof tfjs;

const preferences = [...backendKinds, 'auto'] as const;

async function measureBackend(preference: string, depth: string): Promise<BackendProbe> {
  const prefer = preferences.find((known) => known === preference);
  if (!prefer) throw new Error(`Unknown backend "${preference}": expected ${preferences.join(', ')}.`);
  const isFull = depth === 'full';
  const machine = thisMachine();
  // A full examination looks at the machine again, as a user who has changed it expects.
  if (isFull) forgetCard(machine);
  const chooses = prefer === 'auto' && isFull && readForced() === null;
  const order = chooses ? await chooseOrder(runConfigSchema.parse({}), machine) : {};
  const { info, reason, tf } = await loadBackend({ prefer, ...order });
  await checkProduct(tf);
  return {
    info,
    card: isFull ? await rememberCard(machine) : null,
    reason,
    threads: info.kind === 'tensorflow' ? countThreads() : 1,
    gigaflops: isFull ? await measureProduct(tf) : null,
    microsecondsPerOperation: isFull ? await measureOperations(tf) : null,
    execution: isFull ? await tryExecution(tf) : null,
  };
}

/** Returns the card that WebGPU finds and computes with. @throws Error if there is none. */
async function findCard(): Promise<CardFinding> {
  const { adapter = 'unnamed card', api = 'WebGPU', version } = await loadWebgpu(tf, process.env);
  await checkProduct(tf);
  return { adapter, api, version };
}

/** Checks one product: a library can load and still compute nonsense, or crash at the first operation. */
async function checkProduct(tf: TensorFlow): Promise<void> {
  const matrix = (values: number[]) => tf.tensor2d(values, [2, 2]);
  const product = await takeValues(tf.tidy(() => tf.matMul(matrix([1, 2, 3, 4]), matrix([5, 6, 7, 8]))));
  if (product.join() !== '19,22,43,50')
    throw new Error(`A 2×2 product is ${product.join()}, expected 19,22,43,50.`);
}

/** Applies TensorFlow's own rule: the variable if it is set, else one thread per core. */
function countThreads(): number {
  return Number(process.env.TF_NUM_INTRAOP_THREADS) || availableParallelism();
}

async function measureProduct(tf: TensorFlow): Promise<number> {
  const size = 1024;
  const matrix = tf.fill([size, size], 0.5);
  let best = Infinity;
  for (let round = 0; round < 6; round++) {
    const startedAt = performance.now();
    await takeValues(tf.matMul(matrix, matrix));
    best = Math.min(best, performance.now() - startedAt);
  }
  matrix.dispose();
  return (2 * size ** 3) / (best * 1e6);
}

async function measureOperations(tf: TensorFlow): Promise<number> {
  const rounds = 3000;
  const one = tf.scalar(1);
  let sum = tf.scalar(0);
  const startedAt = performance.now();
  for (let round = 0; round < rounds; round++) {
    const next = tf.add(sum, one);
    sum.dispose();
    sum = next as typeof sum;
  }
  await takeValues(sum);
  const elapsed = performance.now() - startedAt;
  one.dispose();
  return (elapsed * 1000) / rounds;
}

/** Takes two steps of x ← x² + 1 from x = 2, as training would. @throws Error if the result is not 26. */
async function tryExecution(tf: TensorFlow): Promise<BackendProbe['execution']> {
  let execution: BackendProbe['execution'] = null;
  const { createStepper } = chooseExecution((_what, kind, reason) => (execution = { kind, reason }));
  const stepFn: StepFn = ([value], { update }) => {
    const next = tf.add(tf.mul(value, value), update.stepSize);
    return { state: [next], report: { loss: tf.clone(next), gradNorm: tf.clone(value) } };
  };
  const stepper = createStepper(stepFn, [tf.scalar(2)]);
  const one = tf.scalar(1);
  const batch: TrainingBatch = {
    rows: { observedCoords: one, observedValues: one, queryCoords: one, target: one, time: one },
    update: { stepSize: one, secondCorrection: one, averageDecays: [] },
  };
  const losses = [(await stepper.step(batch)).loss, (await stepper.step(batch)).loss];
  stepper.dispose();
  one.dispose();
  if (losses.join() !== '5,26') throw new Error(`Two small steps end in ${losses.join()}, expected 5,26.`);
  return execution;
}

/** Steps that are timed, at most and at least, and the milliseconds after which they are enough. */
const [mostSteps, fewestSteps, enough] = [12, 3, 1500];

/** Times training steps of a configuration on images of noise, after a first one that compiles. */
async function timeSteps(preference: string, text: string): Promise<{ milliseconds: number }> {
  useGraphThreads();
  const prefer = backendKinds.find((known) => known === preference);
  await loadBackend({ prefer });
  const config = runConfigSchema.parse(JSON.parse(text));
  const execution = chooseExecution(() => undefined);
  const source = openRandomBatches(config);
  const field = createScaledField(config);
  const layout = layoutOf(field, config);
  const stepper = execution.createStepper(
    createStep({ field, layout, config, parts: execution.parts }),
    toState(initialState(field.parameters, layout, config.seed), layout),
  );
  const take = (step: number) => {
    const batch = toTensors(trainingBatch(config, source, step).batch);
    const report = stepper.step(batch);
    tf.dispose(listTensors(batch));
    return report;
  };
  await take(0);
  const startedAt = performance.now();
  let steps = 0;
  while (steps < mostSteps && (steps < fewestSteps || performance.now() - startedAt < enough)) {
    steps += 1;
    // A card may be a step behind, as in training.
    const report = take(steps);
    if (steps % 2 === 0) await report;
  }
  await take(steps + 1);
  return { milliseconds: (performance.now() - startedAt) / (steps + 1) };
}

const [preference = 'auto', depth = 'quick', configuration = '{}'] = process.argv.slice(2);
await reportMeasurement(() => {
  if (depth === 'step') return timeSteps(preference, configuration);
  return depth === 'card' ? findCard() : measureBackend(preference, depth);
});
