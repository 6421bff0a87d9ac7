/**
 * The ancestral step x ← (x + β s) / √(1 − β) + √β z with the score s: Song et al. 2021, "Score-based generative modeling
 * through SDEs", eq. 46, where 1 − β = (α / α′)². For any path β is σ² − (α σ′ / α′)².
 */

import * as tf from '@tensorflow/tfjs-core';
import { diffusionSolver, type StepRule } from './integrate.ts';
import type { Diffusion } from './solver.ts';

/** Written with data and noise, x + β s = α x̂₁ + (σ − β / σ) ẑ: nothing is divided by an α that may start at 0. */
export const ancestralStep: StepRule<Diffusion> = (diffusion, { state, time, next }) => {
  const { data, noise } = diffusion.takeApart(state, time);
  const [from, to] = [diffusion.coefficientsAt(time), diffusion.coefficientsAt(next)];
  // The last step adds no noise.
  if (to.sigma === 0) return diffusion.putTogether({ data, noise }, next);
  const kept = (from.alpha * to.sigma) / (to.alpha * from.sigma);
  const beta = from.sigma ** 2 * Math.max(0, 1 - kept ** 2);
  const fresh = tf.mul(diffusion.drawNoise(), Math.sqrt(beta) / to.sigma);
  return diffusion.putTogether({ data, noise: tf.add(tf.mul(noise, kept), fresh) }, next);
};

export const ancestral = diffusionSolver(ancestralStep, { isStochastic: true });
