/** Checks that masks of single channels are used with images in colour. */

import { describeSource } from '../../shared/dataset.ts';
import type { ImageBatch } from '../../shared/images/image.ts';
import { describeLaw, type LawSettings, observesChannels } from '../../shared/masks/laws.ts';
import { DataError } from './dataIdentity.ts';

/** @throws DataError when masks observe single channels and all images are grey: one channel then says everything. */
export function checkColours(
  { values, count }: ImageBatch,
  { mask, source }: { readonly mask: LawSettings; readonly source: string },
): void {
  if (!observesChannels(mask) || count === 0) return;
  for (let at = 0; at < values.length; at += 3)
    if (values[at] !== values[at + 1] || values[at] !== values[at + 2]) return;
  throw new DataError(
    `The images of ${describeSource(source)} are grey: their three channels are equal, and the masks (${describeLaw(mask)}) observe one channel of each pixel, which leaves nothing to reconstruct. Expected images in colour; choose others, or another mask law.`,
  );
}
