import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { noDropout } from '../../../main/engine/field/dropout.ts';
import type { PathPoint } from '../../../main/engine/field/field.ts';
import { createField } from '../../../main/engine/field/registry.ts';
import { type Context, contextArrays } from '../../../main/engine/context/context.ts';
import { randomUniforms } from '../../../shared/numbers/random.ts';
import { tf } from '../../support/backend.ts';
import { checkGradients } from './checkGradients.ts';
import { initialTensors, smallField } from './smallField.ts';
import { expectClose, numbersOf, wave } from './waves.ts';
import { toTensors } from '../../../main/engine/tensors.ts';

const config = smallField({ kind: 'local', readBlocks: 2, neighbours: 4, residual: 'thin-plate' });
const field = createField(config);
const gentle = Object.fromEntries(field.parameters.map(({ name, shape }) => [name, wave(name, shape, 0.3)]));

const side = 12;
const colours = randomUniforms({ seed: 3, stream: 'synthetic', step: 0 }, side * side * 3);

/** Queries around (5, 5) of a 12 × 12 image, moved by (dx, dy) together with the observed pixels and the colours. */
function movedContext(dx: number, dy: number, options: { reversed?: boolean } = {}): Context {
  const at = (x: number, y: number) => (y + dy) * side + x + dx;
  const observed = [at(3, 4), at(6, 4), at(5, 6), at(4, 7), at(7, 6), at(2, 2), at(8, 3)];
  if (options.reversed) observed.reverse();
  const values = new Float32Array(side * side * 3);
  for (let y = 0; y < 9; y++) {
    for (let x = 0; x < 9; x++) {
      values.set(colours.subarray(3 * (y * side + x), 3 * (y * side + x) + 3), 3 * at(x, y));
    }
  }
  const images = { count: 1, height: side, width: side, values };
  const queries = Int32Array.of(at(5, 5), at(4, 4), at(6, 6));
  const examples = [
    { observed: Int32Array.from(observed), queries, estimate: values.map((value) => value / 2) },
  ];
  return toTensors(contextArrays(images, examples, { list: false, patch: 0, grid: false, neighbours: 4 }));
}

const point: PathPoint = { state: wave('state', [1, 3, 3]), time: tf.tensor1d([0.25]) };

function predict(context: Context, parameters = gentle, at = point): Tensor {
  return field.predict(parameters, field.encode(parameters, context, noDropout), at, noDropout);
}

describe('a local network', () => {
  it('does not depend on positions: a shifted scene gets the same prediction', () => {
    expectClose(predict(movedContext(2, 1)), predict(movedContext(0, 0)));
  });

  it('does not depend on the order of the observed pixels', () => {
    const found = numbersOf(predict(movedContext(0, 0, { reversed: true })));
    expect(found).toEqual(numbersOf(predict(movedContext(0, 0))));
  });

  it('does not depend on the order of a query’s neighbours', () => {
    const context = movedContext(0, 0);
    const turned = { ...context, neighbours: tf.reverse(context.neighbours as Tensor, 2) };
    expectClose(predict(turned), predict(context));
  });

  it('sees offsets, colours, state and time', () => {
    const context = movedContext(0, 0);
    const found = predict(context);
    const change = (other: Tensor) => tf.max(tf.abs(tf.sub(other, found))).dataSync()[0];
    const neighbours = context.neighbours as Tensor;
    expect(change(predict({ ...context, neighbours: tf.mul(neighbours, [2, 2, 1, 1, 1]) }))).toBeGreaterThan(
      1e-4,
    );
    expect(change(predict({ ...context, neighbours: tf.mul(neighbours, [1, 1, 2, 2, 2]) }))).toBeGreaterThan(
      1e-4,
    );
    expect(change(predict(context, gentle, { ...point, time: tf.tensor1d([0.5]) }))).toBeGreaterThan(1e-4);
    expect(change(predict(context, gentle, { ...point, state: tf.neg(point.state) }))).toBeGreaterThan(1e-4);
  });

  it('starts as exactly the classical estimate', () => {
    const context = movedContext(0, 0);
    const found = predict(context, initialTensors(field.parameters));
    expect(numbersOf(found)).toEqual(numbersOf(context.estimate as Tensor));
  });

  it('has the gradient of finite differences', () => {
    const context = movedContext(0, 0);
    checkGradients(gentle, field.parameters, (parameters) =>
      tf.mean(tf.square(predict(context, parameters))),
    );
  });

  it('reports that the neighbours are missing from the context', () => {
    expect(() => field.encode(gentle, { ...movedContext(0, 0), neighbours: undefined }, noDropout)).toThrow(
      'the neighbours of each query',
    );
  });
});
