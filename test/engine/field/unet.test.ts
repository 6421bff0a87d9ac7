import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { noDropout } from '../../../main/engine/field/dropout.ts';
import type { Field, PathPoint } from '../../../main/engine/field/field.ts';
import { createField } from '../../../main/engine/field/registry.ts';
import { tf } from '../../support/backend.ts';
import { checkGradients } from './checkGradients.ts';
import { createGridContext, initialTensors, smallField } from './smallField.ts';
import { expectClose, numbersOf, wave, waveParameters } from './waves.ts';
import type { Context } from '../../../main/engine/context/context.ts';
import { mapTensors, type NamedTensors } from '../../../main/engine/tensors.ts';

const size = { kind: 'unet', dim: 8, levels: 3, blocks: 1 } as const;
const residual = smallField({ ...size, residual: 'thin-plate' });
const plain = smallField(size);

/** Returns waves scaled by 0.1 as parameters, which keep every nonlinearity near its bend. */
function createSmallWeights(field: Field): NamedTensors {
  return Object.fromEntries(field.parameters.map(({ name, shape }) => [name, wave(name, shape, 0.1)]));
}

function predict(field: Field, parameters: NamedTensors, of: { context: Context; point: PathPoint }): Tensor {
  return field.predict(parameters, field.encode(parameters, of.context, noDropout), of.point, noDropout);
}

describe('a U-Net', () => {
  it.each([
    ['sides that halve at every level', 8, 8, 1],
    ['odd sides', 5, 7, 1],
    ['an image read in blocks of pixels', 8, 8, 2],
    ['odd sides read in blocks', 5, 11, 2],
  ])('predicts three values per pixel for %s', (_, height, width, stride) => {
    const field = createField(smallField({ ...size, stride, residual: 'thin-plate' }));
    const found = predict(field, createSmallWeights(field), createGridContext(height, width));
    expect(found.shape).toEqual([2, height * width, 3]);
    expect(numbersOf(found).every(Number.isFinite)).toBe(true);
  });

  it('initially predicts exactly the classical estimate', () => {
    const field = createField(residual);
    const of = createGridContext(6, 6);
    const found = predict(field, initialTensors(field.parameters), of);
    expect(numbersOf(found)).toEqual(numbersOf(of.context.estimate as Tensor));
  });

  it('reads the observed colours if it has no estimate', () => {
    const field = createField(plain);
    const { context, point } = createGridContext(4, 4);
    const parameters = createSmallWeights(field);
    const found = predict(field, parameters, { context: { ...context, estimate: undefined }, point });
    const brighter = { ...context, observedGrid: tf.mul(context.observedGrid as Tensor, [1, 2, 2, 2]) };
    const changed = tf.sub(predict(field, parameters, { context: brighter, point }), found);
    expect(tf.max(tf.abs(changed)).dataSync()[0]).toBeGreaterThan(1e-4);
  });

  it('has a gradient that agrees with finite differences', () => {
    const field = createField(residual);
    const of = createGridContext(5, 4);
    checkGradients(createSmallWeights(field), field.parameters, (parameters) =>
      tf.mean(tf.square(predict(field, parameters, of))),
    );
  });

  it('depends on the time, and treats the images of a batch independently', () => {
    const field = createField(residual);
    const { context, point } = createGridContext(4, 6);
    const parameters = waveParameters(field.parameters);
    const found = predict(field, parameters, { context, point });
    const later = { ...point, time: tf.tensor1d([0.75, 0.503]) };
    const change = tf.sub(predict(field, parameters, { context, point: later }), found);
    expect(tf.min(tf.max(tf.abs(change), [1, 2])).dataSync()[0]).toBeGreaterThan(1e-3);
    const second = (tensor: Tensor) => tf.slice(tensor, 1, 1);
    const apart = predict(field, parameters, {
      context: mapTensors(context, second),
      point: { state: second(point.state), time: second(point.time) },
    });
    expectClose(apart, second(found));
  });

  it('is equivariant to shifts: predictions far from the border move with the image', () => {
    const field = createField(smallField({ ...size, levels: 1, residual: 'thin-plate' }));
    const parameters = createSmallWeights(field);
    const { context, point } = createGridContext(9, 12);
    const grid = (tensor: Tensor) => tf.reshape(tensor, [2, 9, 12, 3]);
    const found = grid(predict(field, parameters, { context, point }));
    const shift = (tensor: Tensor) =>
      tf.concat([tf.slice(tensor, [0, 0, 1, 0]), tf.slice(tensor, [0, 0, 0, 0], [-1, -1, 1, -1])], 2);
    const flat = (tensor: Tensor) => tf.reshape(shift(grid(tensor)), [2, 108, 3]);
    const moved = grid(
      predict(field, parameters, {
        context: {
          ...context,
          estimate: flat(context.estimate as Tensor),
          observedGrid: shift(context.observedGrid as Tensor),
        },
        point: { ...point, state: flat(point.state) },
      }),
    );
    const inside = [0, 0, 5, 0];
    expectClose(tf.slice(moved, inside, [-1, -1, 2, -1]), tf.slice(found, [0, 0, 6, 0], [-1, -1, 2, -1]));
  });

  it('reports which part of its context is missing', () => {
    const field = createField(residual);
    const { context } = createGridContext(4, 4);
    const encode = (changed: Context) => field.encode({}, changed, noDropout);
    expect(() => encode({ ...context, observedGrid: undefined })).toThrow('as a grid');
    expect(() => encode({ ...context, estimate: undefined })).toThrow('classical estimate');
  });
});
