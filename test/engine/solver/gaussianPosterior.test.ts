/**
 * A random field with known covariance, observed at a few pixels, exactly or with noise. Its posterior is Gaussian, the
 * posterior mean is kriging (with noise: with a nugget, the Wiener filter), and the prediction of a perfect network at any point of a path is known in closed form, without training.
 */

import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { Field } from '../../../main/engine/field/field.ts';
import { convertPrediction } from '../../../main/engine/path/affine.ts';
import { paths } from '../../../main/engine/path/schedules.ts';
import type { SamplingPlan } from '../../../main/engine/solver/route.ts';
import { sampleField } from '../../../main/engine/solver/sampleField.ts';
import { methodOf, type PathConfig, runConfigSchema } from '../../../shared/config/config.ts';
import { randomNormals } from '../../../shared/numbers/random.ts';
import { tf } from '../../support/backend.ts';
import { numbersOf, wave } from '../field/waves.ts';

const side = 5;
const pixels = side * side;
/** Mean of the field. */
const level = 0.5;
/** Standard deviation of the field. */
const deviation = 0.25;
/** Distance in the unit square at which the correlation has fallen to 1 / e. */
const reach = 0.4;

type Matrix = number[][];

interface Posterior {
  /** [pixels] */
  readonly mean: number[];
  /** Symmetric [pixels, pixels]; its rows at pixels that are observed without noise are zero. */
  readonly covariance: Matrix;
}

