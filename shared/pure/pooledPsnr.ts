/** PSNR of all images as if they were one: about 0.7 dB below the mean of each image's, so the two never mix. */

import type { EvaluationRow } from '../metric.ts';

/** dB from the mean squared error over all images of one size; null = infinite. */
export function pooledPsnr({ mse }: Pick<EvaluationRow, 'mse'>): number | null {
  return mse === 0 ? null : -10 * Math.log10(mse);
}
