import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { createDropout, type Dropout, noDropout } from '../../../main/engine/field/dropout.ts';
import { fourierFeatures, sinusoidalEmbedding } from '../../../main/engine/field/embeddings.ts';
import { gelu, geluMlp, layerNorm, linear, normalise, silu } from '../../../main/engine/field/layers.ts';
import {
  initialValues,
  layerNormSpecs,
  linearSpecs,
  type ParameterSpec,
} from '../../../main/engine/field/parameters.ts';
import { seedArray } from '../../../main/engine/random.ts';
import { toTensor } from '../../../main/engine/tensors.ts';
import { tf } from '../../support/backend.ts';
import { expectClose, numbersOf, wave } from './waves.ts';

/** Layer norm without gain and bias, differentiated by tfjs. */
function plainNormalise(x: Tensor): Tensor {
  const { mean, variance } = tf.moments(x, -1, true);
  return tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5)));
}

function plainGelu(x: Tensor): Tensor {
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
}

/** Returns the gradient of a weighted sum of `layer(x)`. */
function gradientOf(layer: (x: Tensor) => Tensor, x: Tensor): Tensor {
  const weights = wave('weights', x.shape);
  return tf.grad((input) => tf.sum(tf.mul(layer(input), weights)))(x);
}

describe('linear', () => {
  const parameters = {
    'layer.weight': tf.tensor2d([
      [1, 2, 3],
      [-1, 0, 0.5],
    ]),
    'layer.bias': tf.tensor1d([10, 20]),
  };

  it('is x Wᵀ + b on the last axis, for any number of axes before it', () => {
    const x = tf.tensor3d([[[1, 0, 0]], [[1, 1, 2]]]);
    const y = linear(parameters, 'layer', x);
    expect(y.shape).toEqual([2, 1, 2]);
    expectClose(y, [11, 19, 19, 20]);
    expectClose(linear(parameters, 'layer', tf.tensor2d([[0, 1, 0]])), [12, 20]);
  });
});

describe('normalise', () => {
  it('has mean 0 and variance 1 over the last axis: [1, 2, 3, 4] becomes ±1.342, ±0.447', () => {
    const y = normalise(tf.tensor2d([[1, 2, 3, 4]]));
    const unit = 1 / Math.sqrt(1.25 + 1e-5);
    expectClose(
      y,
      [-1.5, -0.5, 0.5, 1.5].map((value) => value * unit),
    );
  });

  it('maps a constant row to zeros', () => {
    expectClose(normalise(tf.fill([1, 4], 3)), [0, 0, 0, 0]);
  });

  it('has the gradient that follows from its formula', () => {
    const x = wave('input', [3, 2, 5]);
    expectClose(gradientOf(normalise, x), gradientOf(plainNormalise, x));
  });
});

describe('layerNorm', () => {
  it('applies gain and bias after the norm', () => {
    const parameters = { 'n.weight': tf.tensor1d([2, 3]), 'n.bias': tf.tensor1d([10, 20]) };
    const unit = 1 / Math.sqrt(1 + 1e-5);
    expectClose(layerNorm(parameters, 'n', tf.tensor2d([[4, 6]])), [10 - 2 * unit, 20 + 3 * unit]);
  });
});

describe('gelu', () => {
  it('is the exact form, not the approximation with tanh', () => {
    const x = tf.tensor1d([-3, -1, -0.25, 0, 0.5, 2]);
    const expected = [-0.004049694, -0.158655254, -0.100323419, 0, 0.345731231, 1.954499736];
    expectClose(gelu(x), expected, 1e-6);
  });

  it('has the gradient that follows from its formula', () => {
    const x = wave('input', [4, 7], 3);
    expectClose(gradientOf(gelu, x), gradientOf(plainGelu, x));
  });
});

