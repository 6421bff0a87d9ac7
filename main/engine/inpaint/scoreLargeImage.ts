/** Scores a reconstruction of any size: SSIM in bands, so that memory stays bounded and other work gets a turn in between. */

import { observedPixels } from '../../../shared/images/image.ts';
import type { MaskValues } from '../../../shared/images/mask.ts';
import type { InpaintingScore } from '../../../shared/inpainting.ts';
import { psnr, psnrUnobserved } from '../metrics/pixelErrors.ts';
import { ssim } from '../metrics/ssim.ts';

/** 8-bit RGB images, height × width × 3. */
export interface ComparedImages {
  readonly height: number;
  readonly width: number;
  readonly truth: Uint8Array;
  readonly result: Uint8Array;
  readonly mask: MaskValues;
  /** Awaited before every band; throwing ends the scoring. */
  readonly beforeBand?: () => Promise<void>;
}

const ssimWindow = 7;
const bandPixels = 2 ** 17;

/** Returns PSNR and SSIM (uniform 7×7 window); the SSIM is null when the image is smaller than the window. */
export async function scoreLargeImage(
  images: ComparedImages,
): Promise<Pick<InpaintingScore, 'psnr' | 'psnrUnobserved' | 'ssim'>> {
  await images.beforeBand?.();
  const truth = unitValues(images.truth);
  const result = unitValues(images.result);
  const observed = observedPixels(images.mask);
  return {
    psnr: psnr(truth, result),
    psnrUnobserved: psnrUnobserved(truth, result, observed),
    ssim: await ssimByBands(truth, result, images),
  };
}

/** Returns the mean over all windows: that of the bands, each weighted by its number of windows. */
async function ssimByBands(
  truth: Float32Array,
  result: Float32Array,
  { height, width, beforeBand }: ComparedImages,
): Promise<number | null> {
  const rows = height - ssimWindow + 1;
  if (rows < 1 || width < ssimWindow) return null;
  const step = Math.max(1, Math.floor(bandPixels / width));
  let sum = 0;
  for (let from = 0; from < rows; from += step) {
    await beforeBand?.();
    const windows = Math.min(step, rows - from);
    const lines = windows + ssimWindow - 1;
    const band = (values: Float32Array) => values.subarray(from * width * 3, (from + lines) * width * 3);
    sum += windows * ssim(band(truth), band(result), { height: lines, width, window: 'uniform' });
  }
  return sum / rows;
}

function unitValues(bytes: Uint8Array): Float32Array {
  const values = new Float32Array(bytes);
  for (let index = 0; index < values.length; index++) values[index] /= 255;
  return values;
}
