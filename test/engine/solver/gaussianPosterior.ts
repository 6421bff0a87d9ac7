/**
 * A random field with known covariance, seen at a few pixels: the posterior is Gaussian, its mean is kriging, and what a
 * perfect network would say at any point of a path is known in closed form. Nothing is trained here.
 */

import type { Tensor } from '@tensorflow/tfjs-core';
import type { Field } from '../../../main/engine/field/field.ts';
import { convert } from '../../../main/engine/path/affine.ts';
import { paths } from '../../../main/engine/path/registry.ts';
import type { PathConfig } from '../../../shared/config.ts';
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
 * The exact field: with the posterior N(m, S), E[x₁ | x_t] = m + α S (α² S + σ² I)⁻¹ (x_t − α m), said in the path's words.
 * One inverse for each time; a call has one time for its whole batch.
 */
export function exactField(posterior: Posterior, config: PathConfig): Field {
  const path = paths[config.kind];
  const mean = tf.tensor(posterior.mean, [1, pixels, 1]);
  return {
    parameters: [],
    encode: () => ({}),
    predict(_parameters, _encoded, { state, time }) {
      const rows = state.shape[0];
      const isOneTime = new Set(time.dataSync()).size === 1;
      const { alpha, sigma } = path.coefficients(isOneTime ? tf.slice(time, 0, 1) : time);
      const [a, s] = [alpha, sigma].map((factor) =>
        Array.from(tf.broadcastTo(tf.reshape(factor, [-1]), [isOneTime ? 1 : rows]).dataSync()),
      );
      const gains = a.flatMap((value, row) => gainOf(posterior.covariance, value, Math.max(s[row], 1e-4)));
      const rest = tf.sub(state, tf.mul(mean, tf.tensor(a, [a.length, 1, 1]))); // [B, pixels, 3]
      const gain = tf.tensor(gains, [a.length, pixels, pixels]);
      const moved = tf.matMul(isOneTime ? tf.tile(gain, [rows, 1, 1]) : gain, rest);
      const value = tf.add(moved, mean);
      return convert(path, { value, from: 'data', to: config.prediction, state, time });
    },
  };
}

/** α S (α² S + σ² I)⁻¹, by rows: the two factors commute and are symmetric. */
function gainOf(covariance: Matrix, alpha: number, sigma: number): number[] {
  const spread = covariance.map((row, a) =>
    row.map((value, b) => alpha ** 2 * value + (a === b ? sigma ** 2 : 0)),
  );
  return covariance.flatMap((row) =>
    solve(
      spread,
      row.map((value) => alpha * value),
    ),
  );
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