/** Returns the posterior of the field given values of the `observed` pixels with noise of deviation `noise`: K becomes K + σ² I. */
function posteriorOf(observed: readonly number[], values: readonly number[], noise = 0): Posterior {
  const prior = Array.from({ length: pixels }, (_, a) =>
    Array.from({ length: pixels }, (__, b) => covarianceOf(a, b)),
  );
  const known = observed.map((a) => observed.map((b) => prior[a][b] + (a === b ? noise ** 2 : 0)));
  // One row per pixel: its weights for the observed values.
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
 * Returns the exact field. With the posterior N(m, S), E[x₁ | x_t] = m + α S (α² S + σ² I)⁻¹ (x_t − α m), expressed as the
 * quantity that the path predicts. In the basis of the eigenvectors of S both factors are diagonal.
 */
function exactField(posterior: Posterior, config: PathConfig): Field {
  const path = paths[config.kind];
  const mean = tf.tensor(posterior.mean, [1, pixels, 1]);
  const { values, vectors } = findEigenvectors(posterior.covariance);
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

/** Returns the eigenvalues (clipped at 0) and eigenvectors (as rows) of a symmetric matrix, by Jacobi rotations. */
function findEigenvectors(matrix: Matrix): { values: number[]; vectors: Matrix } {
  const count = matrix.length;
  const rotated = matrix.map((row) => [...row]);
  const vectors = matrix.map((_, row) =>
    Array.from({ length: count }, (__, column) => Number(row === column)),
  );
  for (let sweep = 0; sweep < 30; sweep++)
    for (let p = 0; p < count; p++)
      for (let q = p + 1; q < count; q++) {
        const angle = Math.atan2(2 * rotated[p][q], rotated[p][p] - rotated[q][q]) / 2;
        const c = Math.cos(angle);
        const s = Math.sin(angle);
        const rotateRows = (rows: Matrix) => {
          for (let column = 0; column < count; column++) {
            const first = rows[p][column];
            const second = rows[q][column];
            rows[p][column] = c * first + s * second;
            rows[q][column] = c * second - s * first;
          }
        };
        rotateRows(rotated);
        rotateRows(vectors);
        for (const row of rotated) {
          const first = row[p];
          const second = row[q];
          row[p] = c * first + s * second;
          row[q] = c * second - s * first;
        }
      }
  return { values: rotated.map((row, index) => Math.max(0, row[index])), vectors };
}

/** Returns samples [B, pixels, 3] as rows of pixels, one for each image and channel. */
function samplesOf(sampled: Tensor): number[][] {
  const rows = tf.reshape(tf.transpose(sampled, [0, 2, 1]), [-1, pixels]);
  return rows.arraySync() as number[][];
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * b[index], 0);
}

/** Solves A x = b for symmetric positive definite A, by elimination. */
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

const observed = [0, 7, 13, 16, 24];
const values = [0.9, 0.2, 0.5, 0.7, 0.1];
const posterior = posteriorOf(observed, values);
const images = 200;

const flow = { kind: 'linear', prediction: 'velocity' } as const;
const denoiser = { kind: 'cosine', prediction: 'v' } as const;
const score = { kind: 'variance-preserving', prediction: 'noise' } as const;

function sampleNormals(draw: number) {
  const size = images * pixels * 3;
  return tf.tensor(randomNormals({ seed: 5, stream: 'solver', step: draw }, size), [images, pixels, 3]);
}

/** Samples the field; the three channels of every image are independent samples of it. */
async function sample(path: Case['path'], plan: SamplingPlan, exact = posterior): Promise<number[][]> {
  const config = runConfigSchema.parse({ path }).path;
  const coords = wave('coords', [images, pixels, 2]);
  const sampled = await sampleField(
    {
      field: exactField(exact, config),
      parameters: {},
      path: config,
      context: { observedCoords: coords, observedValues: coords, queryCoords: coords },
      start: sampleNormals(1_000_000),
      drawNoise: sampleNormals,
    },
    plan,
  );
  return samplesOf(sampled);
}

const mean = (numbers: readonly number[]) =>
  numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

/** Directions in which to compare: single pixels, and sums over the image that depend on its correlations. */
const directions = [
  ...[1, 12, 20].map((pixel) => Array.from({ length: pixels }, (_, index) => Number(index === pixel))),
  ...['smooth', 'rough', 'other'].map((name) => numbersOf(wave(name, [pixels]))),
  new Array<number>(pixels).fill(1),
];

function varianceAlong(direction: readonly number[], { covariance }: Posterior): number {
  return dot(
    direction,
    covariance.map((row) => dot(row, direction)),
  );
}

/** Compares means and variances along the directions with those of the posterior. */
function expectPosterior(samples: readonly number[][], of: Posterior): void {
  const count = samples.length;
  for (const direction of directions) {
    const along = samples.map((row) => dot(row, direction));
    const expected = dot(of.mean, direction);
    const variance = varianceAlong(direction, of);
    // Four standard errors of the samples, and 0.02 for the size of the steps.
    const error = mean(along) - expected;
    expect(Math.abs(error) / Math.sqrt(variance)).toBeLessThan(4 / Math.sqrt(count) + 0.02);
    const found = mean(along.map((value) => (value - expected) ** 2));
    expect(Math.abs(found / variance - 1)).toBeLessThan(4 * Math.sqrt(2 / count) + 0.02);
  }
}

interface Case {
  readonly path: Pick<PathConfig, 'kind' | 'prediction'>;
  readonly plan: SamplingPlan;
}

describe('samples of an exact field', () => {
  it.each<Case>([
    { path: flow, plan: { solver: 'euler', steps: 200 } },
    { path: flow, plan: { solver: 'heun', steps: 40 } },
    { path: flow, plan: { solver: 'midpoint', steps: 40 } },
    { path: flow, plan: { solver: 'rk4', steps: 20 } },
    { path: flow, plan: { solver: 'dopri5', steps: 20, tolerance: 1e-4 } },
    { path: flow, plan: { solver: 'heun', steps: 80, grid: 'shifted' } },
    { path: flow, plan: { solver: 'ancestral', steps: 300 } },
    { path: { kind: 'linear', prediction: 'data' }, plan: { solver: 'heun', steps: 40 } },
    { path: denoiser, plan: { solver: 'ddim', steps: 100 } },
    { path: denoiser, plan: { solver: 'ddim', steps: 200, eta: 0.5 } },
    { path: denoiser, plan: { solver: 'ddim', steps: 200, eta: 1 } },
    { path: denoiser, plan: { solver: 'midpoint', steps: 60 } },
    { path: { kind: 'cosine', prediction: 'data' }, plan: { solver: 'heun', steps: 40, grid: 'cosine' } },
    { path: score, plan: { solver: 'ancestral', steps: 300 } },
    { path: score, plan: { solver: 'langevin', steps: 150 } },
    { path: score, plan: { solver: 'langevin', steps: 100, correctorSteps: 2, correctorRatio: 0.1 } },
    { path: score, plan: { solver: 'ddim', steps: 50, grid: 'edm' } },
    { path: score, plan: { solver: 'heun', steps: 40, grid: 'edm' } },
    { path: score, plan: { solver: 'dopri5', steps: 20, tolerance: 1e-4 } },
  ])(
    'agree with kriging: $path.kind, $path.prediction, $plan.solver in $plan.steps steps',
    async ({ path, plan }) => {
      const samples = await sample(path, plan);
      expectPosterior(samples, posterior);
      // A solver that follows a velocity to the end misses the observed values slightly.
      const tolerance = path.prediction === 'velocity' || plan.solver === 'midpoint' ? 0.1 : 2e-3;
      const exact = samples.flatMap((row) => observed.map((pixel, index) => row[pixel] - values[index]));
      expect(Math.max(...exact.map(Math.abs))).toBeLessThan(tolerance);
    },
  );

  it('have means of N whose squared error is (1 + 1/N) times the minimum', async () => {
    const samples = await sample(flow, { solver: 'heun', steps: 30 });
    const trace = posterior.covariance.reduce((sum, row, index) => sum + row[index], 0);
    for (const size of [1, 4, 16]) {
      const groups = Array.from({ length: samples.length / size }, (_, group) =>
        samples.slice(group * size, (group + 1) * size),
      );
      const spread = mean(
        groups.map((group) =>
          posterior.mean.reduce(
            (sum, value, pixel) => sum + (mean(group.map((row) => row[pixel])) - value) ** 2,
            0,
          ),
        ),
      );
      // The truth deviates from the posterior mean independently, with a squared error of `trace`.
      expect((trace + spread) / trace).toBeCloseTo(1 + 1 / size, 1);
    }
  });

  it('equal kriging after one step to the expected data, for every method', async () => {
    for (const path of [flow, denoiser, score]) {
      const found = await sample(path, { solver: 'ddim', steps: 1 });
      const tolerance = path === score ? 0.02 : 1e-4;
      for (const row of found.slice(0, 20))
        row.forEach((value, pixel) =>
          expect(Math.abs(value - posterior.mean[pixel])).toBeLessThan(tolerance),
        );
    }
  });
});

describe('samples of an exact field that was observed with noise', () => {
  const noise = 0.15;
  const noisy = posteriorOf(observed, values, noise);

  it.each<Case>([
    { path: flow, plan: { solver: 'heun', steps: 40 } },
    { path: denoiser, plan: { solver: 'ddim', steps: 100 } },
    { path: score, plan: { solver: 'ancestral', steps: 300 } },
  ])('agree with kriging with a nugget: $path.kind, $plan.solver', async ({ path, plan }) => {
    const samples = await sample(path, plan, noisy);
    expectPosterior(samples, noisy);
    // At an observed pixel the samples vary around a value between the observed one and the mean of the field.
    observed.forEach((pixel, index) => {
      const [from, to] = [values[index], level].toSorted((one, other) => one - other);
      if (values[index] !== level) expect(noisy.mean[pixel]).toBeGreaterThan(from);
      if (values[index] !== level) expect(noisy.mean[pixel]).toBeLessThan(to);
      const variance = mean(samples.map((row) => (row[pixel] - noisy.mean[pixel]) ** 2));
      expect(variance).toBeGreaterThan(0.5 * noise ** 2 * (1 - noise ** 2 / deviation ** 2));
      expect(variance).toBeLessThan(noise ** 2);
    });
  });

  it('have the mean of a Wiener filter if every pixel is observed, and equal kriging as the noise vanishes', async () => {
    const every = Array.from({ length: pixels }, (_, pixel) => pixel);
    const seen = Array.from(
      randomNormals({ seed: 3, stream: 'noise', step: 0 }, pixels),
      (z) => level + 0.3 * z,
    );
    const filtered = posteriorOf(every, seen, noise);
    // Each eigenvector of the prior is damped by λ / (λ + σ²).
    const prior = every.map((a) => every.map((b) => covarianceOf(a, b)));
    const spectrum = findEigenvectors(prior);
    const centred = seen.map((value) => value - level);
    const damped = spectrum.vectors.map(
      (vector, index) =>
        (dot(vector, centred) * spectrum.values[index]) / (spectrum.values[index] + noise ** 2),
    );
    filtered.mean.forEach((value, pixel) => {
      const expected =
        level +
        dot(
          damped,
          spectrum.vectors.map((vector) => vector[pixel]),
        );
      expect(value).toBeCloseTo(expected, 9);
    });
    const found = await sample(flow, { solver: 'ddim', steps: 1 }, filtered);
    found[0].forEach((value, pixel) => expect(value).toBeCloseTo(filtered.mean[pixel], 4));
    posteriorOf(observed, values, 1e-6).mean.forEach((value, pixel) =>
      expect(value).toBeCloseTo(posterior.mean[pixel], 6),
    );
  });
});

describe('the ancestral solver without its drift', () => {
  it('returns samples that are 5 % too dark if nothing is observed', async () => {
    const unseen = posteriorOf([], []);
    const brightness = async (solver: 'ancestral' | 'ancestral-undrifted') =>
      mean((await sample(score, { solver, steps: 100 }, unseen)).map(mean)) / 0.5;
    expect(await brightness('ancestral')).toBeCloseTo(1, 1);
    expect(await brightness('ancestral')).toBeGreaterThan(0.97);
    expect(await brightness('ancestral-undrifted')).toBeLessThan(0.95);
  });
});

describe('methodOf', () => {
  it('names the three methods by path and prediction', () => {
    expect([flow, denoiser, score].map(methodOf)).toEqual(['flow', 'denoiser', 'score']);
    expect(methodOf({ kind: 'linear', prediction: 'data' })).toBe('flow');
    expect(methodOf({ kind: 'cosine', prediction: 'velocity' })).toBe('flow');
    expect(methodOf({ kind: 'variance-preserving', prediction: 'score' })).toBe('score');
  });
});
