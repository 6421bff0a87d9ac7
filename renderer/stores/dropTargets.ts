/** Parts of the page that take dropped folders; images and exported runs go where they go in every view. */

import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import type { DroppedFolder } from '../models/imageIntake/openedFiles.ts';

export interface DropTarget {
  /** null while it is not rendered. */
  element(): HTMLElement | null;
  /** Shown while something is dragged over it. */
  readonly text: string;
  /** Takes at least one folder. */
  take(folders: readonly DroppedFolder[]): void;
}

export const useDropTargetsStore = defineStore('dropTargets', () => {
  const targets = shallowRef<readonly DropTarget[]>([]);

  /** Adds a target; returns the function that removes it. */
  function add(target: DropTarget): () => void {
    targets.value = [...targets.value, target];
    return () => (targets.value = targets.value.filter((other) => other !== target));
  }

  /** Returns the target that contains the element of a drag event; null if none does. */
  function find(element: EventTarget | null): DropTarget | null {
    if (!(element instanceof Node)) return null;
    return targets.value.findLast((target) => target.element()?.contains(element)) ?? null;
  }

  return { add, find };
});
