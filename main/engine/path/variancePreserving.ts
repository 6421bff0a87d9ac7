/**
 * The path of the variance-preserving SDE: with τ = 1 − t and β(τ) = β₀ + τ (β₁ − β₀), log α = −½ ∫₀^τ β and
 * σ² = 1 − α². Song et al. 2021, "Score-based generative modeling through stochastic differential equations", eq. 33.
 */

import * as tf from '@tensorflow/tfjs-core';
import { alongPoints, smallestDivisor } from './affine.ts';
import type { Path } from './path.ts';

/** β at the data and at the noise; appendix C of the paper. */
const [betaAtData, betaAtNoise] = [0.1, 20];

export const variancePreservingPath: Path = {
  coefficients(time) {
    const rest = tf.sub(1, alongPoints(time)); // τ
    const beta = tf.add(tf.mul(rest, betaAtNoise - betaAtData), betaAtData);
    const integral = tf.mul(rest, tf.mul(tf.add(beta, betaAtData), 0.5));
    const alpha = tf.exp(tf.mul(integral, -0.5));
    const sigma = tf.sqrt(tf.neg(tf.expm1(tf.neg(integral))));
    const alphaRate = tf.mul(alpha, tf.mul(beta, 0.5)); // dα/dt = ½ β α
    const sigmaRate = tf.neg(tf.div(tf.mul(alpha, alphaRate), tf.maximum(sigma, smallestDivisor)));
    return { alpha, sigma, alphaRate, sigmaRate };
  },
  isSteepAtEnd: true,
};
