/** The errors of a filled-in picture of any size: in bands, so that neither memory nor patience is strained. */

import type { PictureScore } from '../../../shared/inpainting.ts';
import { psnr, psnrUnobserved } from '../metrics/psnr.ts';
import { ssim } from '../metrics/ssim.ts';
import { placesOf } from './knownPicture.ts';

/** 8-bit RGB, height × width × 3. */
export interface ComparedPictures {
  readonly height: number;
  readonly width: number;
  readonly truth: Uint8Array;
  readonly result: Uint8Array;
  /** height × width, 1 = known. */
  readonly mask: Uint8Array;
  /** Called before every band; what it throws ends the scoring. */
  readonly turn?: () => Promise<void>;
}

const ssimWindow = 7;
/** Pixels of a band. */
const bandPixels = 2 ** 17;

export async function scorePicture(
  pictures: ComparedPictures,
): Promise<Pick<PictureScore, 'psnr' | 'psnrUnobserved' | 'ssim'>> {
  await pictures.turn?.();
  const [truth, result] = [unitValues(pictures.truth), unitValues(pictures.result)];
  const observed = placesOf(pictures.mask, 1);
  return {
    psnr: psnr(truth, result),
    psnrUnobserved: psnrUnobserved(truth, result, observed),
    ssim: await ssimOf(truth, result, pictures),
  };
}

/** The mean over all windows: those of the bands, each weighing as many as it has. */
async function ssimOf(
  truth: Float32Array,
  result: Float32Array,
  { height, width, turn }: ComparedPictures,
): Promise<number | null> {
  const rows = height - ssimWindow + 1;
  if (rows < 1 || width < ssimWindow) return null;
  const step = Math.max(1, Math.floor(bandPixels / width));
  let sum = 0;
  for (let from = 0; from < rows; from += step) {
    await turn?.();
    const windows = Math.min(step, rows - from);
    const lines = windows + ssimWindow - 1;
    const band = (values: Float32Array) => values.subarray(from * width * 3, (from + lines) * width * 3);
    sum += windows * ssim(band(truth), band(result), { height: lines, width, window: 'uniform' });
  }
  return sum / rows;
}

function unitValues(bytes: Uint8Array): Float32Array {
  return Float32Array.from(bytes, (value) => value / 255);
}
