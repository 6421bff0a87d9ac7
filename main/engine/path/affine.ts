/**
 * Paths x_t = α x₁ + σ x₀ from noise to data. Every prediction is p = a x₁ + b x₀ with known a and b, so that state and
 * prediction are two equations for the two ends: Salimans & Ho 2022, "Progressive distillation", §4 and appendix D.
 */

import * as tf from '@tensorflow/tfjs-core';
import { type PathConfig, type PathScales, pathScales } from '../../../shared/config/config.ts';
import type { Context } from '../context/context.ts';

/** The quantity that a network predicts at a point of the path. */
export type Prediction = PathConfig['prediction'];

/** A factor for every image, [B, 1, 1], or every pixel, [B, N, 1], or one number for all. */
export type Factor = tf.Tensor | number;

/** α and σ of a path at some times, with their derivatives with respect to t. */
export interface Coefficients {
  readonly alpha: Factor;
  readonly sigma: Factor;
  readonly alphaRate: Factor;
  readonly sigmaRate: Factor;
}

export interface Path {
  /** Returns the coefficients at times [B] in [0, 1]. */
  coefficients(time: tf.Tensor): Coefficients;
  /** True where dx/dt is unbounded at t = 1 for every prediction. */
  readonly isSteepAtEnd: boolean;
}

/** A point of the path with its two ends. Start, data and state are [B, N, 3], time is [B]. */
export interface PathSample {
  readonly state: tf.Tensor;
  readonly time: tf.Tensor;
  readonly start: tf.Tensor;
  readonly data: tf.Tensor;
}

/** Smallest absolute value of α and σ as divisors. */
export const smallestDivisor = 1e-6;

/**
 * Returns the start of a path, [B, N, 3]: σ z, or estimate + σ z (data-dependent coupling, Albergo et al. 2023, arXiv
 * 2310.03725). With a small σ the flow is no posterior sampler, because it stays near the estimate.
 */
export function startFrom(path: PathConfig, from: Surroundings & { noise: tf.Tensor }): tf.Tensor {
  const { startNoise } = scalesAround(path, from);
  const noise = tf.mul(from.noise, startNoise);
  return path.start === 'classical' && from.estimate ? tf.add(from.estimate, noise) : noise;
}

/** What a path knows of its pixels before it starts. */
export type Surroundings = Pick<Context, 'estimate' | 'contrast'>;

/** The scales of a path in colours: one number each, or [B, N, 1] where they follow the local contrast. */
export type LocalScales = Readonly<Record<keyof PathScales, Factor>>;

/** @throws Error if the unit is `local` and the local contrast is missing. */
export function scalesAround(path: PathConfig, { contrast }: Pick<Surroundings, 'contrast'>): LocalScales {
  const scales = pathScales(path);
  if (path.unit !== 'local') return scales;
  if (!contrast) throw new Error('path.unit = local needs the local contrast, and the context has none.');
  return {
    unit: tf.mul(contrast, scales.unit),
    startNoise: tf.mul(contrast, scales.startNoise),
    residualDeviation: tf.mul(contrast, scales.residualDeviation),
  };
}

/** Returns the point of the path between two ends [B, N, 3] at times [B]. */
export function samplePath(
  path: Path,
  ends: { start: tf.Tensor; data: tf.Tensor; time: tf.Tensor },
): PathSample {
  return { state: combineEnds(path.coefficients(ends.time), ends), ...ends };
}

/** Returns α x₁ + σ x₀, [B, N, 3]. */
export function combineEnds(
  { alpha, sigma }: Coefficients,
  ends: { start: tf.Tensor; data: tf.Tensor },
): tf.Tensor {
  return combine(sigma, ends.start, { factor: alpha, of: ends.data });
}

/** Returns what a perfect network would predict at the sample, [B, N, 3]. */
export function targetOf(path: Path, sample: PathSample, prediction: Prediction): tf.Tensor {
  const { ofData, ofStart } = factorsOf(prediction, path.coefficients(sample.time));
  return combine(ofData, sample.data, { factor: ofStart, of: sample.start });
}

