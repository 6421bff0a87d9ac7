/** The two things that are timed, set up once: a training step on one batch, and the sampling of whole images. */

import * as tf from '@tensorflow/tfjs-core';

import type { Execution } from '../../main/compute/execution.ts';
import { layoutOf } from '../../main/compute/modelCheckpoint.ts';
import { createField } from '../../main/engine/field/registry.ts';
import { startFrom } from '../../main/engine/path/affine.ts';
import type { RunFunction } from '../../main/engine/runFunction.ts';
import { sampleField } from '../../main/engine/solver/sampleField.ts';
import { initialState, samplingParameters, toState } from '../../main/engine/train/state.ts';
import { createStep, type StepFn } from '../../main/engine/train/step.ts';
import { type TrainingBatch, trainingBatch } from '../../main/engine/train/trainingBatch.ts';
import type { RunConfig } from '../../shared/config/config.ts';
import { openBatches, samplingArrays } from './engineData.ts';
import { toTensors } from '../../main/engine/tensors.ts';
import type { SamplingProblem } from '../../main/engine/solver/fieldView.ts';

/** The step of a run and the state it begins with; the caller owns the state. */
export function createModel(config: RunConfig, parts = 1): { stepFn: StepFn; state: tf.Tensor[] } {
  const field = createField(config.field);
  const layout = layoutOf(field, config);
  const state = toState(initialState(field.parameters, layout, config.seed), layout);
  return { stepFn: createStep({ field, layout, config, parts }), state };
}

/** The first batch of a run; the caller owns it. */
export function createBatch(config: RunConfig): TrainingBatch {
  return toTensors(trainingBatch(config, openBatches(config), 0).batch);
}

/** One training step a call; the batch stays in the backend, as PyTorch's does. */
export function createTraining(execution: Execution, config: RunConfig): () => void {
  const { stepFn, state } = createModel(config, execution.parts);
  const stepper = execution.createStepper(stepFn, state);
  const batch = createBatch(config);
  return () => void stepper.step(batch);
}

/** One sampling of `images` whole images a call, with Euler steps, read back from the backend. */
export function createSampling(
  run: RunFunction,
  config: RunConfig,
  images: number,
): (evaluations: number) => void {
  const problem = createProblem(config, images);
  return (evaluations) => {
    const sampled = sampleField(problem, { solver: 'euler', steps: evaluations }, { run });
    sampled.dataSync();
    sampled.dispose();
  };
}

export function createProblem(config: RunConfig, images: number): SamplingProblem {
  const field = createField(config.field);
  const layout = layoutOf(field, config);
  const state = toState(initialState(field.parameters, layout, config.seed), layout);
  const { noise, context } = toTensors(samplingArrays(config, images));
  const start = tf.tidy(() => startFrom(config.path, { noise, estimate: context.estimate }));
  return { field, parameters: samplingParameters(state, layout), path: config.path, context, start };
}
