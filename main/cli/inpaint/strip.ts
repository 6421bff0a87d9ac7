/** The images of one inpainting side by side. */

import { type Image, observe } from '../../../shared/images/image.ts';
import { hiddenPsnr } from '../../../shared/inpainting.ts';
import type { InpaintedImage } from '../../compute/protocol.ts';
import { renderFigure } from '../../reports/figure.ts';

/** Factor by which errors are amplified. */
const errorGain = 4;

/** Five images of this size as 32-bit floats take 240 MB. */
const mostPixels = 4_000_000;

/** @throws Error when a strip of this size would be too large. */
export function checkStripSize({ width, height }: { width: number; height: number }): void {
  if (width * height <= mostPixels) return;
  throw new Error(
    `A strip of ${width} × ${height} pixels would be too large; at most ${mostPixels / 1e6} million are possible. Leave out --strip.`,
  );
}

/**
 * Renders ground truth, known pixels, thin plate, result and, if the truth is known, the PSNR of the hidden pixels and the
 * error, as a PNG.
 */
export function renderStrip(
  found: InpaintedImage,
  { title, hasTruth }: { title: string; hasTruth: boolean },
): Promise<Uint8Array> {
  const { height, width, mask } = found;
  const toImage = (pixels: Uint8Array): Image => ({
    height,
    width,
    values: Float32Array.from(pixels, (value) => value / 255),
  });
  const truth = toImage(found.truth);
  const known = Int32Array.from(mask.keys()).filter((pixel) => mask[pixel] === 1);
  const psnrOf = (method: string) => {
    const score = hasTruth ? found.scores.find((each) => each.method === method) : undefined;
    return score && hiddenPsnr(score);
  };
  const results = [
    { label: 'thin plate', image: toImage(found.thinPlate), psnr: psnrOf('thin plate') },
    { label: 'result', image: toImage(found.result), psnr: psnrOf('result') },
    ...(hasTruth ? [{ label: `error ×${errorGain}`, image: toImage(renderError(found)) }] : []),
  ];
  return renderFigure({ title, rows: [{ truth, input: observe(truth, known), results }] });
}

/** Returns the amplified absolute error; black where the result is exact. */
function renderError({ truth, result }: InpaintedImage): Uint8Array {
  return truth.map((value, index) => Math.min(255, errorGain * Math.abs(value - result[index])));
}
