import { describe, expect, it } from 'vitest';
import {
  convolutionSpecs,
  convolve,
  convolveChannels,
  depthwiseSpecs,
  joinBlocks,
  splitBlocks,
} from '../../../main/engine/field/convolution.ts';
import { relu } from '../../../main/engine/field/layers.ts';
import { tf } from '../../support/backend.ts';
import { expectClose, numbersOf, wave } from './waves.ts';

describe('blocks of pixels', () => {
  it('become channels in row-major order', () => {
    const image = tf.reshape(tf.range(0, 16), [1, 4, 4, 1]);
    const joined = joinBlocks(image, 2);
    expect(joined.shape).toEqual([1, 2, 2, 4]);
    expect(numbersOf(joined)).toEqual([0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15]);
  });

  it.each([1, 2, 3])('of side %i are unchanged after joining and splitting', (side) => {
    const image = wave('image', [2, 6, 12, 3]);
    expect(numbersOf(splitBlocks(joinBlocks(image, side), side))).toEqual(numbersOf(image));
  });
});

describe('a convolution', () => {
  it('sums the neighbourhood of every pixel weighted by the kernel, with zeros outside, and adds the bias', () => {
    const image = wave('image', [1, 4, 5, 2]);
    const parameters = { 'c.weight': wave('weight', [3, 3, 2, 1]), 'c.bias': wave('bias', [1]) };
    const values = numbersOf(image);
    const kernel = numbersOf(parameters['c.weight']);
    const at = (y: number, x: number, channel: number) =>
      y < 0 || x < 0 || y > 3 || x > 4 ? 0 : values[(y * 5 + x) * 2 + channel];
    const expected = Array.from({ length: 20 }, (_, pixel) => {
      let sum = numbersOf(parameters['c.bias'])[0];
      kernel.forEach((weight, index) => {
        const row = Math.floor(index / 6);
        const column = Math.floor(index / 2) % 3;
        const channel = index % 2;
        sum += weight * at(Math.floor(pixel / 5) + row - 1, (pixel % 5) + column - 1, channel);
      });
      return sum;
    });
    expectClose(convolve(parameters, 'c', image), expected);
  });

  it('is initialised uniformly within ±1/√inputs, or at zero', () => {
    const [weight, bias] = convolutionSpecs('c', { side: 3, inputs: 4, outputs: 5 });
    expect([weight.shape, bias.shape]).toEqual([[3, 3, 4, 5], [5]]);
    expect(weight.initial).toEqual({ law: 'uniform', scale: 1 / 6 });
    const [zero] = convolutionSpecs('c', { side: 1, inputs: 4, outputs: 5, initial: 'zero' });
    expect(zero.initial).toEqual({ law: 'constant', scale: 0 });
  });
});

describe('a depthwise convolution', () => {
  it('convolves each channel with its own kernel', () => {
    const image = wave('image', [2, 4, 5, 3]);
    const weight = wave('weight', [3, 3, 3, 1]);
    const found = tf.split(convolveChannels({ 'c.weight': weight }, 'c', image), 3, 3);
    const [channels, kernels] = [tf.split(image, 3, 3), tf.split(weight, 3, 2)];
    channels.forEach((channel, index) => {
      const parameters = { 'c.weight': kernels[index], 'c.bias': tf.zeros([1]) };
      expectClose(found[index], convolve(parameters, 'c', channel));
    });
  });

  it('is initialised uniformly within ±1/√inputs', () => {
    const [weight] = depthwiseSpecs('c', { side: 5, channels: 7 });
    expect(weight).toMatchObject({ shape: [5, 5, 7, 1], initial: { law: 'uniform', scale: 1 / 5 } });
  });
});

describe('relu', () => {
  it('passes positive values and their gradients, and is 0 elsewhere', () => {
    const x = tf.tensor1d([-2, 0, 0.5, 3]);
    const { value, grad } = tf.valueAndGrad((input) => tf.sum(tf.mul(relu(input), [5, 6, 7, 8])))(x);
    expect(numbersOf(value)).toEqual([27.5]);
    expect(numbersOf(grad)).toEqual([0, 0, 7, 8]);
  });
});
