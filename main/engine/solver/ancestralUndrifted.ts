/**
 * The step of the notebook's score variant, x ← x + β s + √β z: ancestral sampling that forgot the drift 1 / √(1 − β).
 * Kept for comparison; its samples are not those of the model, see `ancestral`.
 */

import * as tf from '@tensorflow/tfjs-core';
import { diffusionSolver } from './integrate.ts';

export const ancestralUndrifted = diffusionSolver(
  (diffusion, { state, time, next }) => {
    const { data, noise } = diffusion.takeApart(state, time);
    const [from, to] = [diffusion.coefficientsAt(time), diffusion.coefficientsAt(next)];
    const beta = Math.max(0, 1 - (from.alpha / to.alpha) ** 2);
    const kept = tf.mul(noise, 1 - beta / from.sigma ** 2);
    if (to.sigma === 0) return diffusion.putTogether({ data, noise: kept }, time);
    const fresh = tf.mul(diffusion.drawNoise(), Math.sqrt(beta) / from.sigma);
    return diffusion.putTogether({ data, noise: tf.add(kept, fresh) }, time);
  },
  { isStochastic: true },
);
