import { describe, expect, it } from 'vitest';
import { fourierFeatures } from '../../../main/engine/field/fourier.ts';
import { tf } from '../../support/backend.ts';
import { expectClose } from './waves.ts';

describe('fourierFeatures', () => {
  it('are all sines, then all cosines, of 2π c Bᵀ', () => {
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
    // Second point: phases π/2, 3π and π.
    expectClose(features, [0, 0, 0, 1, 1, 1, 1, 0, 0, 0, -1, -1]);
  });
});
