import { describe, expect, it } from 'vitest';
import { clipByNorm, globalNorm } from '../../../main/engine/optim/clip.ts';
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
