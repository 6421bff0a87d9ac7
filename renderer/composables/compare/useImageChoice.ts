/** Which image of the evaluations is looked at: all views of the comparison share it. */

import { computed, type ComputedRef } from 'vue';
import { countImages, type SheetVersion } from '../../models/compare/sheetPictures.ts';

export interface UseImageChoiceReturn {
  /** From 0; those that every version shows. */
  readonly images: ComputedRef<readonly number[]>;
  /** One of them. */
  readonly at: ComputedRef<number>;
  move(by: number): void;
  choose(image: number): void;
  /** `image 3 of 100` */
  describe(image: number): string;
}

/** `image`: the one that is asked for; `choose`: asks for another. */
export function useImageChoice(
  versions: () => readonly Pick<SheetVersion, 'pictures'>[],
  image: () => number,
  choose: (image: number) => void,
): UseImageChoiceReturn {
  const images = computed(() => Array.from({ length: countImages(versions()) }, (_, index) => index));
  const inside = (asked: number) => Math.min(Math.max(0, asked), images.value.length - 1);
  const at = computed(() => inside(image()));
  return {
    ...{ images, at, choose },
    move: (by) => choose(inside(at.value + by)),
    describe: (shown) => `image ${shown + 1} of ${images.value.length}`,
  };
}
