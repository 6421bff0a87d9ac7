import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { createDropout, noDropout } from '../../../main/engine/field/dropout.ts';
import type { PathPoint } from '../../../main/engine/field/field.ts';
import { createField } from '../../../main/engine/field/registry.ts';
import { seedArray } from '../../../main/engine/random.ts';
import { type FieldConfig, runConfigSchema } from '../../../shared/config/config.ts';
import { tf } from '../../support/backend.ts';
import { residualFieldValues } from './perceiverNumbers.ts';
import { initialTensors, smallField, waveContext, wavePoint } from './smallField.ts';
import { expectClose, numbersOf, waveParameters } from './waves.ts';
import type { Context } from '../../../main/engine/context/context.ts';
import { toTensor } from '../../../main/engine/tensors.ts';

const residual = smallField({
  queryCarriesState: true,
  timeConditioning: 'adaptive',
  readBlocks: 1,
  residual: 'thin-plate',
  patch: 3,
});

/** Both switches in all combinations, each with the plain decoder and with read-out blocks. */
const variants = [false, true].flatMap((queryCarriesState) =>
  (['added', 'adaptive'] as const).flatMap((timeConditioning) =>
    [0, 2].map((readBlocks) => {
      const name = `${timeConditioning} time, ${queryCarriesState ? 'state in queries' : 'state in tokens'}, ${readBlocks} read-out blocks`;
      return { name, options: { queryCarriesState, timeConditioning, readBlocks } };
    }),
  ),
);

/** One prediction with parameters that are waves of their names. */
function predict(config: FieldConfig, context: Context, point: PathPoint, dropout = noDropout): Tensor {
  const field = createField(config);
  const parameters = waveParameters(field.parameters);
  return field.predict(parameters, field.encode(parameters, context, dropout), point, dropout);
}

function reverseObserved(context: Context): Context {
  return {
    ...context,
    observedCoords: tf.reverse(context.observedCoords, 1),
    observedValues: tf.reverse(context.observedValues, 1),
  };
}

describe.each(variants)('the field with $name', ({ options }) => {
  const config = smallField(options);
  const field = createField(config);
  const context = waveContext(config);

  it('predicts three numbers a query and has a gradient for every trainable parameter', () => {
    const parameters = waveParameters(field.parameters);
    const names = field.parameters.filter((spec) => spec.isTrainable).map((spec) => spec.name);
    const gradients = tf.grads((...tensors) => {
      const current = { ...parameters, ...Object.fromEntries(names.map((name, i) => [name, tensors[i]])) };
      const encoded = field.encode(current, context, noDropout);
      const predicted = field.predict(current, encoded, wavePoint(), noDropout);
      expect(predicted.shape).toEqual([2, 2, 3]);
      return tf.mean(tf.square(predicted));
    })(names.map((name) => parameters[name]));
    const sizes = gradients.map((gradient) => tf.max(tf.abs(gradient)).dataSync()[0]);
    // The same number added to all scores changes no softmax: key biases have no gradient.
    const idle = names.filter((name, index) => !(sizes[index] > 1e-6) && !name.endsWith('k_proj.bias'));
    expect(idle).toEqual([]);
    expect(sizes.every(Number.isFinite)).toBe(true);
  });

  it('does not see the order of the observed pixels', () => {
    const found = predict(config, reverseObserved(context), wavePoint());
    expectClose(found, predict(config, context, wavePoint()));
  });

  it('sees the time', () => {
    const later = { ...wavePoint(), time: tf.tensor1d([0.75, 0.503]) };
    const change = tf.sub(predict(config, context, later), predict(config, context, wavePoint()));
    expect(tf.min(tf.max(tf.abs(change), [1, 2])).dataSync()[0]).toBeGreaterThan(1e-3);
  });

  it('keeps the images of a batch apart', () => {
    const second = (tensor: Tensor) => tf.slice(tensor, 1, 1);
    const { state, time } = wavePoint();
    const { observedCoords, observedValues, queryCoords } = context;
    const alone = {
      observedCoords: second(observedCoords),
      observedValues: second(observedValues),
      queryCoords: second(queryCoords),
    };
    const found = predict(config, alone, { state: second(state), time: second(time) });
    expectClose(found, second(predict(config, context, wavePoint())));
  });

  it('predicts from one encoding, again and again, what it predicts from fresh ones', () => {
    const parameters = waveParameters(field.parameters);
    const encoded = field.encode(parameters, context, noDropout);
    const points = [wavePoint(), { state: tf.neg(wavePoint().state), time: tf.tensor1d([0.5, 0.9]) }];
    for (const point of [...points, points[0]]) {
      const found = field.predict(parameters, encoded, point, noDropout);
      const fresh = field.encode(parameters, context, noDropout);
      expect(numbersOf(found)).toEqual(numbersOf(field.predict(parameters, fresh, point, noDropout)));
    }
  });

  it('drops the same units for the same seed and step, others at another step', () => {
    const at = (step: number) =>
      createDropout({ rate: 0.3, seed: toTensor(seedArray({ seed: 42, stream: 'dropout', step })) });
    const first = numbersOf(predict(config, context, wavePoint(), at(5)));
    expect(numbersOf(predict(config, context, wavePoint(), at(5)))).toEqual(first);
    expect(numbersOf(predict(config, context, wavePoint(), at(6)))).not.toEqual(first);
  });
});

describe('a residual field', () => {
  it('equals NumPy in double precision on a miniature with every option on', () => {
    const config = { ...residual, latents: 2, dim: 4, fourierFeatures: 2 };
    expectClose(predict(config, waveContext(config), wavePoint()), residualFieldValues);
  });

  it('starts as exactly the classical estimate', () => {
    const field = createField(residual);
    const parameters = initialTensors(field.parameters);
    const context = waveContext(residual);
    const { estimate } = context;
    if (!estimate) throw new Error('The context has no estimate.');
    const encoded = field.encode(parameters, context, noDropout);
    const found = field.predict(parameters, encoded, wavePoint(), noDropout);
    expect(numbersOf(found)).toEqual(numbersOf(estimate));
  });
});

describe('the parameters of a field', () => {
  it('have names of their own, and only the frequencies are not trained', () => {
    const { parameters } = createField(residual);
    expect(new Set(parameters.map(({ name }) => name)).size).toBe(parameters.length);
    const fixed = parameters.filter((spec) => !spec.isTrainable);
    expect(fixed.map(({ name }) => name)).toEqual(['perceiver.fourier_B']);
  });

  it("of the notebook's network are 27 592 707 numbers", () => {
    const { parameters } = createField(runConfigSchema.parse({}).field);
    const counts = parameters
      .filter((spec) => spec.isTrainable)
      .map(({ shape }) => shape.reduce((product, length) => product * length, 1));
    const total = counts.reduce((sum, count) => sum + count, 0);
    expect(total).toBe(27_592_707);
  });
});
