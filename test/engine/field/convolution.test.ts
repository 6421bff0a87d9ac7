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

describe('squares of pixels', () => {
  it('become channels, row by row, left to right', () => {
    const picture = tf.reshape(tf.range(0, 16), [1, 4, 4, 1]);
    const joined = joinBlocks(picture, 2);
    expect(joined.shape).toEqual([1, 2, 2, 4]);
    expect(numbersOf(joined)).toEqual([0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15]);
  });

  it.each([1, 2, 3])('of side %i are split into what they were joined from', (side) => {
    const picture = wave('picture', [2, 6, 12, 3]);
    expect(numbersOf(splitBlocks(joinBlocks(picture, side), side))).toEqual(numbersOf(picture));
  });
});

describe('a convolution', () => {
  it('sums the neighbourhood of every pixel times the kernel, with zeros outside, and adds the bias', () => {
    const picture = wave('picture', [1, 4, 5, 2]);
    const parameters = { 'c.weight': wave('weight', [3, 3, 2, 1]), 'c.bias': wave('bias', [1]) };
    const [values, kernel] = [numbersOf(picture), numbersOf(parameters['c.weight'])];
    const at = (y: number, x: number, channel: number) =>
      y < 0 || x < 0 || y > 3 || x > 4 ? 0 : values[(y * 5 + x) * 2 + channel];
    const expected = Array.from({ length: 20 }, (_, pixel) => {
      let sum = numbersOf(parameters['c.bias'])[0];
      kernel.forEach((weight, index) => {
        const [row, column, channel] = [Math.floor(index / 6), Math.floor(index / 2) % 3, index % 2];
        sum += weight * at(Math.floor(pixel / 5) + row - 1, (pixel % 5) + column - 1, channel);
      });
      return sum;
    });
    expectClose(convolve(parameters, 'c', picture), expected);
  });

  it('is initialised within one over the root of its number of inputs, or at zero', () => {
    const [weight, bias] = convolutionSpecs('c', { side: 3, inputs: 4, outputs: 5 });
    expect([weight.shape, bias.shape]).toEqual([[3, 3, 4, 5], [5]]);
    expect(weight.initial).toEqual({ law: 'uniform', scale: 1 / 6 });
    const [zero] = convolutionSpecs('c', { side: 1, inputs: 4, outputs: 5, initial: 'zero' });
    expect(zero.initial).toEqual({ law: 'constant', scale: 0 });
  });
});

describe('a convolution of every channel by itself', () => {
  it('is the convolution of each channel with its own kernel', () => {
    const picture = wave('picture', [2, 4, 5, 3]);
    const weight = wave('weight', [3, 3, 3, 1]);
    const found = tf.split(convolveChannels({ 'c.weight': weight }, 'c', picture), 3, 3);
    const [pictures, kernels] = [tf.split(picture, 3, 3), tf.split(weight, 3, 2)];
    pictures.forEach((channel, index) => {
      const parameters = { 'c.weight': kernels[index], 'c.bias': tf.zeros([1]) };
      expectClose(found[index], convolve(parameters, 'c', channel));
    });
  });

  it('is initialised within one over the root of its number of inputs', () => {
    const [weight] = depthwiseSpecs('c', { side: 5, channels: 7 });
    expect(weight).toMatchObject({ shape: [5, 5, 7, 1], initial: { law: 'uniform', scale: 1 / 5 } });
  });
});

describe('relu', () => {
  it('lets through what is positive, forward and back', () => {
    const x = tf.tensor1d([-2, 0, 0.5, 3]);
    const { value, grad } = tf.valueAndGrad((input) => tf.sum(tf.mul(relu(input), [5, 6, 7, 8])))(x);
    expect(numbersOf(value)).toEqual([27.5]);
    expect(numbersOf(grad)).toEqual([0, 0, 7, 8]);
  });
});
