/** Zoom and position of an image in a pane: the whole image until the user zooms in. */

import { computed, shallowRef, type ComputedRef } from 'vue';
import {
  fitImage,
  keepInside,
  panBy,
  zoomAt,
  type Point,
  type Size,
  type Viewport,
} from '../../models/images/viewport.ts';

export interface UseViewportReturn {
  readonly view: ComputedRef<Viewport>;
  /** Whether the whole image is shown. */
  readonly isFitted: ComputedRef<boolean>;
  /** Sets the size of the pane, CSS pixels. */
  resize(pane: Size): void;
  /** Zooms around the pane point `at`; null for the centre. */
  zoom(at: Point | null, factor: number): void;
  /** Moves the image by CSS pixels. */
  pan(by: Point): void;
  fit(): void;
  /** Scrolls an image point into view. */
  reveal(point: Point): void;
}

/** @param isExact Whether a fitted image fills its pane, rather than having a whole number of screen pixels per pixel. */
export function useViewport(image: () => Size, isExact = false): UseViewportReturn {
  const pane = shallowRef<Size>({ width: 1, height: 1 });
  /** null while the whole image is shown. */
  const zoomed = shallowRef<Viewport | null>(null);
  const fitted = computed(() => fitImage(image(), pane.value, isExact));
  const view = computed(() => (zoomed.value ? keepInside(zoomed.value, image(), pane.value) : fitted.value));
  return {
    view,
    isFitted: computed(() => zoomed.value === null),
    resize(next) {
      pane.value = next;
    },
    zoom(at, factor) {
      const centre = { x: pane.value.width / 2, y: pane.value.height / 2 };
      const next = zoomAt(view.value, {
        image: image(),
        pane: pane.value,
        at: at ?? centre,
        factor,
        isExact,
      });
      zoomed.value = next.scale <= fitted.value.scale ? null : next;
    },
    pan(by) {
      if (zoomed.value) zoomed.value = panBy(view.value, by, { image: image(), pane: pane.value });
    },
    fit() {
      zoomed.value = null;
    },
    reveal({ x, y }) {
      if (!zoomed.value) return;
      const { scale } = view.value;
      zoomed.value = {
        scale,
        x: clampAround(view.value.x, x, pane.value.width / 2 / scale),
        y: clampAround(view.value.y, y, pane.value.height / 2 / scale),
      };
    },
  };
}

/** Returns the value next to `centre` that is at most `distance` from `target`. */
function clampAround(centre: number, target: number, distance: number): number {
  return Math.min(Math.max(centre, target - distance), target + distance);
}
