/** The speed of a plain square matrix product: the reference for every other number. */

import * as tf from '@tensorflow/tfjs-core';

export interface ProductSpeed {
  readonly gigaflops: number;
  /** Rows and columns of the matrices. */
  readonly size: number;
}

const rounds = 6;
/** Products that wait for each other, so that reading the result back does not count. */
const chainLength = 8;

/** The best of several rounds; a GPU needs the larger matrices to be busy at all. */
export function timeProduct(device: 'CPU' | 'GPU'): ProductSpeed {
  const size = device === 'GPU' ? 4096 : 1024;
  // Rows add up to 1, so that numbers stay what they are from product to product.
  const matrix = tf.fill([size, size], 1 / size) as tf.Tensor2D;
  let best = Infinity;
  for (let round = 0; round < rounds; round++) {
    const startedAt = performance.now();
    tf.tidy(() => {
      let product = matrix;
      for (let link = 0; link < chainLength; link++) product = tf.matMul(product, matrix);
      tf.slice(product, [0, 0], [1, 1]).dataSync();
    });
    best = Math.min(best, performance.now() - startedAt);
  }
  matrix.dispose();
  return { gigaflops: (2 * size ** 3 * chainLength) / (best * 1e6), size };
}
