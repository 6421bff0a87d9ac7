import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { gelu, layerNorm, linear, normalise, silu } from '../../../main/engine/field/layers.ts';
import { tf } from '../../support/backend.ts';
import { expectClose, wave } from './waves.ts';

/** Layer norm without gain and bias, left to tfjs to differentiate. */
function plainNormalise(x: Tensor): Tensor {
  const { mean, variance } = tf.moments(x, -1, true);
  return tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5)));
}

function plainGelu(x: Tensor): Tensor {
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
}

/** The gradient of a weighted sum of `layer(x)`. */
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

  it('sends a constant row to zeros', () => {
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
  it('is the exact form, not the one with tanh', () => {
    const x = tf.tensor1d([-3, -1, -0.25, 0, 0.5, 2]);
    const expected = [-0.004049694, -0.158655254, -0.100323419, 0, 0.345731231, 1.954499736];
    expectClose(gelu(x), expected, 1e-6);
  });

  it('has the gradient that follows from its formula', () => {
    const x = wave('input', [4, 7], 3);
    expectClose(gradientOf(gelu, x), gradientOf(plainGelu, x));
  });
});

describe('silu', () => {
  it('is x σ(x)', () => {
    expectClose(silu(tf.tensor1d([0, 1, -2])), [0, 1 / (1 + Math.exp(-1)), -2 / (1 + Math.exp(2))]);
  });
});

describe('the layers with written-out gradients', () => {
  it('leave no tensor behind', () => {
    const x = wave('input', [2, 3]);
    const before = tf.memory().numTensors;
    const gradient = tf.tidy(() => gradientOf((input) => gelu(normalise(input)), x));
    gradient.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
