import { describe, expect, it } from 'vitest';
import { matchingLoss } from '../../../main/engine/objective/matchingLoss.ts';
import { tf } from '../../support/backend.ts';
import { expectClose } from '../field/waves.ts';

describe('matchingLoss', () => {
  it('is the mean of the squared differences over everything', () => {
    const prediction = tf.tensor3d([[[1, 2, 3]], [[0, 0, 0]]]);
    const target = tf.tensor3d([[[1, 0, 0]], [[0, 1, 2]]]);
    const loss = matchingLoss(prediction, target);
    expect(loss.shape).toEqual([]);
    expectClose(loss, [(4 + 9 + 1 + 4) / 6]);
  });

  it('counts each image by its weight', () => {
    const [prediction, target] = [tf.ones([2, 1, 2]), tf.zeros([2, 1, 2])];
    expectClose(matchingLoss(prediction, target, tf.tensor3d([3, 0.5], [2, 1, 1])), [(3 + 0.5) / 2]);
  });

  it('pulls each number by 2 / n of its difference', () => {
    const target = tf.tensor1d([0, 4]);
    const gradient = tf.grad((prediction) => matchingLoss(prediction, target))(tf.tensor1d([1, 1]));
    expectClose(gradient, [1, -3]);
  });
});
