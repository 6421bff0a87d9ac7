/**
 * What all paths x_t = α x₁ + σ x₀ share. Every prediction is p = a x₁ + b x₀ with known a and b, so that state and
 * prediction are two equations for the two ends: Salimans & Ho 2022, "Progressive distillation", §4 and appendix D.
 */

import * as tf from '@tensorflow/tfjs-core';
import type { Coefficients, Factor, Path, PathSample, Prediction } from './path.ts';

/** α and σ are held this far from 0 where something is divided by them. */
export const smallestDivisor = 1e-6;

/** x_t from its ends. */
export function samplePath(
  path: Path,
  ends: { start: tf.Tensor; data: tf.Tensor; time: tf.Tensor },
): PathSample {
  return { state: combineEnds(path.coefficients(ends.time), ends), ...ends };
}

/** α x₁ + σ x₀ */
export function combineEnds(
  { alpha, sigma }: Coefficients,
  ends: { start: tf.Tensor; data: tf.Tensor },
): tf.Tensor {
  return combine(sigma, ends.start, { factor: alpha, of: ends.data });
}

/** What a perfect network would predict at the sample's point. */
export function targetOf(path: Path, sample: PathSample, prediction: Prediction): tf.Tensor {
  const { ofData, ofStart } = shares(prediction, path.coefficients(sample.time));
  return combine(ofData, sample.data, { factor: ofStart, of: sample.start });
}

/** What a prediction about a state [B, N, 3] at times [B] says in the words of another. */
export function convert(
  path: Path,
  of: { value: tf.Tensor; from: Prediction; to: Prediction; state: tf.Tensor; time: tf.Tensor },
): tf.Tensor {
  if (of.from === of.to) return of.value;
  const at = path.coefficients(of.time);
  const [given, wanted] = [shares(of.from, at), shares(of.to, at)];
  const determinant = determinantOf(of.from, at);
  const ofState = subtract(multiply(wanted.ofData, given.ofStart), multiply(wanted.ofStart, given.ofData));
  const ofValue = subtract(multiply(wanted.ofStart, at.alpha), multiply(wanted.ofData, at.sigma));
  return combine(divide(ofState, determinant), of.state, {
    factor: divide(ofValue, determinant),
    of: of.value,
  });
}

/** How far off the data are, for each unit by which a prediction is off. */
export function dataPerPrediction(prediction: Prediction, at: Coefficients): Factor {
  return divide(at.sigma, determinantOf(prediction, at));
}

/** The factors of data and start in a prediction. v: Salimans & Ho 2022; the score of x_t given x₁ is −x₀ / σ. */
function shares(prediction: Prediction, at: Coefficients): { ofData: Factor; ofStart: Factor } {
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

/** α b − σ a, away from zero. */
function determinantOf(prediction: Prediction, at: Coefficients): Factor {
  if (prediction === 'data') return multiply(atLeast(at.sigma), -1);
  if (prediction === 'noise') return atLeast(at.alpha);
  if (prediction === 'score') return multiply(divide(atLeast(at.alpha), atLeast(at.sigma)), -1);
  const { ofData, ofStart } = shares(prediction, at);
  return subtract(multiply(at.alpha, ofStart), multiply(at.sigma, ofData));
}

/** a x + b y, without the operations that a factor of 0, 1 or −1 makes needless. */
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

/** [B] → [B, 1, 1] */
export function alongPoints(time: tf.Tensor): tf.Tensor {
  return tf.reshape(time, [-1, 1, 1]);
}
