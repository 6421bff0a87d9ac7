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
const smallWeights = Object.fromEntries(
  field.parameters.map(({ name, shape }) => [name, wave(name, shape, 0.3)]),
);

function predict(context: Context, parameters = smallWeights, point = wavePoint()): Tensor {
  return field.predict(parameters, field.encode(parameters, context, noDropout), point, noDropout);
}

describe('a transformer field', () => {
  const context = waveContext(config);

  it('does not depend on the order of the observed pixels', () => {
    const reversed = {
      ...context,
      observedCoords: tf.reverse(context.observedCoords, 1),
      observedValues: tf.reverse(context.observedValues, 1),
    };
    expectClose(predict(reversed), predict(context));
  });

  it('answers every query independently of the others', () => {
    const first = (tensor: Tensor) => tf.slice(tensor, [0, 0, 0], [-1, 1, -1]);
    const { queryCoords, estimate, patch } = context;
    const alone = {
      ...context,
      queryCoords: first(queryCoords),
      estimate: first(estimate as Tensor),
      patch: first(patch as Tensor),
    };
    const { state, time } = wavePoint();
    expectClose(predict(alone, smallWeights, { state: first(state), time }), first(predict(context)));
  });

  it('depends on state and time', () => {
    const found = predict(context);
    const { state, time } = wavePoint();
    const change = (other: Tensor) => tf.max(tf.abs(tf.sub(other, found))).dataSync()[0];
    expect(change(predict(context, smallWeights, { state: tf.neg(state), time }))).toBeGreaterThan(1e-4);
    expect(
      change(predict(context, smallWeights, { state, time: tf.tensor1d([0.75, 0.503]) })),
    ).toBeGreaterThan(1e-4);
  });

  it('initially predicts exactly the classical estimate', () => {
    const found = predict(context, initialTensors(field.parameters));
    expect(numbersOf(found)).toEqual(numbersOf(context.estimate as Tensor));
  });

  it('has a gradient that agrees with finite differences', () => {
    checkGradients(smallWeights, field.parameters, (parameters) =>
      tf.mean(tf.square(predict(context, parameters))),
    );
  });
});

describe('a transformer field whose queries attend to one another', () => {
  const fullConfig = { ...config, queriesAttend: true };
  const fullField = createField(fullConfig);
  const context = waveContext(fullConfig);
  const predictFull = (given: Context, point = wavePoint(), parameters = smallWeights): Tensor =>
    fullField.predict(parameters, fullField.encode(parameters, given, noDropout), point, noDropout);
  /** Swaps the two queries of each image. */
  const swapQueries = (tensor: Tensor) => tf.reverse(tensor, 1);

  it('has the parameters of the network without this attention, and predicts all pixels', () => {
    expect(fullField.parameters).toEqual(field.parameters);
    expect([queriesOf(config), queriesOf(fullConfig)]).toEqual(['points', 'grid']);
    expect(contextParts(fullConfig)).toEqual(contextParts(config));
  });

  it('depends on the state of the other query, unlike the network without this attention', () => {
    const { state, time } = wavePoint();
    const others = { state: tf.add(state, tf.tensor3d([1, 0], [1, 2, 1])), time };
    const second = (tensor: Tensor) => numbersOf(tf.slice(tensor, [0, 1, 0], [2, 1, 3]));
    expect(second(predict(context, smallWeights, others))).toEqual(second(predict(context)));
    const changes = second(tf.abs(tf.sub(predictFull(context, others), predictFull(context))));
    expect(Math.min(...changes)).toBeGreaterThan(1e-6);
  });

  it('does not depend on the order of the queries', () => {
    const { state, time } = wavePoint();
    const { queryCoords, estimate, patch } = context;
    const swapped = {
      ...context,
      queryCoords: swapQueries(queryCoords),
      estimate: swapQueries(estimate as Tensor),
      patch: swapQueries(patch as Tensor),
    };
    expectClose(swapQueries(predictFull(swapped, { state: swapQueries(state), time })), predictFull(context));
  });

  it('has a gradient that agrees with finite differences', () => {
    checkGradients(smallWeights, fullField.parameters, (parameters) =>
      tf.mean(tf.square(predictFull(context, wavePoint(), parameters))),
    );
  });
});
