import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { Context } from '../../../main/engine/context/context.ts';
import { attentionSpecs, norm, normSpecs } from '../../../main/engine/field/blocks.ts';
import { createDropout, noDropout } from '../../../main/engine/field/dropout.ts';
import type { PathPoint } from '../../../main/engine/field/field.ts';
import { normalise } from '../../../main/engine/field/layers.ts';
import { linearSpecs, type ParameterSpec } from '../../../main/engine/field/parameters.ts';
import { embeddingSpecs, perceiverIO, readerSpecs } from '../../../main/engine/field/perceiver.ts';
import { createField } from '../../../main/engine/field/registry.ts';
import { matchingLoss } from '../../../main/engine/objective/loss.ts';
import { seedArray } from '../../../main/engine/random.ts';
import { type NamedTensors, toTensor } from '../../../main/engine/tensors.ts';
import { type FieldConfig, runConfigSchema } from '../../../shared/config/config.ts';
import { tf } from '../../support/backend.ts';
import { initialTensors, smallField, waveContext, wavePoint } from './smallField.ts';
import { expectClose, numbersOf, wave, waveParameters } from './waves.ts';

// Expected values, computed by NumPy in double precision for two miniature networks whose parameters and inputs are waves of their names.

/** Perceiver IO: 2 latents, width 4, 2 heads, 1 block, 2 frequencies; 3 tokens, 2 queries. */
const miniatureValues = [3.181826122, 1.548013324, -9.291288848, 3.126795364, 1.556657816, -9.201931073];

/** Mean squared error with respect to the wave `target`. */
const miniatureLoss = 29.221417991;

/** For each parameter, the sum over its elements of the loss's central difference times the wave `direction` of scale 1. */
const miniatureGradients: Readonly<Record<string, number>> = {
  latents: 14.2244019,
  'input_proj.weight': -1.3994372,
  'input_proj.bias': -3.7191248,
  'input_norm.weight': -2.6105627,
  'input_norm.bias': 5.422993,
  'blocks.0.cross_attn.q_proj.weight': -2.5745693,
  'blocks.0.cross_attn.q_proj.bias': -0.0392164,
  'blocks.0.cross_attn.k_proj.weight': -1.8574108,
  'blocks.0.cross_attn.k_proj.bias': 0.0,
  'blocks.0.cross_attn.v_proj.weight': -7.3689004,
  'blocks.0.cross_attn.v_proj.bias': -25.7993529,
  'blocks.0.cross_attn.out_proj.weight': -75.5728068,
  'blocks.0.cross_attn.out_proj.bias': 22.3800111,
  'blocks.0.cross_norm.weight': -0.484484,
  'blocks.0.cross_norm.bias': 0.7278304,
  'blocks.0.self_attn.q_proj.weight': -0.2716938,
  'blocks.0.self_attn.q_proj.bias': -0.2046236,
  'blocks.0.self_attn.k_proj.weight': -0.3178667,
  'blocks.0.self_attn.k_proj.bias': 0.0,
  'blocks.0.self_attn.v_proj.weight': 24.7624067,
  'blocks.0.self_attn.v_proj.bias': 18.4292525,
  'blocks.0.self_attn.out_proj.weight': 0.6898382,
  'blocks.0.self_attn.out_proj.bias': 23.73222,
  'blocks.0.self_norm.weight': 10.3746064,
  'blocks.0.self_norm.bias': 27.6116724,
  'blocks.0.mlp_norm.weight': -8.8895412,
  'blocks.0.mlp_norm.bias': 24.0808486,
  'blocks.0.mlp_in.weight': -19.6645111,
  'blocks.0.mlp_in.bias': -13.8389114,
  'blocks.0.mlp_out.weight': 22.8273257,
  'blocks.0.mlp_out.bias': 21.7686957,
  'query_proj.weight': -0.0146761,
  'query_proj.bias': 0.3581909,
  'query_norm.weight': 2.4615595,
  'query_norm.bias': -2.0642781,
  'decoder.q_proj.weight': 0.7724363,
  'decoder.q_proj.bias': 0.8833318,
  'decoder.k_proj.weight': -1.0893972,
  'decoder.k_proj.bias': 0.0,
  'decoder.v_proj.weight': -103.6911791,
  'decoder.v_proj.bias': 13.5864354,
  'decoder.out_proj.weight': -137.0568052,
  'decoder.out_proj.bias': 3.8908987,
  'output_proj.weight': -78.6020696,
  'output_proj.bias': -7.6763304,
};

/**
 * Prediction of a residual field with every option enabled: queries carry the state, adaptive time conditioning at t = 0.25
 * and 0.003, one read-out block and patches of side 3; a batch of 2, and otherwise the same sizes.
 */
