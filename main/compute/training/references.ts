/** Scores the classical methods on the images that a run is evaluated on while it trains. */

import { setImmediate } from 'node:timers/promises';
import {
  type ReferenceMethod,
  referenceMethods,
  type TrainingReferences,
} from '../../../shared/comparison/trainingReferences.ts';
import type { ClassicalEstimate } from '../../../shared/config/config.ts';
import { clampColours } from '../../../shared/images/image.ts';
import { classicalMethods } from '../../../shared/inpainting.ts';
import { reconstructClassically } from '../../engine/classical/registry.ts';
import type { Scorer } from '../../engine/metrics/scorer.ts';
import type { EstimateOf } from '../sampling/reconstructImages.ts';
import type { TrainingData } from './trainingData.ts';

export interface ReferenceResources {
  readonly scorer: Scorer;
  /** The classical estimate of the run, and that of an observation, which the run has solved already. */
  readonly estimate: ClassicalEstimate;
  readonly estimateOf: EstimateOf;
  /** Asked between two images. */
  readonly isCancelled: () => boolean;
}

/**
 * Reconstructs and scores every image with every reference method; messages are received between two images.
 * @returns null if it was cancelled. @throws Error as `scoreImages` and `reconstructClassically`.
 */
export async function scoreReferences(
  { images, observations }: Pick<TrainingData['scored'], 'images' | 'observations'>,
  { scorer, estimate, estimateOf, isCancelled }: ReferenceResources,
): Promise<TrainingReferences | null> {
  const found: Partial<Record<ReferenceMethod, TrainingReferences[ReferenceMethod]>> = {};
  for (const method of referenceMethods) {
    const values = new Float32Array(images.values.length);
    for (const [index, observation] of observations.entries()) {
      await setImmediate();
      if (isCancelled()) return null;
      const image =
        method === classicalMethods[estimate].scoredAs
          ? estimateOf(observation)
          : reconstructClassically(method, observation);
      values.set(clampColours(image), index * image.length);
    }
    const result = { ...images, values };
    const { mse, mae, psnr, ssim } = await scorer.scoreBatch({
      truth: images,
      result,
      observed: observations,
    });
    found[method] = { mse, mae, psnr: Number.isFinite(psnr) ? psnr : null, ssim };
  }
  return found as TrainingReferences;
}
