/** Parity of the backbone, the velocity field, its gradients and the solvers. */

import * as tf from '@tensorflow/tfjs-core';
import { noDropout } from '../../engine/field/dropout.ts';
import type { Field } from '../../engine/field/field.ts';
import { perceiverIO } from '../../engine/field/perceiver.ts';
import { createField } from '../../engine/field/registry.ts';
import { sinusoidalEmbedding } from '../../engine/field/embeddings.ts';
import { matchingLoss } from '../../engine/objective/loss.ts';
import { globalNorm } from '../../engine/optim/gradients.ts';
import { samplePath, targetOf } from '../../engine/path/affine.ts';
import { linearPath } from '../../engine/path/schedules.ts';
import type { RunFunction } from '../../engine/runFunction.ts';
import { sampleField } from '../../engine/solver/sampleField.ts';
import { runConfigSchema } from '../../../shared/config/config.ts';
import {
  compareArrays,
  type ParityCheck,
  expectedValues,
  fieldConfigOf,
  type ReferenceFile,
  scaleOf,
  tensorsWithPrefix,
} from './referenceFile.ts';
import type { Context } from '../../engine/context/context.ts';
import { type NamedTensors, takeValues } from '../../engine/tensors.ts';

const valueTolerance = 1e-5;
const derivedTolerance = 1e-4;

/** `perceiver.safetensors`: values, loss, and the gradient of every parameter. */
export async function checkPerceiver(file: ReferenceFile, run: RunFunction): Promise<ParityCheck[]> {
  const found = tf.tidy(() => {
    const config = fieldConfigOf(file);
    const parameters = tensorsWithPrefix(file, 'param.');
    const work = (weights: NamedTensors, input: NamedTensors): NamedTensors => {
      const forward = (current: NamedTensors) =>
        perceiverIO(current, config, {
          coords: input['input_coords'],
          values: input['input_values'],
          queryCoords: input['query_coords'],
        });
      const { loss, gradients } = differentiate(weights, ['fourier_B'], (current) =>
        matchingLoss(forward(current), input['target']),
      );
      return { 'out.values': forward(weights), 'out.loss': loss, ...withPrefix('grad.', gradients) };
    };
    return run('perceiver and gradients', {
      parameters,
      inputs: tensorsWithPrefix(file, 'in.'),
      work,
    });
  });
  const check = checker(file, 'perceiver');
  return Promise.all(
    Object.entries(found).map(([name, tensor]) =>
      name.startsWith('grad.')
        ? check(name, tensor, derivedTolerance, scaleOf(file, 'grad.'))
        : check(name, tensor, valueTolerance),
    ),
  );
}

function withPrefix(prefix: string, tensors: ReadonlyMap<string, tf.Tensor>): NamedTensors {
  return Object.fromEntries(Array.from(tensors, ([name, tensor]) => [`${prefix}${name}`, tensor]));
}

/** `velocity.safetensors`: time embedding, path, velocity, loss, gradient norm, and both solvers. */
export async function checkVelocity(file: ReferenceFile, run: RunFunction): Promise<ParityCheck[]> {
  const config = fieldConfigOf(file);
  const field = createField(config);
  const inputs = tensorsWithPrefix(file, 'in.');
  const parameters = tensorsWithPrefix(file, 'param.');
  const work = velocityAndGradients(field, config.dim);
  const check = checker(file, 'velocity');
  const { path } = runConfigSchema.parse({});
  const problem = { field, parameters, path, context: notebookContext(inputs), start: inputs['x0'] };
  const found = run('velocity and gradients', { parameters, inputs, work });
  try {
    const checks = Object.entries(found).map(([name, tensor]) =>
      check(name, tensor, name === 'out.grad_norm' ? derivedTolerance : valueTolerance),
    );
    for (const solver of ['euler', 'heun'] as const) {
      for (const steps of [1, 4]) {
        const sampled = await sampleField(problem, { solver, steps }, { run });
        checks.push(check(`out.${solver}_${steps}`, sampled, derivedTolerance));
      }
    }
    return await Promise.all(checks);
  } finally {
    tf.dispose([...Object.values(parameters), ...Object.values(inputs)]);
  }
}

/** Everything a reference file says of one evaluation of the field. */
function velocityAndGradients(field: Field, dim: number) {
  return (weights: NamedTensors, input: NamedTensors): NamedTensors => {
    const context = notebookContext(input);
    const ends = { start: input['x0'], data: input['output_values'], time: input['t'] };
    const sample = samplePath(linearPath, ends);
    const predict = (current: NamedTensors) =>
      field.predict(current, field.encode(current, context, noDropout), sample, noDropout);
    const { loss, gradients } = differentiate(weights, ['perceiver.fourier_B'], (current) =>
      matchingLoss(predict(current), targetOf(linearPath, sample, 'velocity')),
    );
    return {
      'out.time_embedding': sinusoidalEmbedding(input['t'], dim),
      'out.x_t': sample.state,
      'out.velocity': predict(weights),
      'out.loss': loss,
      'out.grad_norm': globalNorm([...gradients.values()]),
    };
  };
}

/** The context of the notebook's field: observed pixels and the queries' coordinates. */
function notebookContext(input: NamedTensors): Context {
  return {
    observedCoords: input['input_coords'],
    observedValues: input['input_values'],
    queryCoords: input['output_coords'],
  };
}

/** Compares a tensor, and disposes of it. */
function checker(file: ReferenceFile, group: string) {
  return async (name: string, found: tf.Tensor, tolerance: number, scale?: number): Promise<ParityCheck> => {
    const arrays = { found: await takeValues(found), expected: expectedValues(file, name), scale };
    return compareArrays(`${group} ${name}`, arrays, tolerance);
  };
}

function differentiate(
  parameters: NamedTensors,
  fixed: readonly string[],
  lossOf: (current: NamedTensors) => tf.Tensor,
): { loss: tf.Tensor; gradients: Map<string, tf.Tensor> } {
  const names = Object.keys(parameters).filter((name) => !fixed.includes(name));
  const withValues = (tensors: tf.Tensor[]): NamedTensors => ({
    ...parameters,
    ...Object.fromEntries(names.map((name, index) => [name, tensors[index]])),
  });
  const result = tf.valueAndGrads((...tensors) => lossOf(withValues(tensors)) as tf.Scalar)(
    names.map((name) => parameters[name]),
  );
  return { loss: result.value, gradients: new Map(names.map((name, index) => [name, result.grads[index]])) };
}
