/**
 * Annealed Langevin dynamics with a predictor: after each ancestral step some corrections x ← x + ε s + √(2ε) z at the
 * noise reached, ε = 2 (r σ)². Song et al. 2021, "Score-based generative modeling through SDEs", algorithms 3 and 5, with
 * the expected norms of score and noise in place of the sampled ones, so that no image depends on its batch.
 */

import * as tf from '@tensorflow/tfjs-core';
import { ancestralStep } from './ancestral.ts';
import { diffusionSolver } from './integrate.ts';
import type { Diffusion, DiffusionSolver } from './solver.ts';

export function createLangevin(corrector: { steps: number; ratio: number }): DiffusionSolver {
  return diffusionSolver(
    (diffusion, at) => {
      let state = ancestralStep(diffusion, at);
      // Where there is no noise left there is nothing to correct.
      if (diffusion.coefficientsAt(at.next).sigma === 0) return state;
      for (let step = 0; step < corrector.steps; step++)
        state = correct(diffusion, { state, time: at.next, ratio: corrector.ratio });
      return state;
    },
    { isStochastic: true },
  );
}

/** With s = −ẑ / σ the standard noise ẑ becomes (1 − 2r²) ẑ + 2r z. */
function correct(diffusion: Diffusion, at: { state: tf.Tensor; time: number; ratio: number }): tf.Tensor {
  const { data, noise } = diffusion.takeApart(at.state, at.time);
  const kept = tf.mul(noise, 1 - 2 * at.ratio ** 2);
  const fresh = tf.mul(diffusion.drawNoise(), 2 * at.ratio);
  return diffusion.putTogether({ data, noise: tf.add(kept, fresh) }, at.time);
}
