/** Ids of runs and inpaintings: 8 characters that are read, typed and named in paths without trouble. */

import { randomBytes } from 'node:crypto';

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** A random id that is not taken. */
export function createShortId(isTaken: (id: string) => boolean): string {
  for (;;) {
    const id = Array.from(randomBytes(8), (byte) => alphabet[byte % 32]).join('');
    if (!isTaken(id)) return id;
  }
}
