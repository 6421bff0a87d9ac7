/**
 * A separate process that loads a backend and prints its capabilities as JSON, so that a native library that crashes ends
 * only this process. Arguments: `tensorflow`, `wasm` or `auto`, then `full` (with measurements) or `quick`.
 */

import { availableParallelism } from 'node:os';
import type * as tfjs from '@tensorflow/tfjs-core';

import type { StepFn } from '../engine/train/step.ts';
import type { TrainingBatch } from '../engine/train/trainingBatch.ts';
import type { BackendProbe } from '../runtime/probe.ts';
import { loadBackend } from './backend.ts';
import { takeValues } from '../engine/tensors.ts';
import { chooseExecution } from './execution.ts';

type TensorFlow = typeof tfjs;

const preferences = ['tensorflow', 'wasm', 'auto'] as const;

async function measureBackend(preference: string, depth: string): Promise<BackendProbe> {
  const prefer = preferences.find((known) => known === preference);
  if (!prefer) throw new Error(`Unknown backend "${preference}": expected ${preferences.join(', ')}.`);
  const { info, reason, tf } = await loadBackend({ prefer });
  await checkProduct(tf);
  const isFull = depth === 'full';
  return {
    info,
    reason,
    threads: info.kind === 'tensorflow' ? countThreads() : 1,
    gigaflops: isFull ? await measureProduct(tf) : null,
    microsecondsPerOperation: isFull ? await measureOperations(tf) : null,
    execution: isFull ? await tryExecution(tf) : null,
  };
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

const measurement = await measureBackend(process.argv[2] ?? 'auto', process.argv[3] ?? 'quick');
process.stdout.write(`${JSON.stringify(measurement)}\n`);
