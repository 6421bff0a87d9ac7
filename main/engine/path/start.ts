/** Where a path starts: pure noise, or a classical estimate with noise around it (Albergo et al. 2023, arXiv 2310.03725, data-dependent coupling). */

import * as tf from '@tensorflow/tfjs-core';
import type { PathConfig } from '../../../shared/config/config.ts';

/** x₀ = σ z, or estimate + σ z; all [B, N, 3]. With a small σ the flow is no posterior sampler: it stays near the estimate. */
export function startFrom(
  path: PathConfig,
  from: { noise: tf.Tensor; estimate: tf.Tensor | undefined },
): tf.Tensor {
  const noise = tf.mul(from.noise, path.startNoise);
  return path.start === 'classical' && from.estimate ? tf.add(from.estimate, noise) : noise;
}
