/** Parity of the backbone, the velocity field, its gradients and the solvers. */

import * as tf from '@tensorflow/tfjs-core';
import { noDropout } from '../../engine/field/dropout.ts';
import type { Context } from '../../engine/field/field.ts';
import type { NamedTensors } from '../../engine/field/parameters.ts';
import { perceiverIO } from '../../engine/field/perceiver.ts';
import { createField } from '../../engine/field/registry.ts';
import { sinusoidalEmbedding } from '../../engine/field/timeEmbedding.ts';
import { matchingLoss } from '../../engine/objective/matchingLoss.ts';
import { globalNorm } from '../../engine/optim/clip.ts';
import { linearPath } from '../../engine/path/linear.ts';
import { sampleField } from '../../engine/solver/sampleField.ts';
import { runConfigSchema } from '../../../shared/config.ts';
import { compareArrays, type ParityCheck } from './parityCheck.ts';
import {
  expectedValues,
  fieldConfigOf,
  type ReferenceFile,
  scaleOf,
  tensorsWithPrefix,
} from './referenceFile.ts';

const valueTolerance = 1e-5;
const derivedTolerance = 1e-4;

/** `perceiver.safetensors`: values, loss, and the gradient of every parameter. */
export function checkPerceiver(file: ReferenceFile): ParityCheck[] {
  return tf.tidy(() => {
    const config = fieldConfigOf(file);
    const input = tensorsWithPrefix(file, 'in.');
    const parameters = tensorsWithPrefix(file, 'param.');
    const forward = (current: NamedTensors) =>
      perceiverIO(current, config, {
        coords: input['input_coords'],
        values: input['input_values'],
        queryCoords: input['query_coords'],
      });
    const { loss, gradients } = differentiate(parameters, ['fourier_B'], (current) =>
      matchingLoss(forward(current), input['target']),
    );
    const check = checker(file, 'perceiver');
    return [
      check('out.values', forward(parameters), valueTolerance),
      check('out.loss', loss, valueTolerance),
      ...Array.from(gradients, ([name, gradient]) =>
        check(`grad.${name}`, gradient, derivedTolerance, scaleOf(file, 'grad.')),
      ),
    ];
  });
}

/** `velocity.safetensors`: time embedding, path, velocity, loss, gradient norm, and both solvers. */
export function checkVelocity(file: ReferenceFile): ParityCheck[] {
  return tf.tidy(() => {
    const config = fieldConfigOf(file);
    const field = createField(config);
    const input = tensorsWithPrefix(file, 'in.');
    const parameters = tensorsWithPrefix(file, 'param.');
    const context = notebookContext(input);
    const sample = linearPath.sample({ start: input['x0'], data: input['output_values'], time: input['t'] });
    const predict = (current: NamedTensors) =>
      field.predict(current, field.encode(current, context, noDropout), sample, noDropout);
    const { loss, gradients } = differentiate(parameters, ['perceiver.fourier_B'], (current) =>
      matchingLoss(predict(current), linearPath.target(sample, 'velocity')),
    );
    const check = checker(file, 'velocity');
    const path = runConfigSchema.parse({}).path;
    const solved = (['euler', 'heun'] as const).flatMap((solver) =>
      [1, 4].map((steps) => {
        const result = sampleField(
          { field, parameters, path, context, start: input['x0'] },
          { solver, steps },
        );
        return check(`out.${solver}_${steps}`, result, derivedTolerance);
      }),
    );
    return [
      check('out.time_embedding', sinusoidalEmbedding(input['t'], config.dim), valueTolerance),
      check('out.x_t', sample.state, valueTolerance),
      check('out.velocity', predict(parameters), valueTolerance),
      check('out.loss', loss, valueTolerance),
      check('out.grad_norm', globalNorm([...gradients.values()]), derivedTolerance),
      ...solved,
    ];
  });
}

/** The context of the notebook's field: observed pixels and the queries' coordinates. */
export function notebookContext(input: NamedTensors): Context {
  return {
    observedCoords: input['input_coords'],
    observedValues: input['input_values'],
    queryCoords: input['output_coords'],
  };
}

function checker(file: ReferenceFile, group: string) {
  return (name: string, found: tf.Tensor, tolerance: number, scale?: number): ParityCheck => {
    const arrays = { found: found.dataSync(), expected: expectedValues(file, name), scale };
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
