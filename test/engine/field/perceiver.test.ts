import { describe, expect, it } from 'vitest';
import { attentionSpecs, norm, normSpecs } from '../../../main/engine/field/blocks.ts';
import { linearSpecs, type ParameterSpec } from '../../../main/engine/field/parameters.ts';
import { embeddingSpecs, perceiverIO, readerSpecs } from '../../../main/engine/field/perceiver.ts';
import { normalise } from '../../../main/engine/field/layers.ts';
import { matchingLoss } from '../../../main/engine/objective/loss.ts';
import { tf } from '../../support/backend.ts';
import { miniatureGradients, miniatureLoss, miniatureValues } from './perceiverNumbers.ts';
import { expectClose, numbersOf, wave, waveParameters } from './waves.ts';
import type { NamedTensors } from '../../../main/engine/tensors.ts';

const size = { latents: 2, dim: 4, blocks: 1, heads: 2 };
const frequencies = 2;

const specs: ParameterSpec[] = [
  ...readerSpecs('', size, { features: 2 * frequencies + 3, isAdaptive: false }),
  ...embeddingSpecs('query', 2 * frequencies, size.dim),
  ...attentionSpecs('decoder', size.dim),
  ...linearSpecs('output_proj', { inputs: size.dim, outputs: 3 }),
];
const parameters: NamedTensors = {
  ...waveParameters(specs),
  fourier_B: wave('fourier_B', [frequencies, 2]),
};
const input = {
  coords: wave('coords', [1, 3, 2]),
  values: wave('values', [1, 3, 3]),
  queryCoords: wave('queryCoords', [1, 2, 2]),
};
const target = wave('target', [1, 2, 3]);

describe('perceiverIO', () => {
  it('equals NumPy in double precision on a miniature', () => {
    const values = perceiverIO(parameters, size, input);
    expect(values.shape).toEqual([1, 2, 3]);
    expectClose(values, miniatureValues);
    expectClose(matchingLoss(values, target), [miniatureLoss]);
  });

  it('has the gradients of that miniature, for every parameter', () => {
    const names = specs.map((spec) => spec.name);
    const gradients = tf.grads((...tensors) => {
      const current = Object.fromEntries(names.map((name, index) => [name, tensors[index]]));
      return matchingLoss(perceiverIO({ ...parameters, ...current }, size, input), target);
    })(names.map((name) => parameters[name]));
    const found = gradients.map((gradient) => {
      const direction = wave('direction', [gradient.size], 1);
      return tf.sum(tf.mul(tf.reshape(gradient, [-1]), direction)).dataSync()[0];
    });
    expect(Object.keys(miniatureGradients)).toEqual(names);
    expectClose(found, Object.values(miniatureGradients), 2e-6);
  });
});

describe('an adaptive norm', () => {
  const x = wave('input', [2, 3, 4]);
  const time = wave('time', [2, 4]);

  it('starts as the plain norm: its modulation is zero', () => {
    const zero = normSpecs('n', 4, true);
    expect(zero.map(({ initial }) => initial)).toEqual([
      { law: 'constant', scale: 0 },
      { law: 'constant', scale: 0 },
    ]);
    const tensors = Object.fromEntries(zero.map(({ name, shape }) => [name, tf.zeros([...shape])]));
    expect(numbersOf(norm(tensors, 'n', { x, time }))).toEqual(numbersOf(normalise(x)));
  });

  it('adds the first half of its modulation and multiplies by one plus the second, per image', () => {
    const bias = tf.tensor1d([10, 20, 30, 40, 1, 2, 3, 4]);
    const tensors = { 'n.modulation.weight': tf.zeros([8, 4]), 'n.modulation.bias': bias };
    const expected = tf.add(tf.mul(normalise(x), tf.tensor1d([2, 3, 4, 5])), tf.tensor1d([10, 20, 30, 40]));
    expectClose(norm(tensors, 'n', { x, time }), expected);
  });

  it('gives images at different times different norms', () => {
    const tensors = waveParameters(normSpecs('n', 4, true));
    const same = tf.concat([tf.slice(x, 0, 1), tf.slice(x, 0, 1)]);
    const [first, second] = tf.split(norm(tensors, 'n', { x: same, time }), 2);
    expect(tf.max(tf.abs(tf.sub(first, second))).dataSync()[0]).toBeGreaterThan(0.1);
  });
});
