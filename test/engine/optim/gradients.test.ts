import { describe, expect, it } from 'vitest';
import { clipByNorm, createPacking, globalNorm } from '../../../main/engine/optim/gradients.ts';
import { tf } from '../../support/backend.ts';
import { expectClose, numbersOf } from '../field/waves.ts';

const gradients = [
  tf.tensor1d([3, 0]),
  tf.tensor2d([
    [0, 4],
    [0, 0],
  ]),
];

describe('globalNorm', () => {
  it('is the root of the sum of squares over all gradients', () => {
    expectClose(globalNorm(gradients), [5]);
  });
});

describe('clipByNorm', () => {
  it('leaves gradients below the limit as they are, bit by bit', () => {
    const clipped = clipByNorm(gradients, globalNorm(gradients), 5.1);
    expect(clipped.map(numbersOf)).toEqual(gradients.map(numbersOf));
  });

  it('scales larger ones to the limit, all by the same factor', () => {
    const clipped = clipByNorm(gradients, globalNorm(gradients), 0.5);
    expectClose(globalNorm(clipped), [0.5]);
    expectClose(clipped[0], [0.3, 0]);
    expectClose(clipped[1], [0, 0.4, 0, 0]);
  });

  it('lets zero gradients be zero', () => {
    const zeros = [tf.zeros([2])];
    expectClose(clipByNorm(zeros, globalNorm(zeros), 1)[0], [0, 0]);
  });
});

const shapes = [[3], [50, 60], [2, 2], [], [3000]];
const tensors = shapes.map((shape, index) => tf.fill(shape, index + 1));

describe('createPacking', () => {
  it('joins small tensors in order and leaves large ones as they are', () => {
    const packed = createPacking(shapes).pack(tensors);
    expect(packed.map(({ shape }) => shape)).toEqual([[8], [50, 60], [3000]]);
    expect([...packed[0].dataSync()]).toEqual([1, 1, 1, 3, 3, 3, 3, 4]);
  });

  it('gives back what was packed, in the order it came', () => {
    const packing = createPacking(shapes);
    const unpacked = packing.unpack(packing.pack(tensors));
    expect(unpacked.map(({ shape }) => shape)).toEqual(shapes);
    expect(unpacked.map((tensor) => tensor.dataSync()[0])).toEqual([1, 2, 3, 4, 5]);
  });

  it('makes no vector where nothing is small, and nothing else where everything is', () => {
    const large = createPacking([[3000]]);
    expect(large.unpack(large.pack([tensors[4]]))).toHaveLength(1);
    expect(large.pack([tensors[4]])).toHaveLength(1);
    const small = createPacking([[3], [2, 2]]);
    expect(small.pack([tensors[0], tensors[2]])).toHaveLength(1);
    expect(small.unpack(small.pack([tensors[0], tensors[2]]))).toHaveLength(2);
  });
});
