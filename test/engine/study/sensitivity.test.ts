import { describe, expect, it } from 'vitest';
import { estimateObservation } from '../../../main/engine/classical/maskEstimator.ts';
import {
  contextArrays,
  contextParts,
  everyPixel,
  needsEstimate,
} from '../../../main/engine/context/context.ts';
import { noDropout } from '../../../main/engine/field/dropout.ts';
import { createScaledField } from '../../../main/engine/field/scaledField.ts';
import { createPrediction, pathInputs } from '../../../main/engine/solver/fieldView.ts';
import {
  brightnessGradient,
  createContextAdjoint,
  sensitivityOf,
} from '../../../main/engine/study/sensitivity.ts';
import { toTensors } from '../../../main/engine/tensors.ts';
import { createMaskSource } from '../../../main/datasets/masks.ts';
import { observe, pasteObserved, type SparseObservation } from '../../../shared/images/image.ts';
import { runConfigSchema } from '../../../shared/config/config.ts';
import { randomNormals, randomUniforms } from '../../../shared/numbers/random.ts';
import { tf } from '../../support/backend.ts';
import { initialTensors } from '../field/smallField.ts';
import { wave } from '../field/waves.ts';
import { trainings } from '../train/smallRun.ts';
import { exactProblem, scaleAt, weights, deviation } from './exactFlow.ts';

describe('the sensitivity of the exact flow', () => {
  it.each([0, 0.4, 0.9])('is the weight of the observed pixel times 1 − α² s² / κ² at t = %d', (time) => {
    const { field, parameters, path, context, start: state } = exactProblem();
    const gradient = brightnessGradient(
      { field, parameters, path, context, state, time: tf.fill([2], time) },
      [1, 2],
    );
    const values = gradient.observedValues?.dataSync() as Float32Array;
    const found = sensitivityOf(values, false);
    const share = 1 - (time * deviation) ** 2 / scaleAt(time).scale ** 2;
    const exact = [...weights[1], ...weights[2]].map((weight) => Math.abs(weight * share));
    found.forEach((value, index) => expect(value).toBeCloseTo(exact[index], 4));
  });
});

const size = 11;
const pixels = size * size;
/** A query, and two of the observed pixels. */
const query = 60;

const networks = [
  'notebook',
  'upgraded',
  'unet',
  'bayer',
  'local contrast',
  'local',
  'mixing',
  'transformer',
] as const;

describe.each(networks)('the sensitivity of a network: %s', (name) => {
  const config = runConfigSchema.parse(trainings[name]);
  const field = createScaledField(config);
  const parameters = Object.fromEntries(
    Object.entries(initialTensors(field.parameters)).map(([key, tensor]) => [
      key,
      // Layers that begin at zero would hide what is before them.
      tf.add(tensor, tf.mul(wave(key, tensor.shape), 0.1)),
    ]),
  );
  const image = {
    height: size,
    width: size,
    values: Float32Array.from(
      randomUniforms({ seed: 1, stream: 'synthetic', step: 0 }, pixels * 3),
      (value) => 0.3 + 0.4 * value,
    ),
  };
  const masks = createMaskSource({
    ...config.mask,
    law: config.mask.law === 'bayer' ? 'bayer' : 'counter',
    seed: 4,
    width: size,
    height: size,
    targetRatio: 1,
  });
  const { observed, channels } = masks.maskOf(0);
  const seen = observe(image, observed, channels);
  const state = Float32Array.from(randomNormals({ seed: 2, stream: 'sampling', step: 0 }, pixels * 3));
  const time = 0.35;
  const method = config.path.estimate;

  function contextOf(observation: SparseObservation) {
    const known = { count: 1, height: size, width: size, values: new Float32Array(pixels * 3) };
    pasteObserved(known.values, observation);
    const estimate = needsEstimate(config) ? estimateObservation(method, observation) : null;
    const example = { observed: observation.indices, channels, queries: everyPixel(pixels), estimate };
    return { arrays: contextArrays(known, [example], contextParts(config.field, config.path)), estimate };
  }

  function brightnessAt(observation: SparseObservation): number {
    return tf.tidy(() => {
      const context = toTensors(contextOf(observation).arrays);
      const encoded = field.encode(parameters, context, noDropout);
      const { data } = createPrediction(field, config.path)(parameters, {
        ...encoded,
        state: tf.tensor(state, [1, pixels, 3]),
        time: tf.tensor1d([time]),
        ...(field.takesStepSize && { step: tf.zeros([1]) }),
        ...pathInputs(config.path, context),
      });
      return tf.mean(tf.slice(data, [0, query, 0], [1, 1, 3])).dataSync()[0];
    });
  }

  it('is the gradient that finite differences find, through network, context and estimate', async () => {
    const { arrays, estimate } = contextOf(seen);
    const { list: isListed, patch, neighbours } = contextParts(config.field);
    const adjoint = createContextAdjoint(seen, { estimate, method, patch, neighbours, isListed });
    const context = toTensors(arrays);
    const gradient = brightnessGradient(
      {
        field,
        parameters,
        path: config.path,
        context,
        state: tf.tensor(state, [1, pixels, 3]),
        time: tf.tensor1d([time]),
      },
      [query],
    );
    const found = await adjoint.pullBack(gradient);
    const step = 4e-3;
    const chosen = observed
      .map((_, row) => row)
      .toSorted((one, other) => sizeAt(found, other) - sizeAt(found, one))
      .filter((_, rank) => rank < 3 || rank === observed.length - 1);
    const pairs = Array.from(chosen).flatMap((row) =>
      [0, 1, 2]
        .filter((channel) => !channels || channels[row] === channel)
        .map((channel) => {
          const moved = (by: number) => {
            const values = Float32Array.from(seen.values);
            values[3 * row + channel] += by;
            return brightnessAt({ ...seen, values });
          };
          return { found: found[3 * row + channel], expected: (moved(step) - moved(-step)) / (2 * step) };
        }),
    );
    const largest = Math.max(...pairs.map(({ expected }) => Math.abs(expected)));
    expect(largest).toBeGreaterThan(1e-4);
    for (const pair of pairs)
      expect(Math.abs(pair.found - pair.expected)).toBeLessThan(0.03 * largest + 1e-4);
  });
});

function sizeAt(gradient: Float32Array, row: number): number {
  return Math.hypot(...gradient.subarray(3 * row, 3 * row + 3));
}
