/** Mask files that belong to single images of the list, found by their names. */

import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import { findMaskNames } from '../../../shared/images/matchMasks.ts';
import type { ImageEntry, MaskEntry } from '../../../shared/inpainting.ts';
import { describeError } from '../../../shared/text/describeError.ts';
import { readMaskEntry } from '../../models/maskStudio/maskFile.ts';
import { useImagesStore } from '../images.ts';

/** The mask of one image. */
export interface OwnMask {
  readonly file: File;
  readonly entry: MaskEntry;
  readonly isInverted: boolean;
  /** Why it looks inverted; null if it does not. */
  readonly question: string | null;
  /** Notes about how the file was read. */
  readonly notes: readonly string[];
}

/** What became of mask files. */
export interface TakenMasks {
  /** Number of images that have got a mask. */
  readonly matched: number;
  /** Names of files that fit no image. */
  readonly unused: readonly string[];
  /** Masks that could not be used, and why. */
  readonly failures: readonly string[];
}

export const useOwnMasksStore = defineStore('ownMasks', () => {
  const images = useImagesStore();
  const masks = shallowRef<ReadonlyMap<string, OwnMask>>(new Map());

  function change(imageId: string, mask: OwnMask | null) {
    const next = new Map(masks.value);
    if (mask) next.set(imageId, mask);
    else next.delete(imageId);
    masks.value = next;
    // An editor that was opened before has another mask.
    images.editors.drop(imageId);
  }

  async function read(image: ImageEntry, file: File, isInverted: boolean): Promise<void> {
    const { entry, notes, inverted } = await readMaskEntry(file, image, isInverted);
    change(image.id, { file, entry, isInverted, question: inverted, notes });
  }

  return {
    masks,
    find: (imageId: string): OwnMask | null => masks.value.get(imageId) ?? null,
    remove: (imageId: string) => change(imageId, null),
    /** Swaps known and hidden pixels of an image's mask. @throws Error if nothing would be known. */
    async invert(image: ImageEntry) {
      const mask = masks.value.get(image.id);
      if (mask) await read(image, mask.file, !mask.isInverted);
    },
    /** Gives every image of the list the file of its name. */
    async take(files: readonly File[]): Promise<TakenMasks> {
      const names = files.map(({ name }) => name);
      const used = new Set<string>();
      const failures: string[] = [];
      let matched = 0;
      for (const image of images.ready) {
        const fitting = findMaskNames(image.name, names);
        fitting.forEach((name) => used.add(name));
        const file = files.find(({ name }) => name === fitting[0]);
        if (!file) continue;
        try {
          if (fitting.length > 1) throw new Error(`${fitting.length} masks fit: ${fitting.join(', ')}.`);
          await read(image, file, false);
          matched += 1;
        } catch (error) {
          failures.push(`${image.name}: ${describeError(error)}`);
        }
      }
      return { matched, unused: names.filter((name) => !used.has(name)), failures };
    },
  };
});
