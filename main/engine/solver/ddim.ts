/**
 * Denoising diffusion implicit models: the expected data with the noise found, of which a share η is drawn anew.
 * Song, Meng & Ermon 2021, eq. 12 and 16. η = 0 is deterministic, η = 1 the ancestral sampler of Ho et al. 2020.
 */

import * as tf from '@tensorflow/tfjs-core';
import { diffusionSolver } from './integrate.ts';
import type { DiffusionSolver } from './solver.ts';

export function createDdim(eta: number): DiffusionSolver {
  return diffusionSolver(
    (diffusion, { state, time, next }) => {
      const { data, noise } = diffusion.takeApart(state, time);
      const share =
        eta === 0 ? 0 : eta * freshShare(diffusion.coefficientsAt(time), diffusion.coefficientsAt(next));
      if (share === 0) return diffusion.putTogether({ data, noise }, next);
      const kept = tf.mul(noise, Math.sqrt(1 - share ** 2));
      return diffusion.putTogether({ data, noise: tf.add(kept, tf.mul(diffusion.drawNoise(), share)) }, next);
    },
    { isStochastic: eta > 0 },
  );
}

interface AlphaSigma {
  readonly alpha: number;
  readonly sigma: number;
}

/** σ̃ / σ′ for η = 1: √(1 − (α σ′ / (α′ σ))²), eq. 16 for any path. */
function freshShare(from: AlphaSigma, to: AlphaSigma): number {
  if (to.sigma === 0) return 0;
  return Math.sqrt(Math.max(0, 1 - ((from.alpha * to.sigma) / (to.alpha * from.sigma)) ** 2));
}
