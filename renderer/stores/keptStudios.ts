/** Masks that are being made, by picture: leaving a picture and coming back loses nothing. */

import type { MaskEditor } from './maskEditor.ts';

/** Each holds a picture's size twice, and its history. */
const capacity = 3;

export interface KeptStudios {
  find(pictureId: string): MaskEditor | null;
  /** The one that was used longest ago makes room. */
  keep(pictureId: string, editor: MaskEditor): void;
  /** A mask to be used on the next pictures, whatever their size. */
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
