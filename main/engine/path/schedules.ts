/** The paths that a configuration can name, each given by its α and σ. */

import * as tf from '@tensorflow/tfjs-core';
import type { PathConfig } from '../../../shared/config/config.ts';
import { betaAtData, betaAtNoise } from '../../../shared/method/paths.ts';
import { alongPoints, type Path, smallestDivisor } from './affine.ts';

/** The straight path x_t = t x₁ + (1 − t) x₀: Lipman et al. 2023, "Flow matching for generative modeling", eq. 22 with σ_min = 0. */
export const linearPath: Path = {
  coefficients(time) {
    const alpha = alongPoints(time);
    return { alpha, sigma: tf.sub(1, alpha), alphaRate: 1, sigmaRate: -1 };
  },
  isSteepAtEnd: false,
};

/**
 * The variance-preserving path with the cosine schedule, α = sin(πt/2), σ = cos(πt/2): Nichol & Dhariwal 2021, "Improved
 * denoising diffusion probabilistic models", eq. 17 in continuous time without the offset.
 */
const cosinePath: Path = {
  coefficients(time) {
    // Each angle is measured from its own end, so that α is exactly 0 at t = 0 and σ exactly 0 at t = 1.
    const alpha = tf.sin(tf.mul(alongPoints(time), Math.PI / 2));
    const sigma = tf.sin(tf.mul(tf.sub(1, alongPoints(time)), Math.PI / 2));
    return { alpha, sigma, alphaRate: tf.mul(sigma, Math.PI / 2), sigmaRate: tf.mul(alpha, -Math.PI / 2) };
  },
  isSteepAtEnd: false,
};

/**
 * The path of the variance-preserving SDE: with τ = 1 − t and β(τ) = β₀ + τ (β₁ − β₀), log α = −½ ∫₀^τ β and
 * σ² = 1 − α². Song et al. 2021, "Score-based generative modeling through stochastic differential equations", eq. 33.
 */
const variancePreservingPath: Path = {
  coefficients(time) {
    const tau = tf.sub(1, alongPoints(time));
    const beta = tf.add(tf.mul(tau, betaAtNoise - betaAtData), betaAtData);
    const integral = tf.mul(tau, tf.mul(tf.add(beta, betaAtData), 0.5));
    const alpha = tf.exp(tf.mul(integral, -0.5));
    const sigma = tf.sqrt(tf.neg(tf.expm1(tf.neg(integral))));
    const alphaRate = tf.mul(alpha, tf.mul(beta, 0.5)); // dα/dt = ½ β α
    const sigmaRate = tf.neg(tf.div(tf.mul(alpha, alphaRate), tf.maximum(sigma, smallestDivisor)));
    return { alpha, sigma, alphaRate, sigmaRate };
  },
  isSteepAtEnd: true,
};

/** All paths by the name that a configuration gives them. */
export const paths: Readonly<Record<PathConfig['kind'], Path>> = {
  linear: linearPath,
  cosine: cosinePath,
  'variance-preserving': variancePreservingPath,
};