const residualFieldValues = [
  -3.07064976, -1.794460642, -2.508162743, -3.744785438, -1.385962823, -2.712397066, -2.052258986,
  -1.764229535, -1.256248304, -1.197375547, -2.582795905, -0.66641414,
];

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
  it('agrees with NumPy in double precision on a miniature network', () => {
    const values = perceiverIO(parameters, size, input);
    expect(values.shape).toEqual([1, 2, 3]);
    expectClose(values, miniatureValues);
    expectClose(matchingLoss(values, target), [miniatureLoss]);
  });

  it('has the gradients that NumPy finds by finite differences, for every parameter of the miniature network', () => {
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

  it('starts as the plain norm, because its modulation is zero', () => {
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

  it('normalises images at different times differently', () => {
    const tensors = waveParameters(normSpecs('n', 4, true));
    const same = tf.concat([tf.slice(x, 0, 1), tf.slice(x, 0, 1)]);
    const [first, second] = tf.split(norm(tensors, 'n', { x: same, time }), 2);
    expect(tf.max(tf.abs(tf.sub(first, second))).dataSync()[0]).toBeGreaterThan(0.1);
  });
});

const residual = smallField({
  queryCarriesState: true,
  timeConditioning: 'adaptive',
  readBlocks: 1,
  residual: 'thin-plate',
  patch: 3,
});

/** All combinations of both options, each with the plain decoder and with read-out blocks. */
const variants = [false, true].flatMap((queryCarriesState) =>
  (['added', 'adaptive'] as const).flatMap((timeConditioning) =>
    [0, 2].map((readBlocks) => {
      const name = `${timeConditioning} time, ${queryCarriesState ? 'state in queries' : 'state in tokens'}, ${readBlocks} read-out blocks`;
      return { name, options: { queryCarriesState, timeConditioning, readBlocks } };
    }),
  ),
);

/** Returns a prediction with parameters that are waves of their names. */
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

describe.each(variants)('a perceiver field with $name', ({ options }) => {
  const config = smallField(options);
  const field = createField(config);
  const context = waveContext(config);

  it('predicts three values per query and has a gradient for every trainable parameter', () => {
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
    // Adding the same number to all scores does not change a softmax, so key biases have no gradient.
    const withoutGradient = names.filter(
      (name, index) => !(sizes[index] > 1e-6) && !name.endsWith('k_proj.bias'),
    );
    expect(withoutGradient).toEqual([]);
    expect(sizes.every(Number.isFinite)).toBe(true);
  });

  it('does not depend on the order of the observed pixels', () => {
    const found = predict(config, reverseObserved(context), wavePoint());
    expectClose(found, predict(config, context, wavePoint()));
  });

  it('depends on the time', () => {
    const later = { ...wavePoint(), time: tf.tensor1d([0.75, 0.503]) };
    const change = tf.sub(predict(config, context, later), predict(config, context, wavePoint()));
    expect(tf.min(tf.max(tf.abs(change), [1, 2])).dataSync()[0]).toBeGreaterThan(1e-3);
  });

  it('treats the images of a batch independently', () => {
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

  it('makes the same predictions from a reused encoding as from fresh ones', () => {
    const parameters = waveParameters(field.parameters);
    const encoded = field.encode(parameters, context, noDropout);
    const points = [wavePoint(), { state: tf.neg(wavePoint().state), time: tf.tensor1d([0.5, 0.9]) }];
    for (const point of [...points, points[0]]) {
      const found = field.predict(parameters, encoded, point, noDropout);
      const fresh = field.encode(parameters, context, noDropout);
      expect(numbersOf(found)).toEqual(numbersOf(field.predict(parameters, fresh, point, noDropout)));
    }
  });

  it('drops the same units for the same seed and step, and different units at another step', () => {
    const at = (step: number) =>
      createDropout({ rate: 0.3, seed: toTensor(seedArray({ seed: 42, stream: 'dropout', step })) });
    const first = numbersOf(predict(config, context, wavePoint(), at(5)));
    expect(numbersOf(predict(config, context, wavePoint(), at(5)))).toEqual(first);
    expect(numbersOf(predict(config, context, wavePoint(), at(6)))).not.toEqual(first);
  });
});

describe('a residual perceiver field', () => {
  it('agrees with NumPy in double precision on a miniature network with every option enabled', () => {
    const config = { ...residual, latents: 2, dim: 4, fourierFeatures: 2 };
    expectClose(predict(config, waveContext(config), wavePoint()), residualFieldValues);
  });

  it('initially predicts exactly the classical estimate', () => {
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

describe('the parameters of a perceiver field', () => {
  it('have unique names, and all but the frequencies are trained', () => {
    const { parameters } = createField(residual);
    expect(new Set(parameters.map(({ name }) => name)).size).toBe(parameters.length);
    const fixed = parameters.filter((spec) => !spec.isTrainable);
    expect(fixed.map(({ name }) => name)).toEqual(['perceiver.fourier_B']);
  });

  it("add up to 27 592 707 trained numbers in the notebook's network", () => {
    const { parameters } = createField(runConfigSchema.parse({}).field);
    const counts = parameters
      .filter((spec) => spec.isTrainable)
      .map(({ shape }) => shape.reduce((product, length) => product * length, 1));
    const total = counts.reduce((sum, count) => sum + count, 0);
    expect(total).toBe(27_592_707);
  });
});
