import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { shapeImageNoise, shapeNoise } from '../../../main/engine/path/noise.ts';
import { randomNormals } from '../../../shared/numbers/random.ts';
import { runConfigSchema } from '../../../shared/config/config.ts';
import { tf } from '../../support/backend.ts';

const pink = { noise: 'pink' } as const;

/** Returns the noise [numbers, pixels, 3] of every single number of an image, all others being 0: the columns of a linear map. */
function responses(height: number, width: number): number[][] {
  const count = height * width * 3;
  const shaped = tf.tidy(() => {
    const ones = tf.reshape(tf.eye(count), [count, count / 3, 3]);
    return tf.reshape(shapeNoise(pink, ones, { height, width }), [count, count]).arraySync() as number[][];
  });
  return shaped;
}

/** Returns the variances of the means over squares of 1, 2, 4 … pixels, over many images of 64 × 64. */
function variancesOfMeans(noise: 'white' | 'pink'): number[] {
  const side = 64;
  const normals = randomNormals({ seed: 1, stream: 'noise', step: 0 }, 12 * side * side * 3);
  return tf.tidy(() => {
    const shaped = shapeNoise({ noise }, tf.tensor(normals, [12, side * side, 3]), {
      height: side,
      width: side,
    });
    let image = tf.reshape(shaped, [12, side, side, 3]) as Tensor4D;
    return Array.from({ length: 5 }, (_, octave) => {
      if (octave > 0) image = tf.avgPool(image, 2, 2, 'valid');
      return tf.mean(tf.square(image)).dataSync()[0];
    });
  });
}

describe('the noise of a path', () => {
  it('is the independent numbers themselves where it is white', () => {
    const normals = tf.ones([2, 6, 3]);
    expect(shapeNoise({ noise: 'white' }, normals, { height: 2, width: 3 })).toBe(normals);
  });

  it.each([
    [1, 1],
    [7, 5],
    [3, 16],
  ])('has variance 1 at every pixel and in every channel, %i × %i', (height, width) => {
    const map = responses(height, width);
    for (const [value] of map.entries())
      expect(map.reduce((sum, row) => sum + row[value] ** 2, 0)).toBeCloseTo(1, 5);
  });

  it('is alike in neighbouring pixels, less so the further they are apart, and the same in both directions', () => {
    const side = 15;
    const map = responses(side, side);
    const middle = Math.floor(side / 2);
    const covariance = (dx: number, dy: number) => {
      const at = 3 * (middle * side + middle);
      const other = 3 * ((middle + dy) * side + middle + dx);
      return map.reduce((sum, row) => sum + row[at] * row[other], 0);
    };
    const along = Array.from({ length: 7 }, (_, distance) => covariance(distance, 0));
    for (let distance = 1; distance < along.length; distance++) {
      expect(along[distance]).toBeLessThan(along[distance - 1]);
      expect(along[distance]).toBeCloseTo(covariance(0, distance), 5);
      expect(along[distance]).toBeCloseTo(covariance(-distance, 0), 5);
    }
    expect(along[1]).toBeGreaterThan(0.5);
  });

  it('has about the same variance in every octave, while that of white noise falls to a quarter', () => {
    const octaves = (noise: 'white' | 'pink') => {
      const means = variancesOfMeans(noise);
      return means.slice(1).map((mean, octave) => means[octave] - mean);
    };
    const [first, ...others] = octaves('pink');
    for (const variance of others) {
      expect(variance / first).toBeGreaterThan(0.5);
      expect(variance / first).toBeLessThan(2);
    }
    const [white, coarser] = octaves('white');
    expect(coarser / white).toBeCloseTo(0.25, 1);
  });

  it.each([
    [6, 9],
    // In patches, whose edges a turn moves.
    [530, 20],
  ])('is mirrored and turned with its numbers, %i × %i', (height, width) => {
    const normals = tf.tensor(randomNormals({ seed: 2, stream: 'noise', step: 0 }, height * width * 3), [
      1,
      height,
      width,
      3,
    ]);
    const shape = (image: Tensor, size: { height: number; width: number }) =>
      tf.reshape(shapeNoise(pink, tf.reshape(image, [1, height * width, 3]), size), [
        1,
        size.height,
        size.width,
        3,
      ]);
    const turn = (image: Tensor) => tf.reverse(tf.transpose(image, [0, 2, 1, 3]), 2);
    const turned = shape(turn(normals), { height: width, width: height });
    const difference = tf.sub(turned, turn(shape(normals, { height, width })));
    expect(tf.max(tf.abs(difference)).dataSync()[0]).toBeLessThan(1e-5);
  });

  it.each(['white', 'pink'] as const)(
    'is the same for an image whose numbers are no tensor: %s',
    async (noise) => {
      const size = { height: 530, width: 20 };
      const normals = randomNormals({ seed: 3, stream: 'noise', step: 0 }, size.height * size.width * 3);
      const before = tf.memory().numTensors;
      const found = await shapeImageNoise({ noise }, normals, size);
      expect(tf.memory().numTensors).toBe(before);
      const expected = tf.tidy(() =>
        shapeNoise({ noise }, tf.tensor(normals, [1, normals.length / 3, 3]), size).dataSync(),
      );
      expect(found).toEqual(expected);
    },
  );

  it('can be pink only for networks that predict all pixels', () => {
    const path = { ...pink, prediction: 'data' } as const;
    expect(runConfigSchema.safeParse({ field: { kind: 'unet' }, path }).success).toBe(true);
    const refused = runConfigSchema.safeParse({ field: { kind: 'perceiver' }, path });
    expect(refused.error?.issues).toEqual([
      expect.objectContaining({
        path: ['path', 'noise'],
        message: 'noise = pink needs a network that predicts all pixels, such as field.kind = unet',
      }),
    ]);
  });
});
