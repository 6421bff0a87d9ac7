/** Draws masks beside the page: a large one takes longer than a frame. */

import { drawPictureMask, type PictureMaskOptions } from '../../../shared/images/pictureMask.ts';

export interface MaskAnswer {
  readonly turn: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

self.addEventListener('message', ({ data }: MessageEvent<PictureMaskOptions & { readonly turn: number }>) => {
  const { turn, ...options } = data;
  const bytes = drawPictureMask(options);
  const answer: MaskAnswer = { turn, bytes };
  self.postMessage(answer, { transfer: [bytes.buffer] });
});