describe('geluMlp', () => {
  it('is Linear(GELU(Linear(x))), in the same way whether or not a gradient is taken', () => {
    const parameters = {
      'in.weight': wave('in.weight', [5, 3]),
      'in.bias': wave('in.bias', [5]),
      'out.weight': wave('out.weight', [3, 5]),
      'out.bias': wave('out.bias', [3]),
    };
    const x = wave('x', [2, 4, 3]);
    const plain = (input: Tensor) => linear(parameters, 'out', plainGelu(linear(parameters, 'in', input)));
    const layer = (input: Tensor) =>
      geluMlp(parameters, { inner: 'in', outer: 'out' }, { x: input, between: tf.clone });
    expectClose(layer(x), plain(x));
    const trained = tf.valueAndGrad((input: Tensor) => tf.sum(layer(input)))(x);
    expectClose(trained.value, tf.sum(plain(x)));
    expectClose(gradientOf(layer, x), gradientOf(plain, x));
  });
});

describe('silu', () => {
  it('is x σ(x)', () => {
    expectClose(silu(tf.tensor1d([0, 1, -2])), [0, 1 / (1 + Math.exp(-1)), -2 / (1 + Math.exp(2))]);
  });
});

describe('the layers with hand-written gradients', () => {
  it('leak no tensor', () => {
    const x = wave('input', [2, 3]);
    const before = tf.memory().numTensors;
    const gradient = tf.tidy(() => gradientOf((input) => gelu(normalise(input)), x));
    gradient.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('sinusoidalEmbedding', () => {
  it('consists of zeros followed by ones at t = 0', () => {
    expectClose(sinusoidalEmbedding(tf.tensor1d([0]), 8), [0, 0, 0, 0, 1, 1, 1, 1]);
  });

  it('has frequencies from 1 down to 1/10000 in a geometric sequence', () => {
    const times = [0.3, 1];
    const frequencies = [1, 0.01, 0.0001];
    const expected = times.flatMap((time) => [
      ...frequencies.map((frequency) => Math.sin(time * frequency)),
      ...frequencies.map((frequency) => Math.cos(time * frequency)),
    ]);
    const found = sinusoidalEmbedding(tf.tensor1d(times), 6);
    expect(found.shape).toEqual([2, 6]);
    expectClose(found, expected, 1e-6);
  });

  it('embeds scale · t', () => {
    const scaled = sinusoidalEmbedding(tf.tensor1d([0.25]), 6, 8);
    expectClose(scaled, sinusoidalEmbedding(tf.tensor1d([2]), 6), 1e-6);
  });
});

describe('fourierFeatures', () => {
  it('returns all sines, then all cosines, of 2π c Bᵀ', () => {
    const coords = tf.tensor3d([
      [
        [0, 0],
        [0.25, 0.5],
      ],
    ]);
    const frequencies = tf.tensor2d([
      [1, 0],
      [0, 3],
      [1, 0.5],
    ]);
    const features = fourierFeatures(coords, frequencies);
    expect(features.shape).toEqual([1, 2, 6]);
    // The phases of the second point are π/2, 3π and π.
    expectClose(features, [0, 0, 0, 1, 1, 1, 1, 0, 0, 0, -1, -1]);
  });
});

const ones = tf.ones([50, 40]);

interface DropoutOptions {
  readonly rate: number;
  readonly seed?: number;
  readonly step?: number;
}

function createSeededDropout({ rate, seed = 42, step = 3 }: DropoutOptions): Dropout {
  return createDropout({ rate, seed: toTensor(seedArray({ seed, stream: 'dropout', step })) });
}

const dropOnes = (options: DropoutOptions): number[] => numbersOf(createSeededDropout(options)(ones));

describe('createDropout', () => {
  it('drops the same units for the same seed and step, and different units for another seed or step', () => {
    const first = dropOnes({ rate: 0.5 });
    expect(dropOnes({ rate: 0.5 })).toEqual(first);
    expect(dropOnes({ rate: 0.5, seed: 43 })).not.toEqual(first);
    expect(dropOnes({ rate: 0.5, step: 4 })).not.toEqual(first);
  });

  it('drops different units each time it is applied in a forward pass', () => {
    const dropout = createSeededDropout({ rate: 0.5 });
    expect(numbersOf(dropout(ones))).not.toEqual(numbersOf(dropout(ones)));
  });

  it('drops the requested fraction and rescales the rest, which preserves the expectation', () => {
    const values = dropOnes({ rate: 0.2 });
    const kept = values.filter((value) => value !== 0);
    kept.forEach((value) => expect(value).toBeCloseTo(1.25, 6));
    // Five standard errors of a fraction of 2000 units.
    expect(Math.abs(kept.length / values.length - 0.8)).toBeLessThan(5 * Math.sqrt((0.8 * 0.2) / 2000));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(Math.abs(mean - 1)).toBeLessThan(5 * 1.25 * Math.sqrt((0.8 * 0.2) / 2000));
  });

  it('is the identity at rate 0', () => {
    expect(createSeededDropout({ rate: 0 })).toBe(noDropout);
    expect(noDropout(ones)).toBe(ones);
  });

  it('passes the gradient through the units that it keeps', () => {
    const gradient = tf.grad((x) => tf.sum(createSeededDropout({ rate: 0.5, seed: 1 })(x)))(ones);
    expectClose(gradient, createSeededDropout({ rate: 0.5, seed: 1 })(ones));
  });
});

const latents: ParameterSpec = {
  name: 'latents',
  shape: [100, 40],
  initial: { law: 'normal', scale: 0.02 },
  isTrainable: true,
};

describe('initialValues', () => {
  it('samples weight and bias of a linear layer uniformly within ±1/√inputs', () => {
    const values = initialValues(linearSpecs('layer', { inputs: 64, outputs: 100 }), 42);
    const weights = values['layer.weight'].values;
    expect(values['layer.weight'].shape).toEqual([100, 64]);
    expect(values['layer.bias'].shape).toEqual([100]);
    const largest = weights.reduce((bound, value) => Math.max(bound, Math.abs(value)), 0);
    expect(largest).toBeLessThanOrEqual(1 / 8);
    expect(largest).toBeGreaterThan(0.99 / 8);
    // The variance of U(−1/8, 1/8) is 1/192.
    const variance = weights.reduce((sum, value) => sum + value ** 2, 0) / weights.length;
    expect(variance * 192).toBeCloseTo(1, 1);
  });

  it('fills zero-initialised layers with zeros, and norms with gain 1 and bias 0', () => {
    const specs = [
      ...linearSpecs('zero', { inputs: 3, outputs: 2, initial: 'zero' }),
      ...layerNormSpecs('n', 2),
    ];
    const values = initialValues(specs, 42);
    const all = Object.fromEntries(Object.entries(values).map(([name, array]) => [name, [...array.values]]));
    expect(all).toEqual({
      'zero.weight': [0, 0, 0, 0, 0, 0],
      'zero.bias': [0, 0],
      'n.weight': [1, 1],
      'n.bias': [0, 0],
    });
  });

  it('samples normal values with the requested standard deviation', () => {
    const { values } = initialValues([latents], 42)['latents'];
    const variance = values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
    expect(Math.sqrt(variance) / 0.02).toBeCloseTo(1, 1);
  });

  it('depends only on the seed and the position in the list, so that a longer list starts with the same values', () => {
    const specs = linearSpecs('layer', { inputs: 3, outputs: 2 });
    const short = initialValues(specs, 42);
    const long = initialValues([...specs, latents], 42);
    expect(long['layer.weight']).toEqual(short['layer.weight']);
    expect(long['layer.bias']).toEqual(short['layer.bias']);
    expect(short['layer.bias'].values).not.toEqual(short['layer.weight'].values.subarray(0, 2));
    expect(initialValues(specs, 43)['layer.weight']).not.toEqual(short['layer.weight']);
  });
});
