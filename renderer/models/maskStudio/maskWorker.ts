/** Worker that generates masks, because a large one takes longer than a frame. */

import { drawPatternMask, type PatternMaskOptions } from '../../../shared/images/patternMask.ts';

export interface MaskAnswer {
  readonly generation: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

self.addEventListener(
  'message',
  ({ data }: MessageEvent<PatternMaskOptions & { readonly generation: number }>) => {
    const { generation, ...options } = data;
    const { bits: bytes } = drawPatternMask(options);
    const answer: MaskAnswer = { generation, bytes };
    self.postMessage(answer, { transfer: [bytes.buffer] });
  },
);
