/** The noise of a path: white, or alike in neighbouring pixels as images are. */

import * as tf from '@tensorflow/tfjs-core';
import type { PathConfig } from '../../../shared/config/config.ts';

/** Standard deviations of the blurs of pink noise, in pixels: an octave apart. */
const blurs = [1, 2, 4, 8];
/** Standard deviations from which on the weights of a blur are 0. */
const reach = 3;

/**
 * Returns the noise of a path, [B, H · W, 3], from independent standard normal numbers of the same shape. Every value is standard
 * normal by itself. `pink`: about the same variance in each octave of spatial frequencies, as in images (Field 1987, "Relations
 * between the statistics of natural images and the response properties of cortical cells", fig. 7): the sum of the numbers and
 * their blurs, which all have the same variance. A flow leads to the posterior from whatever noise it has learned to start from
 * (Albergo & Vanden-Eijnden 2023, "Building normalizing flows with stochastic interpolants"), and the solvers that add noise add
 * the same kind. Turning or mirroring the numbers turns or mirrors the noise.
 */
export function shapeNoise(
  { noise }: Pick<PathConfig, 'noise'>,
  normals: tf.Tensor,
  { height, width }: { readonly height: number; readonly width: number },
): tf.Tensor {
  if (noise === 'white') return normals;
  const planes = tf.transpose(tf.reshape(normals, [-1, height, width, 3]), [0, 3, 1, 2]);
  const ofRows = blurs.map((deviation) => unitBlur(height, deviation));
  const ofColumns = blurs.map((deviation) => unitBlur(width, deviation));
  const sum = blurs.reduce((before: tf.Tensor, _, level) => {
    const alongColumns = tf.matMul(tf.tensor(ofRows[level], [height, height]), planes);
    const along = tf.matMul(alongColumns, tf.tensor(ofColumns[level], [width, width]), false, true);
    return tf.add(before, along);
  }, planes);
  const variance = tf.matMul(overlaps(ofRows, height), overlaps(ofColumns, width), false, true);
  const shaped = tf.transpose(tf.mul(sum, tf.rsqrt(variance)), [0, 2, 3, 1]);
  return tf.reshape(shaped, normals.shape);
}

/** Returns the weights [count, count] with which a Gaussian blurs independent numbers in a row, so that all of them keep their variance. */
function unitBlur(count: number, deviation: number): Float32Array {
  const weights = new Float32Array(count * count);
  const last = Math.ceil(reach * deviation);
  for (let row = 0; row < count; row++) {
    const own = weights.subarray(row * count, (row + 1) * count);
    let squares = 0;
    for (let column = Math.max(0, row - last); column <= Math.min(count - 1, row + last); column++) {
      own[column] = Math.exp(-(((column - row) / deviation) ** 2) / 2);
      squares += own[column] ** 2;
    }
    for (let column = Math.max(0, row - last); column <= Math.min(count - 1, row + last); column++)
      own[column] /= Math.sqrt(squares);
  }
  return weights;
}

/**
 * Returns the covariance of every two of the numbers and their blurs at each place of a row, [count, pairs]. That of an image is
 * the product of those of its row and its column.
 */
function overlaps(ofBlurs: readonly Float32Array[], count: number): tf.Tensor {
  const last = Math.ceil(reach * Math.max(...blurs));
  const rowOf = (weights: Float32Array | null, row: number, column: number) =>
    weights ? weights[row * count + column] : Number(row === column);
  const levels = [null, ...ofBlurs];
  const values = Array.from({ length: count }, (_, row) =>
    levels.flatMap((one) =>
      levels.map((other) => {
        let sum = 0;
        for (let column = Math.max(0, row - last); column <= Math.min(count - 1, row + last); column++)
          sum += rowOf(one, row, column) * rowOf(other, row, column);
        return sum;
      }),
    ),
  );
  return tf.tensor2d(values);
}
