/** Worker that generates masks, because a large one takes longer than a frame. */

import { type DrawnMask, settingsOf } from '../../../shared/inpainting.ts';
import { type DrawnBits, drawMask } from '../../../shared/masks/laws.ts';

/** The mask to draw, and the size of the image. */
export interface MaskOrder {
  readonly drawn: DrawnMask;
  readonly width: number;
  readonly height: number;
}

export interface MaskAnswer {
  readonly generation: number;
  readonly mask: DrawnBits;
}

self.addEventListener('message', ({ data }: MessageEvent<MaskOrder & { readonly generation: number }>) => {
  const { generation, drawn, width, height } = data;
  const mask = drawMask({ ...settingsOf(drawn), width, height });
  const answer: MaskAnswer = { generation, mask };
  self.postMessage(answer, { transfer: [mask.bits.buffer] });
});