/** Converts a prediction [B, N, 3] at a state [B, N, 3] and times [B] to another kind of prediction. */
export function convertPrediction(
  path: Path,
  of: { value: tf.Tensor; from: Prediction; to: Prediction; state: tf.Tensor; time: tf.Tensor },
): tf.Tensor {
  if (of.from === of.to) return of.value;
  const at = path.coefficients(of.time);
  const given = factorsOf(of.from, at);
  const wanted = factorsOf(of.to, at);
  const determinant = determinantOf(of.from, at);
  const ofState = subtract(multiply(wanted.ofData, given.ofStart), multiply(wanted.ofStart, given.ofData));
  const ofValue = subtract(multiply(wanted.ofStart, at.alpha), multiply(wanted.ofData, at.sigma));
  return combine(divide(ofState, determinant), of.state, {
    factor: divide(ofValue, determinant),
    of: of.value,
  });
}

/** Returns the error of the implied data per unit of error in a prediction. */
export function dataPerPrediction(prediction: Prediction, at: Coefficients): Factor {
  return divide(at.sigma, determinantOf(prediction, at));
}

/** Returns the factors of data and start in a prediction. v: Salimans & Ho 2022; the score of x_t given x₁ is −x₀ / σ. */
function factorsOf(prediction: Prediction, at: Coefficients): { ofData: Factor; ofStart: Factor } {
  switch (prediction) {
    case 'velocity':
      return { ofData: at.alphaRate, ofStart: at.sigmaRate };
    case 'data':
      return { ofData: 1, ofStart: 0 };
    case 'noise':
      return { ofData: 0, ofStart: 1 };
    case 'v':
      return { ofData: multiply(at.sigma, -1), ofStart: at.alpha };
    case 'score':
      return { ofData: 0, ofStart: divide(-1, atLeast(at.sigma)) };
  }
}

/** Returns α b − σ a, kept away from zero. */
function determinantOf(prediction: Prediction, at: Coefficients): Factor {
  if (prediction === 'data') return multiply(atLeast(at.sigma), -1);
  if (prediction === 'noise') return atLeast(at.alpha);
  if (prediction === 'score') return multiply(divide(atLeast(at.alpha), atLeast(at.sigma)), -1);
  const { ofData, ofStart } = factorsOf(prediction, at);
  return subtract(multiply(at.alpha, ofStart), multiply(at.sigma, ofData));
}

/** Returns a x + b y without the operations that a factor of 0, 1 or −1 makes unnecessary. */
function combine(first: Factor, x: tf.Tensor, second: { factor: Factor; of: tf.Tensor }): tf.Tensor {
  const { factor, of: y } = second;
  if (first === 0) return multiply(factor, y) as tf.Tensor;
  if (factor === 0) return multiply(first, x) as tf.Tensor;
  if (factor === -1) return tf.sub(multiply(first, x), y);
  return tf.add(multiply(first, x), multiply(factor, y));
}

function multiply(a: Factor, b: Factor): Factor {
  if (typeof a === 'number' && typeof b === 'number') return a * b;
  if (a === 0 || b === 0) return 0;
  if (a === 1) return b;
  return b === 1 ? a : tf.mul(a, b);
}

function divide(a: Factor, b: Factor): Factor {
  if (typeof a === 'number' && typeof b === 'number') return a / b;
  if (a === 0) return 0;
  return b === 1 ? a : tf.div(a, b);
}

function subtract(a: Factor, b: Factor): Factor {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return b === 0 ? a : tf.sub(a, b);
}

function atLeast(value: Factor): Factor {
  return typeof value === 'number' ? Math.max(value, smallestDivisor) : tf.maximum(value, smallestDivisor);
}

/** Reshapes [B] to [B, 1, 1], to be broadcast over points and channels. */
export function alongPoints(time: tf.Tensor): tf.Tensor {
  return tf.reshape(time, [-1, 1, 1]);
}
