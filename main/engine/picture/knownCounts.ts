/** How many pixels are known in any rectangle of a picture, answered at once: a summed-area table (Crow 1984). */

import type { KnownPicture } from './knownPicture.ts';
import type { Area } from './planTiles.ts';

export interface KnownCounts {
  /** Known pixels of an area inside the picture. */
  countIn(area: Area): number;
}

/** Takes 4 bytes a pixel. */
export function countKnown({
  height,
  width,
  isKnown,
}: Pick<KnownPicture, 'height' | 'width' | 'isKnown'>): KnownCounts {
  const line = width + 1;
  // Entry (x, y): known pixels left of x and above y.
  const sums = new Uint32Array(line * (height + 1));
  for (let y = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++) {
      row += isKnown[y * width + x];
      sums[(y + 1) * line + x + 1] = sums[y * line + x + 1] + row;
    }
  }
  return {
    countIn({ x, y, width: columns, height: rows }) {
      const [top, bottom] = [y * line + x, (y + rows) * line + x];
      return sums[bottom + columns] - sums[bottom] - sums[top + columns] + sums[top];
    },
  };
}
