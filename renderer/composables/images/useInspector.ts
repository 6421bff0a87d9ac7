/** What the inspector shows: which two versions of a image, in which way, from where. */

import { computed, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue';
import type { NamedImage } from '../../models/images/comparisonImage.ts';
import { errorMap } from '../../models/images/imageError.ts';
import type { RasterImage } from '../../models/images/rasterImage.ts';
import {
  fitImage,
  keepInside,
  panBy,
  zoomAt,
  type Point,
  type Size,
  type Viewport,
} from '../../models/images/viewport.ts';

/** `overview`: all versions that matter beside each other. */
export const inspectorModes = ['slider', 'side', 'difference', 'overview'] as const;
export type InspectorMode = (typeof inspectorModes)[number];

export interface InspectorOptions {
  /** Of every version. */
  readonly size: () => Size;
  /** null: not there, or not yet. */
  readonly pick: (version: string) => RasterImage | null;
  /** What A and B are at first. */
  readonly left: string;
  readonly right: string;
}

export interface UseInspectorReturn {
  readonly mode: Ref<InspectorMode>;
  readonly left: Ref<string>;
  readonly right: Ref<string>;
  readonly isBlinking: Ref<boolean>;
  readonly divider: Ref<number>;
  readonly cursor: ShallowRef<Point | null>;
  readonly view: ComputedRef<Viewport>;
  readonly isFitted: ComputedRef<boolean>;
  readonly leftImage: ComputedRef<RasterImage | null>;
  /** The left one while blinking. */
  readonly rightImage: ComputedRef<RasterImage | null>;
  readonly difference: ComputedRef<RasterImage | null>;
  readonly size: ComputedRef<Size>;
  resize(pane: Size): void;
  zoom(at: Point | null, factor: number): void;
  pan(by: Point): void;
  fit(): void;
}

export function useInspector(options: InspectorOptions): UseInspectorReturn {
  const mode = ref<InspectorMode>('slider');
  const left = ref(options.left);
  const right = ref(options.right);
  const isBlinking = ref(false);
  const divider = ref(0.5);
  const cursor = shallowRef<Point | null>(null);
  const pane = shallowRef<Size>({ width: 1, height: 1 });
  const moved = shallowRef<Viewport | null>(null);

  const size = computed(options.size);
  const view = computed(() =>
    moved.value ? keepInside(moved.value, size.value, pane.value) : fitImage(size.value, pane.value),
  );
  const leftImage = computed(() => options.pick(left.value));
  const chosenRight = computed(() => options.pick(right.value));
  return {
    ...{ mode, left, right, isBlinking, divider, cursor, view, leftImage, size },
    isFitted: computed(() => moved.value === null),
    rightImage: computed(() => (isBlinking.value ? leftImage.value : chosenRight.value)),
    difference: computed(() =>
      leftImage.value && chosenRight.value ? errorMap(chosenRight.value, leftImage.value) : null,
    ),
    resize: (next) => void (pane.value = next),
    zoom(at, factor) {
      const from = at ?? { x: pane.value.width / 2, y: pane.value.height / 2 };
      const zoomed = zoomAt(view.value, { image: size.value, pane: pane.value, at: from, factor });
      moved.value = zoomed.scale <= fitImage(size.value, pane.value).scale ? null : zoomed;
    },
    pan: (by) => {
      if (moved.value) moved.value = panBy(view.value, by, { image: size.value, pane: pane.value });
    },
    fit: () => void (moved.value = null),
  };
}

/** What the inspector shows, where it is not the overview. */
export function shownImages(inspector: UseInspectorReturn, left: string, right: string): NamedImage[] {
  const { leftImage, rightImage, difference, mode } = inspector;
  const all = [
    { name: left, image: leftImage.value },
    { name: right, image: rightImage.value },
    { name: 'Error |A − B|', image: mode.value === 'difference' ? difference.value : null },
  ];
  return all.flatMap(({ name, image }) => (image ? [{ name, image }] : []));
}
