/**
 * The variance-preserving path with the cosine schedule, α = sin(πt/2), σ = cos(πt/2): Nichol & Dhariwal 2021, "Improved
 * denoising diffusion probabilistic models", eq. 17 in continuous time without the offset.
 */

import * as tf from '@tensorflow/tfjs-core';
import { alongPoints } from './affine.ts';
import type { Path } from './path.ts';

export const cosinePath: Path = {
  coefficients(time) {
    const angle = tf.mul(alongPoints(time), Math.PI / 2);
    // From the near end each, so that α is exactly 0 at t = 0 and σ exactly 0 at t = 1.
    const rest = tf.mul(tf.sub(1, alongPoints(time)), Math.PI / 2);
    const [alpha, sigma] = [tf.sin(angle), tf.sin(rest)];
    return { alpha, sigma, alphaRate: tf.mul(sigma, Math.PI / 2), sigmaRate: tf.mul(alpha, -Math.PI / 2) };
  },
  isSteepAtEnd: false,
};
