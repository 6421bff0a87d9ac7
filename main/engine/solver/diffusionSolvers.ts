/** Solvers that decompose a state into data and noise: DDIM, ancestral sampling and annealed Langevin dynamics. */

import * as tf from '@tensorflow/tfjs-core';
import { type Diffusion, type DiffusionSolver, diffusionSolver, type StepRule } from './solver.ts';

/**
 * Creates the sampler of denoising diffusion implicit models: the expected data with the noise found, of which a fraction η
 * is replaced by new noise. Song, Meng & Ermon 2021, eq. 12 and 16. η = 0 is deterministic, η = 1 the ancestral sampler of
 * Ho et al. 2020.
 */
export function createDdim(eta: number): DiffusionSolver {
  return diffusionSolver(
    (diffusion, { state, time, next }) => {
      const to = diffusion.coefficientsAt(next);
      // The path ends on the data. A sum with 0 · noise would be the same, and take several times the memory of a large image.
      if (to.alpha === 1 && to.sigma === 0) return diffusion.dataAt(state, time);
      const { data, noise } = diffusion.decompose(state, time);
      const fraction = eta === 0 ? 0 : eta * freshFraction(diffusion.coefficientsAt(time), to);
      if (fraction === 0) return diffusion.compose({ data, noise }, next);
      const kept = tf.mul(noise, Math.sqrt(1 - fraction ** 2));
      return diffusion.compose({ data, noise: tf.add(kept, tf.mul(diffusion.drawNoise(), fraction)) }, next);
    },
    { isStochastic: eta > 0 },
  );
}

interface AlphaSigma {
  readonly alpha: number;
  readonly sigma: number;
}

/** Returns σ̃ / σ′ for η = 1: √(1 − (α σ′ / (α′ σ))²), eq. 16 for any path. */
function freshFraction(from: AlphaSigma, to: AlphaSigma): number {
  if (to.sigma === 0) return 0;
  return Math.sqrt(Math.max(0, 1 - ((from.alpha * to.sigma) / (to.alpha * from.sigma)) ** 2));
}

/**
 * The ancestral step x ← (x + β s) / √(1 − β) + √β z with the score s: Song et al. 2021, "Score-based generative modeling
 * through SDEs", eq. 46, where 1 − β = (α / α′)². For any path β is σ² − (α σ′ / α′)². Expressed in data and noise,
 * x + β s = α x̂₁ + (σ − β / σ) ẑ, so that nothing is divided by an α that may start at 0.
 */
const ancestralStep: StepRule<Diffusion> = (diffusion, { state, time, next }) => {
  const { data, noise } = diffusion.decompose(state, time);
  const from = diffusion.coefficientsAt(time);
  const to = diffusion.coefficientsAt(next);
  // The last step adds no noise.
  if (to.sigma === 0) return diffusion.compose({ data, noise }, next);
  const kept = (from.alpha * to.sigma) / (to.alpha * from.sigma);
  const beta = from.sigma ** 2 * Math.max(0, 1 - kept ** 2);
  const fresh = tf.mul(diffusion.drawNoise(), Math.sqrt(beta) / to.sigma);
  return diffusion.compose({ data, noise: tf.add(tf.mul(noise, kept), fresh) }, next);
};

export const ancestral = diffusionSolver(ancestralStep, { isStochastic: true });

/**
 * The step of the notebook's score model, x ← x + β s + √β z: ancestral sampling without the drift 1 / √(1 − β). Kept for
 * comparison; its samples are not those of the model, see `ancestral`.
 */
export const ancestralUndrifted = diffusionSolver(
  (diffusion, { state, time, next }) => {
    const { data, noise } = diffusion.decompose(state, time);
    const from = diffusion.coefficientsAt(time);
    const to = diffusion.coefficientsAt(next);
    const beta = Math.max(0, 1 - (from.alpha / to.alpha) ** 2);
    const kept = tf.mul(noise, 1 - beta / from.sigma ** 2);
    if (to.sigma === 0) return diffusion.compose({ data, noise: kept }, time);
    const fresh = tf.mul(diffusion.drawNoise(), Math.sqrt(beta) / from.sigma);
    return diffusion.compose({ data, noise: tf.add(kept, fresh) }, time);
  },
  { isStochastic: true },
);

/**
 * Creates annealed Langevin dynamics with a predictor: each ancestral step is followed by `steps` corrections
 * x ← x + ε s + √(2ε) z at the noise level reached, ε = 2 (r σ)² with the signal-to-noise ratio r = `ratio`. Song et al.
 * 2021, "Score-based generative modeling through SDEs", algorithms 3 and 5, with the expected norms of score and noise in
 * place of the sampled ones, so that no image depends on its batch.
 */
export function createLangevin(corrector: { steps: number; ratio: number }): DiffusionSolver {
  return diffusionSolver(
    (diffusion, at) => {
      let state = ancestralStep(diffusion, at);
      // Without noise there is nothing to correct.
      if (diffusion.coefficientsAt(at.next).sigma === 0) return state;
      for (let step = 0; step < corrector.steps; step++)
        state = correct(diffusion, { state, time: at.next, ratio: corrector.ratio });
      return state;
    },
    { isStochastic: true },
  );
}

/** With s = −ẑ / σ, the standard noise ẑ becomes (1 − 2r²) ẑ + 2r z. */
function correct(diffusion: Diffusion, at: { state: tf.Tensor; time: number; ratio: number }): tf.Tensor {
  const { data, noise } = diffusion.decompose(at.state, at.time);
  const kept = tf.mul(noise, 1 - 2 * at.ratio ** 2);
  const fresh = tf.mul(diffusion.drawNoise(), 2 * at.ratio);
  return diffusion.compose({ data, noise: tf.add(kept, fresh) }, at.time);
}
