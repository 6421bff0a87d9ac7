/** Mask editors by image, so that leaving an image and coming back loses nothing. */

import type { MaskEditor } from './maskEditor.ts';

/** Number of editors kept; each takes twice the size of its image and its history. */
const capacity = 3;

export interface KeptStudios {
  find(pictureId: string): MaskEditor | null;
  /** Keeps an editor; drops the least recently used ones. */
  keep(pictureId: string, editor: MaskEditor): void;
  /** A mask to use on the next images of any size. */
  carried: CarriedMask | null;
}

export interface CarriedMask {
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
}

export function createKeptStudios(): KeptStudios {
  const editors = new Map<string, MaskEditor>();
  return {
    carried: null,
    find: (pictureId) => editors.get(pictureId) ?? null,
    keep(pictureId, editor) {
      editors.delete(pictureId);
      editors.set(pictureId, editor);
      for (const oldest of [...editors.keys()].slice(0, Math.max(0, editors.size - capacity)))
        editors.delete(oldest);
    },
  };
}
