/** Worker that generates masks, because a large one takes longer than a frame. */

import { type DrawnMask, settingsOf } from '../../../shared/inpainting.ts';
import { drawMask } from '../../../shared/masks/laws.ts';

/** The mask to draw, and the size of the image. */
export interface MaskOrder {
  readonly drawn: DrawnMask;
  readonly width: number;
  readonly height: number;
}

export interface MaskAnswer {
  readonly generation: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

self.addEventListener('message', ({ data }: MessageEvent<MaskOrder & { readonly generation: number }>) => {
  const { generation, drawn, width, height } = data;
  const { bits: bytes } = drawMask({ ...settingsOf(drawn), width, height });
  const answer: MaskAnswer = { generation, bytes };
  self.postMessage(answer, { transfer: [bytes.buffer] });
});
