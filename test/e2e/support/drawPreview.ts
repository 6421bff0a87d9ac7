/** Preview images without training: noise that gradually turns into the truth. */

import type { PixelRows } from '../../../main/compute/protocol.ts';
import { noiseAt } from './curves.ts';

const size = 32;
const rows = 4;
const keepRatio = 0.2;

/** Draws truth, observed pixels and result side by side, for four images below each other. */
export function drawPreview(step: number): PixelRows {
  const width = 3 * size;
  const height = rows * size;
  const pixels = new Uint8Array(width * height * 3);
  const progress = 1 - Math.exp(-step / 500);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < size; x++) {
      const isKnown = noiseAt(y * size + x, 7) < keepRatio;
      for (let channel = 0; channel < 3; channel++) {
        const truth = truthAt(x, y, channel);
        const result = isKnown
          ? truth
          : truth * progress + (1 - progress) * noiseAt(x + 97 * y + 31 * channel, 9);
        [truth, isKnown ? truth : 0.5, result].forEach((value, column) => {
          pixels[(y * width + column * size + x) * 3 + channel] = Math.round(255 * value);
        });
      }
    }
  }
  return { height, width, pixels };
}

/** Returns the value of smooth waves, which differ for each image and channel. */
function truthAt(x: number, y: number, channel: number): number {
  const row = Math.floor(y / size);
  const wave = Math.sin((x * (row + 1)) / 9 + channel) + Math.cos(((y % size) * (channel + 2)) / 11 + row);
  return 0.5 + 0.24 * wave;
}
