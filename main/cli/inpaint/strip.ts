/** The pictures of one inpainting side by side. */

import { type Image, observe } from '../../../shared/images/image.ts';
import type { PictureInpainting } from '../../compute/protocol.ts';
import { renderFigure } from '../../reports/figure.ts';

/** Errors are small: shown so many times as large. */
const errorGain = 4;

/** Five pictures as 32-bit numbers: 240 MB. */
const mostPixels = 4_000_000;

/** @throws Error when a result of this size would be too large to be shown five times. */
export function checkStripSize({ width, height }: { width: number; height: number }): void {
  if (width * height <= mostPixels) return;
  throw new Error(
    `A strip of ${width} × ${height} pixels would be too large, at most ${mostPixels / 1e6} million are possible. Leave out --strip.`,
  );
}

/** Truth, known pixels, thin plate, result and, with a truth, its error; as a PNG. */
export function renderStrip(
  found: PictureInpainting,
  { title, hasTruth }: { title: string; hasTruth: boolean },
): Promise<Uint8Array> {
  const { height, width, mask } = found;
  const image = (pixels: Uint8Array): Image => ({
    ...{ height, width },
    values: Float32Array.from(pixels, (value) => value / 255),
  });
  const truth = image(found.truth);
  const known = Int32Array.from(mask.keys()).filter((pixel) => mask[pixel] === 1);
  const psnrOf = (method: string) =>
    hasTruth ? found.scores.find((score) => score.method === method)?.psnr : undefined;
  const results = [
    { label: 'thin plate', image: image(found.thinPlate), psnr: psnrOf('thin plate') },
    { label: 'result', image: image(found.result), psnr: psnrOf('result') },
    ...(hasTruth ? [{ label: `error ×${errorGain}`, image: image(drawError(found)) }] : []),
  ];
  return renderFigure({ title, rows: [{ truth, input: observe(truth, known), results }] });
}

/** Black where the result is exact. */
function drawError({ truth, result }: PictureInpainting): Uint8Array {
  return truth.map((value, index) => Math.min(255, errorGain * Math.abs(value - result[index])));
}
