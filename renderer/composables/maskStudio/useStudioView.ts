/** Which part of the picture the studio shows: all of it, until it is zoomed. */

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

export interface UseStudioViewReturn {
  readonly view: ComputedRef<Viewport>;
  readonly isFitted: ComputedRef<boolean>;
  resize(pane: Size): void;
  /** `at`: the point of the pane that stays; null: its middle. */
  zoom(at: Point | null, factor: number): void;
  pan(by: Point): void;
  fit(): void;
  /** Moves a point of the picture into sight. */
  reveal(point: Point): void;
}

export function useStudioView(picture: Size): UseStudioViewReturn {
  const pane = shallowRef<Size>({ width: 1, height: 1 });
  const moved = shallowRef<Viewport | null>(null);
  const fitted = computed(() => fitImage(picture, pane.value));
  const view = computed(() => (moved.value ? keepInside(moved.value, picture, pane.value) : fitted.value));
  return {
    view,
    isFitted: computed(() => moved.value === null),
    resize: (next) => void (pane.value = next),
    zoom(at, factor) {
      const from = at ?? { x: pane.value.width / 2, y: pane.value.height / 2 };
      const zoomed = zoomAt(view.value, { image: picture, pane: pane.value, at: from, factor });
      moved.value = zoomed.scale <= fitted.value.scale ? null : zoomed;
    },
    pan: (by) => {
      if (moved.value) moved.value = panBy(view.value, by, { image: picture, pane: pane.value });
    },
    fit: () => void (moved.value = null),
    reveal({ x, y }) {
      if (!moved.value) return;
      const { scale } = view.value;
      const half = { x: pane.value.width / 2 / scale, y: pane.value.height / 2 / scale };
      const near = (centre: number, to: number, room: number) =>
        Math.min(Math.max(centre, to - room), to + room);
      moved.value = { scale, x: near(view.value.x, x, half.x), y: near(view.value.y, y, half.y) };
    },
  };
}
