/**
 * Muon: momentum whose matrices are orthogonalised before they move the weights, so that a step changes all directions of a
 * layer alike. Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks"; the size of its steps after Liu et
 * al. 2025, "Muon is scalable for LLM training", eq. 4.
 */

import * as tf from '@tensorflow/tfjs-core';

/** Memory of the momentum, Jordan et al.'s. */
const memory = 0.95;

/** Root mean square of the steps of Adam, in learning rates: with it, the same learning rate suits both (Liu et al., §2.2). */
const sizeOfSteps = 0.2;

/** Fewest inputs and outputs of a layer that Muon trains. */
const fewest = 16;

/**
 * Returns whether Muon trains a parameter: matrices and kernels between hidden layers. Biases, gains and the layers that read or
 * write colours and coordinates, which have few inputs or outputs, are trained by Adam.
 */
export function isOrthogonalised({ name, shape }: { name: string; shape: readonly number[] }): boolean {
  return name.endsWith('.weight') && shape.length >= 2 && Math.min(...shape.slice(-2)) >= fewest;
}

/** A matrix or kernel, inputs and outputs its last two axes, with its momentum of the same shape. */
export interface MuonSlot {
  readonly value: tf.Tensor;
  readonly momentum: tf.Tensor;
}

/** Updates a parameter with Nesterov's momentum; `learningRate` is a scalar tensor, `gradient` has the parameter's shape. */
export function muonUpdate(slot: MuonSlot, gradient: tf.Tensor, learningRate: tf.Tensor): MuonSlot {
  const mix = (momentum: tf.Tensor) => tf.add(tf.mul(momentum, memory), tf.mul(gradient, 1 - memory));
  const momentum = mix(slot.momentum);
  const { shape } = gradient;
  const columns = shape[shape.length - 1];
  const rows = gradient.size / columns;
  const direction = orthogonalise(tf.reshape(mix(momentum), [rows, columns]));
  const step = tf.mul(learningRate, sizeOfSteps * Math.sqrt(Math.max(rows, columns)));
  return { momentum, value: tf.sub(slot.value, tf.mul(tf.reshape(direction, shape), step)) };
}

/** Iterations, and coefficients a, b, c of a X + b X Xᵀ X + c X (Xᵀ X)², that move singular values near 1 fastest (Jordan et al.). */
const iterations = 5;
const [linear, cubic, quintic] = [3.4445, -4.775, 2.0315];

/**
 * Returns a matrix with the same singular vectors and singular values of about 1, between 0.7 and 1.2: Newton–Schulz iteration.
 * Every iterate is the start X times a polynomial in its Gram matrix XᵀX, so that only this smaller matrix is iterated: a third
 * of the multiplications for a kernel of 3 × 3 × n × n.
 */
export function orthogonalise(matrix: tf.Tensor2D): tf.Tensor2D {
  const [rows, columns] = matrix.shape;
  // The products with itself are smaller of a matrix that is higher than wide.
  if (rows < columns) return tf.transpose(orthogonalise(tf.transpose(matrix)));
  const length = tf.sqrt(tf.sum(tf.square(matrix)));
  const start: tf.Tensor2D = tf.div(matrix, tf.add(length, 1e-12));
  const linearTerm = tf.mul(tf.eye(columns), linear);
  let gram: tf.Tensor2D = tf.matMul(start, start, true, false);
  let product: tf.Tensor2D | null = null;
  for (let iteration = 0; iteration < iterations; iteration++) {
    const even = tf.add(tf.mul(gram, cubic), tf.mul(tf.matMul(gram, gram), quintic));
    const factor: tf.Tensor2D = tf.add(even, linearTerm);
    product = product ? tf.matMul(product, factor) : factor;
    if (iteration < iterations - 1) gram = tf.matMul(tf.matMul(factor, gram), factor);
  }
  return product ? tf.matMul(start, product) : start;
}
