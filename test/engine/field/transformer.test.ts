import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { noDropout } from '../../../main/engine/field/dropout.ts';
import { createField } from '../../../main/engine/field/registry.ts';
import { queriesOf } from '../../../shared/config/networks/registry.ts';
import { tf } from '../../support/backend.ts';
import { checkGradients } from './checkGradients.ts';
import { initialTensors, smallField, waveContext, wavePoint } from './smallField.ts';
import { expectClose, numbersOf, wave } from './waves.ts';
import { type Context, contextParts } from '../../../main/engine/context/context.ts';

const config = smallField({
  kind: 'transformer',
  readBlocks: 2,
  residual: 'thin-plate',
  patch: 3,
});
const field = createField(config);
const gentle = Object.fromEntries(field.parameters.map(({ name, shape }) => [name, wave(name, shape, 0.3)]));

function predict(context: Context, parameters = gentle, point = wavePoint()): Tensor {
  return field.predict(parameters, field.encode(parameters, context, noDropout), point, noDropout);
}

describe('a transformer field', () => {
  const context = waveContext(config);

  it('does not see the order of the observed pixels', () => {
    const reversed = {
      ...context,
      observedCoords: tf.reverse(context.observedCoords, 1),
      observedValues: tf.reverse(context.observedValues, 1),
    };
    expectClose(predict(reversed), predict(context));
  });

  it('answers every query by itself', () => {
    const first = (tensor: Tensor) => tf.slice(tensor, [0, 0, 0], [-1, 1, -1]);
    const { queryCoords, estimate, patch } = context;
    const alone = {
      ...context,
      queryCoords: first(queryCoords),
      estimate: first(estimate as Tensor),
      patch: first(patch as Tensor),
    };
    const { state, time } = wavePoint();
    expectClose(predict(alone, gentle, { state: first(state), time }), first(predict(context)));
  });

  it('sees state and time', () => {
    const found = predict(context);
    const { state, time } = wavePoint();
    const change = (other: Tensor) => tf.max(tf.abs(tf.sub(other, found))).dataSync()[0];
    expect(change(predict(context, gentle, { state: tf.neg(state), time }))).toBeGreaterThan(1e-4);
    expect(change(predict(context, gentle, { state, time: tf.tensor1d([0.75, 0.503]) }))).toBeGreaterThan(
      1e-4,
    );
  });

  it('starts as exactly the classical estimate', () => {
    const found = predict(context, initialTensors(field.parameters));
    expect(numbersOf(found)).toEqual(numbersOf(context.estimate as Tensor));
  });

  it('has the gradient of finite differences', () => {
    checkGradients(gentle, field.parameters, (parameters) =>
      tf.mean(tf.square(predict(context, parameters))),
    );
  });
});

describe('a transformer field whose queries attend to one another', () => {
  const full = { ...config, queriesAttend: true };
  const fullField = createField(full);
  const context = waveContext(full);
  const ask = (of: Context, point = wavePoint(), parameters = gentle): Tensor =>
    fullField.predict(parameters, fullField.encode(parameters, of, noDropout), point, noDropout);
  /** Swaps the two queries of each image. */
  const turn = (tensor: Tensor) => tf.reverse(tensor, 1);

  it('has the parameters of the network whose queries do not, and predicts all pixels', () => {
    expect(fullField.parameters).toEqual(field.parameters);
    expect([queriesOf(config), queriesOf(full)]).toEqual(['points', 'grid']);
    expect(contextParts(full)).toEqual(contextParts(config));
  });

  it('sees the state of the other query, which the other does not', () => {
    const { state, time } = wavePoint();
    const others = { state: tf.add(state, tf.tensor3d([1, 0], [1, 2, 1])), time };
    const second = (tensor: Tensor) => numbersOf(tf.slice(tensor, [0, 1, 0], [2, 1, 3]));
    expect(second(predict(context, gentle, others))).toEqual(second(predict(context)));
    const changes = second(tf.abs(tf.sub(ask(context, others), ask(context))));
    expect(Math.min(...changes)).toBeGreaterThan(1e-6);
  });

  it('does not see the order of the queries', () => {
    const { state, time } = wavePoint();
    const { queryCoords, estimate, patch } = context;
    const turned = {
      ...context,
      queryCoords: turn(queryCoords),
      estimate: turn(estimate as Tensor),
      patch: turn(patch as Tensor),
    };
    expectClose(turn(ask(turned, { state: turn(state), time })), ask(context));
  });

  it('has the gradient of finite differences', () => {
    checkGradients(gentle, fullField.parameters, (parameters) =>
      tf.mean(tf.square(ask(context, wavePoint(), parameters))),
    );
  });
});
