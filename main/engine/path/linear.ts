/** The straight path x_t = t x₁ + (1 − t) x₀: Lipman et al. 2023, "Flow matching for generative modeling", eq. 22 with σ_min = 0. */

import * as tf from '@tensorflow/tfjs-core';
import { alongPoints } from './affine.ts';
import type { Path } from './path.ts';

export const linearPath: Path = {
  coefficients(time) {
    const alpha = alongPoints(time);
    return { alpha, sigma: tf.sub(1, alpha), alphaRate: 1, sigmaRate: -1 };
  },
  isSteepAtEnd: false,
};
