import { describe, expect, it } from 'vitest';
import { fourierFeatures, sinusoidalEmbedding } from '../../../main/engine/field/embeddings.ts';
import { tf } from '../../support/backend.ts';
import { expectClose } from './waves.ts';

describe('sinusoidalEmbedding', () => {
  it('is zeros, then ones, at t = 0', () => {
    expectClose(sinusoidalEmbedding(tf.tensor1d([0]), 8), [0, 0, 0, 0, 1, 1, 1, 1]);
  });

  it('has frequencies from 1 down to 1/10000, in equal ratios', () => {
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

  it('sees scale · t', () => {
    const scaled = sinusoidalEmbedding(tf.tensor1d([0.25]), 6, 8);
    expectClose(scaled, sinusoidalEmbedding(tf.tensor1d([2]), 6), 1e-6);
  });
});

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
