/** Leads the studio's pen and view by pointer and keys. */

import { computed, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue';
import { toImagePoint, type Point, type Size } from '../../models/images/viewport.ts';
import type { UseStudioToolsReturn } from './useStudioTools.ts';
import type { UseStudioViewReturn } from './useStudioView.ts';

export interface StudioPointerOptions {
  readonly element: Ref<HTMLElement | null>;
  readonly picture: Size;
  readonly pane: Readonly<Ref<Size>>;
  readonly tools: UseStudioToolsReturn;
  readonly view: UseStudioViewReturn;
}

export interface UseStudioPointerReturn {
  /** Where the pen is, in picture pixels; null: nowhere. */
  readonly cursor: Readonly<ShallowRef<Point | null>>;
  readonly isPanning: Readonly<Ref<boolean>>;
  /** The cursor in words, for those who lead it by keys; empty while a pointer does. */
  readonly spoken: ComputedRef<string>;
  down(event: PointerEvent): void;
  move(event: PointerEvent): void;
  up(): void;
  leave(): void;
  wheel(event: WheelEvent): void;
  press(event: KeyboardEvent): void;
}

const steps: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};
/** Screen pixels of a step by an arrow key, at least a picture pixel. */
const stepLength = 4;

export function useStudioPointer(options: StudioPointerOptions): UseStudioPointerReturn {
  const { tools, view, picture } = options;
  const cursor = shallowRef<Point | null>(null);
  const isByKeys = ref(false);
  const spoken = computed(() => {
    if (!isByKeys.value || !cursor.value) return '';
    const place = `Column ${Math.floor(cursor.value.x)}, row ${Math.floor(cursor.value.y)}`;
    return tools.isDown.value ? `${place}, pen down` : place;
  });
  const pointer = createPointer(options, cursor, isByKeys);

  function step(by: Point, factor: number) {
    const size = Math.max(1, Math.round(stepLength / view.view.value.scale)) * factor;
    const from = cursor.value ?? { x: picture.width / 2, y: picture.height / 2 };
    const to = keepOn(picture, { x: from.x + by.x * size, y: from.y + by.y * size });
    isByKeys.value = true;
    cursor.value = to;
    tools.move([to]);
    view.reveal(to);
  }
  function toggle(isOpposite: boolean) {
    isByKeys.value = true;
    cursor.value ??= { x: picture.width / 2, y: picture.height / 2 };
    if (tools.isDown.value) tools.end();
    else tools.begin(cursor.value, isOpposite);
  }
  function press(event: KeyboardEvent) {
    if (event.ctrlKey || event.metaKey) return;
    const by = steps[event.key];
    if (by) step(by, event.shiftKey ? 10 : 1);
    else if (event.key === ' ' || event.key === 'Enter') toggle(event.altKey);
    else if (event.key === 'Escape' && tools.isDown.value) tools.cancel();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
  return { cursor, spoken, press, ...pointer };
}

function createPointer(
  { element, pane, picture, tools, view }: StudioPointerOptions,
  cursor: ShallowRef<Point | null>,
  isByKeys: Ref<boolean>,
) {
  const isPanning = ref(false);
  let last: Point = { x: 0, y: 0 };

  const placeOf = (event: MouseEvent) => placeIn(element.value, event);
  const pictureAt = (event: MouseEvent) => toImagePoint(view.view.value, pane.value, placeOf(event));
  return {
    isPanning,
    down(event: PointerEvent) {
      isPanning.value = event.button === 1 || (event.button === 0 && tools.tool.value === 'hand');
      last = placeOf(event);
      if (event.button > 1) return;
      element.value?.setPointerCapture(event.pointerId);
      if (!isPanning.value) tools.begin(pictureAt(event), event.altKey);
      if (event.button === 1) event.preventDefault();
    },
    move(event: PointerEvent) {
      isByKeys.value = false;
      const place = placeOf(event);
      if (isPanning.value) view.pan({ x: place.x - last.x, y: place.y - last.y });
      last = place;
      const found = pictureAt(event);
      cursor.value = isOn(picture, found) || tools.isDown.value ? found : null;
      if (!tools.isDown.value) return;
      // A quick hand makes several moves in one frame.
      const moves = event.getCoalescedEvents();
      tools.move((moves.length > 0 ? moves : [event]).map(pictureAt));
    },
    up() {
      isPanning.value = false;
      tools.end();
    },
    leave: () => void (cursor.value = isByKeys.value || tools.isDown.value ? cursor.value : null),
    wheel: (event: WheelEvent) => view.zoom(placeOf(event), event.deltaY < 0 ? 1.25 : 0.8),
  };
}

/** CSS pixels from an element's corner. */
function placeIn(element: HTMLElement | null, { clientX, clientY }: MouseEvent): Point {
  const box = element?.getBoundingClientRect();
  return { x: clientX - (box?.left ?? 0), y: clientY - (box?.top ?? 0) };
}

function isOn({ width, height }: Size, { x, y }: Point): boolean {
  return x >= 0 && y >= 0 && x < width && y < height;
}

/** On the middle of a pixel of the picture. */
function keepOn({ width, height }: Size, { x, y }: Point): Point {
  const keep = (value: number, length: number) => Math.min(Math.max(Math.floor(value), 0), length - 1) + 0.5;
  return { x: keep(x, width), y: keep(y, height) };
}
