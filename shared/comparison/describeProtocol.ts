/** How the numbers of a comparison were measured, in one paragraph of plain text. */

import type { Protocol } from '../metric.ts';
import { describeSource } from '../dataset.ts';

/**
 * The checksum is cut to 12 characters, and the source's path to its last name: where a folder lies is nobody else's
 * business. Everything else of the protocol is there in full.
 */
export function describeProtocol(protocol: Protocol): string {
  const { images, split, source, imageSize, observedPixels, range } = protocol;
  const pixels = imageSize * imageSize;
  const share = `${Number((protocol.keepRatio * 100).toFixed(2))} %`;
  return [
    `${images} images of the ${split} split of ${describeSource(source)} (${imageSize}×${imageSize} pixels,`,
    `data checksum ${protocol.datasetChecksum.slice(0, 12)});`,
    `${observedPixels} of ${pixels} pixels observed (${share}), mask law ${protocol.maskLaw}, seed ${protocol.maskSeed}.`,
    protocol.pasted
      ? 'Observed pixels are pasted into every result.'
      : 'Results stand as the methods gave them: observed pixels are not pasted.',
    `Values clamped to [${range[0]}, ${range[1]}]; PSNR ${protocol.psnrMean};`,
    `windows of the two SSIM columns: ${protocol.ssimWindow}; ${protocol.ssimGaussianWindow};`,
    `metric version ${protocol.metricVersion}. Seconds are wall time for all images.`,
  ].join(' ');
}
