/** The table below an inpainting: each way of filling in against the truth, where that is known. */

import type { PictureScore } from '../../shared/inpainting.ts';
import { scorePicture } from '../engine/picture/scorePicture.ts';
import type { InpaintWork } from './inpaintPicture.ts';
import type { FilledPicture } from './samplePictures.ts';

/** Errors are null where the truth is not known: it never is between the pixels of a picture that was enlarged. */
export async function scoreInpainting(
  { job, input, progress, turn }: InpaintWork,
  filled: readonly FilledPicture[],
): Promise<PictureScore[]> {
  const isTruthKnown = job.truthIsKnown && job.scale === 1;
  const scores: PictureScore[] = [];
  for (const { method, pixels, seconds } of filled) {
    progress.report('scores', scores.length / filled.length, `errors of ${method}`);
    const errors = isTruthKnown
      ? await scorePicture({ ...input, truth: input.pixels, result: pixels, turn })
      : { psnr: null, psnrUnobserved: null, ssim: null };
    scores.push({ method, ...errors, seconds });
  }
  return scores;
}
