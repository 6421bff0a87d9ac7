/** How much the loss counts along the path. */

import * as tf from '@tensorflow/tfjs-core';
import type { RunConfig } from '../../../shared/config/config.ts';
import { dataPerPrediction, smallestDivisor } from '../path/affine.ts';
import type { Coefficients } from '../path/path.ts';

/**
 * The factor of every image's squared error, [B, 1, 1]; undefined where all count the same.
 * `min-snr`: the error of the data counts by their signal-to-noise ratio α² / σ², held within limits, whatever is
 * predicted: Hang et al. 2023, "Efficient diffusion training via min-SNR weighting", §3.4. `sigma-squared`: σ², the
 * weight of score matching (Song & Ermon 2019, eq. 6), which makes the error of a score that of its noise.
 */
export function lossWeight(
  { objective, path }: Pick<RunConfig, 'objective' | 'path'>,
  at: Coefficients,
): tf.Tensor | undefined {
  if (objective.weighting === 'none') return undefined;
  const variance = tf.square(at.sigma);
  if (objective.weighting === 'sigma-squared') return variance;
  const ratio = tf.div(tf.square(at.alpha), tf.maximum(variance, smallestDivisor));
  const ofData = tf.minimum(tf.maximum(ratio, objective.snrFloor), objective.snrLimit);
  return tf.mul(ofData, tf.square(dataPerPrediction(path.prediction, at)));
}
