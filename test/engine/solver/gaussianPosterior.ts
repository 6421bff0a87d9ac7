/**
 * A random field with known covariance, seen at a few pixels: the posterior is Gaussian, its mean is kriging, and what a
 * perfect network would say at any point of a path is known in closed form. Nothing is trained here.
 */

import type { Tensor } from '@tensorflow/tfjs-core';
import type { Field } from '../../../main/engine/field/field.ts';
import { convertPrediction } from '../../../main/engine/path/affine.ts';
import { paths } from '../../../main/engine/path/schedules.ts';
import type { PathConfig } from '../../../shared/config/config.ts';
import { tf } from '../../support/backend.ts';

const side = 5;
export const pixels = side * side;
/** Of the unit square, with the distance at which the correlation has fallen to 1 / e. */
const [level, deviation, reach] = [0.5, 0.25, 0.4];

type Matrix = number[][];

export interface Posterior {
  /** [pixels] */
  readonly mean: number[];
  /** Symmetric [pixels, pixels]; its rows at observed pixels are zero. */
  readonly covariance: Matrix;
}

/** What `observed` pixels with these values leave to be known of the field. */
export function posteriorOf(observed: readonly number[], values: readonly number[]): Posterior {
  const prior = Array.from({ length: pixels }, (_, a) =>
    Array.from({ length: pixels }, (__, b) => covarianceOf(a, b)),
  );
  const known = observed.map((a) => observed.map((b) => prior[a][b]));
  // One row a pixel: its weights on the observed values.
  const weights = prior.map((row) =>
    solve(
      known,
      observed.map((pixel) => row[pixel]),
    ),
  );
  const mean = weights.map(
    (row) =>
      level +
      dot(
        row,
        values.map((value) => value - level),
      ),
  );
  const covariance = prior.map((row, a) =>
    row.map(
      (value, b) =>
        value -
        dot(
          weights[a],
          observed.map((pixel) => prior[pixel][b]),
        ),
    ),
  );
  return { mean, covariance };
}

function covarianceOf(a: number, b: number): number {
  const distance =
    Math.hypot((a % side) - (b % side), Math.floor(a / side) - Math.floor(b / side)) / (side - 1);
  return deviation ** 2 * Math.exp(-distance / reach);
}

/**
 * The exact field: with the posterior N(m, S), E[x₁ | x_t] = m + α S (α² S + σ² I)⁻¹ (x_t − α m), expressed in the
 * quantity that the path predicts. In the basis of the eigenvectors of S the two factors are a number for each of them.
 */
export function exactField(posterior: Posterior, config: PathConfig): Field {
  const path = paths[config.kind];
  const mean = tf.tensor(posterior.mean, [1, pixels, 1]);
  const { values, vectors } = eigenOf(posterior.covariance);
  const variances = tf.tensor(values, [1, pixels, 1]);
  const basis = tf.tensor(vectors.flat(), [1, pixels, pixels]); // one eigenvector a row
  return {
    parameters: [],
    encode: () => ({}),
    predict(_parameters, _encoded, { state, time }) {
      const rows = state.shape[0];
      const factors = path.coefficients(time);
      const [alpha, sigma] = [factors.alpha, tf.maximum(factors.sigma, 1e-4)].map((factor) =>
        tf.broadcastTo(tf.reshape(factor, [-1, 1, 1]), [rows, 1, 1]),
      );
      const noisy = tf.add(tf.mul(tf.square(alpha), variances), tf.square(sigma));
      const gain = tf.div(tf.mul(alpha, variances), noisy); // [B, pixels, 1]
      const toBasis = tf.tile(basis, [rows, 1, 1]);
      const rest = tf.matMul(toBasis, tf.sub(state, tf.mul(mean, alpha))); // [B, pixels, 3]
      const value = tf.add(tf.matMul(toBasis, tf.mul(gain, rest), true), mean);
      return convertPrediction(path, { value, from: 'data', to: config.prediction, state, time });
    },
  };
}

/** Eigenvalues (those of rounding as 0) and eigenvectors, by rows, of a symmetric matrix: Jacobi's rotations. */
function eigenOf(matrix: Matrix): { values: number[]; vectors: Matrix } {
  const count = matrix.length;
  const rotated = matrix.map((row) => [...row]);
  const vectors = matrix.map((_, row) =>
    Array.from({ length: count }, (__, column) => Number(row === column)),
  );
  for (let sweep = 0; sweep < 30; sweep++)
    for (let p = 0; p < count; p++)
      for (let q = p + 1; q < count; q++) {
        const angle = Math.atan2(2 * rotated[p][q], rotated[p][p] - rotated[q][q]) / 2;
        const [c, s] = [Math.cos(angle), Math.sin(angle)];
        const turn = (rows: Matrix) => {
          for (let column = 0; column < count; column++) {
            const [first, second] = [rows[p][column], rows[q][column]];
            rows[p][column] = c * first + s * second;
            rows[q][column] = c * second - s * first;
          }
        };
        turn(rotated);
        turn(vectors);
        for (const row of rotated) [row[p], row[q]] = [c * row[p] + s * row[q], c * row[q] - s * row[p]];
      }
  return { values: rotated.map((row, index) => Math.max(0, row[index])), vectors };
}

/** Samples [B, pixels, 3] as rows of pixels, one for each image and channel. */
export function samplesOf(sampled: Tensor): number[][] {
  const rows = tf.reshape(tf.transpose(sampled, [0, 2, 1]), [-1, pixels]);
  return rows.arraySync() as number[][];
}

export function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * b[index], 0);
}

/** A x = b for symmetric positive definite A, by elimination. */
function solve(matrix: Matrix, right: readonly number[]): number[] {
  const rows = matrix.map((row, index) => [...row, right[index]]);
  const count = rows.length;
  for (let pivot = 0; pivot < count; pivot++)
    for (let row = pivot + 1; row < count; row++) {
      const factor = rows[row][pivot] / rows[pivot][pivot];
      if (factor !== 0)
        for (let column = pivot; column <= count; column++) rows[row][column] -= factor * rows[pivot][column];
    }
  const solution = new Array<number>(count).fill(0);
  for (let row = count - 1; row >= 0; row--) {
    const known = rows[row]
      .slice(row + 1, count)
      .reduce((sum, value, index) => sum + value * solution[row + 1 + index], 0);
    solution[row] = (rows[row][count] - known) / rows[row][row];
  }
  return solution;
}
