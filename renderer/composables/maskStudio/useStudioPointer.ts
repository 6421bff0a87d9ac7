/** Moves the pen and the view of the mask studio with the pointer and keys. */

import { computed, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue';
import {
  arrowSteps,
  pointerPosition,
  wheelZoom,
  toImagePoint,
  type Point,
  type Size,
} from '../../models/images/viewport.ts';
import type { UseViewportReturn } from '../images/useViewport.ts';
import type { UseStudioToolsReturn } from './useStudioTools.ts';

export interface StudioPointerOptions {
  readonly element: Ref<HTMLElement | null>;
  readonly image: Size;
  readonly pane: Readonly<Ref<Size>>;
  readonly tools: UseStudioToolsReturn;
  readonly viewport: UseViewportReturn;
}

export interface UseStudioPointerReturn {
  /** Position of the pen in image pixels; null if it is outside. */
  readonly cursor: Readonly<ShallowRef<Point | null>>;
  readonly isPanning: Readonly<Ref<boolean>>;
  /** Announcement of the cursor's position; empty while it is moved with a pointer. */
  readonly announcement: ComputedRef<string>;
  down(event: PointerEvent): void;
  move(event: PointerEvent): void;
  up(): void;
  leave(): void;
  wheel(event: WheelEvent): void;
  press(event: KeyboardEvent): void;
}

/** Screen pixels per arrow key press, at least one image pixel. */
const stepLength = 4;

export function useStudioPointer(options: StudioPointerOptions): UseStudioPointerReturn {
  const { tools, viewport, image } = options;
  const cursor = shallowRef<Point | null>(null);
  const usesKeys = ref(false);
  const announcement = computed(() => {
    if (!usesKeys.value || !cursor.value) return '';
    const position = `Column ${Math.floor(cursor.value.x)}, row ${Math.floor(cursor.value.y)}`;
    return tools.isDown.value ? `${position}, pen down` : position;
  });
  const pointer = createPointer(options, cursor, usesKeys);

  function step(direction: Point, factor: number) {
    const size = Math.max(1, Math.round(stepLength / viewport.view.value.scale)) * factor;
    const from = cursor.value ?? { x: image.width / 2, y: image.height / 2 };
    const to = toPixelCentre(image, { x: from.x + direction.x * size, y: from.y + direction.y * size });
    usesKeys.value = true;
    cursor.value = to;
    tools.move([to]);
    viewport.reveal(to);
  }

  function togglePen(isOpposite: boolean) {
    usesKeys.value = true;
    cursor.value ??= { x: image.width / 2, y: image.height / 2 };
    if (tools.isDown.value) tools.end();
    else tools.begin(cursor.value, isOpposite);
  }

  function press(event: KeyboardEvent) {
    if (event.ctrlKey || event.metaKey) return;
    const direction = arrowSteps[event.key];
    if (direction) step(direction, event.shiftKey ? 10 : 1);
    else if (event.key === ' ' || event.key === 'Enter') togglePen(event.altKey);
    else if (event.key === 'Escape' && tools.isDown.value) tools.cancel();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return { cursor, announcement, press, ...pointer };
}

function createPointer(
  { element, pane, image, tools, viewport }: StudioPointerOptions,
  cursor: ShallowRef<Point | null>,
  usesKeys: Ref<boolean>,
) {
  const isPanning = ref(false);
  let last: Point = { x: 0, y: 0 };

  const positionOf = (event: MouseEvent) => pointerPosition(element.value, event);
  const imagePointOf = (event: MouseEvent) =>
    toImagePoint(viewport.view.value, pane.value, positionOf(event));
  return {
    isPanning,
    down(event: PointerEvent) {
      isPanning.value = event.button === 1 || (event.button === 0 && tools.tool.value === 'hand');
      last = positionOf(event);
      if (event.button > 1) return;
      element.value?.setPointerCapture(event.pointerId);
      if (!isPanning.value) tools.begin(imagePointOf(event), event.altKey);
      if (event.button === 1) event.preventDefault();
    },
    move(event: PointerEvent) {
      usesKeys.value = false;
      const position = positionOf(event);
      if (isPanning.value) viewport.pan({ x: position.x - last.x, y: position.y - last.y });
      last = position;
      const point = imagePointOf(event);
      cursor.value = isInside(image, point) || tools.isDown.value ? point : null;
      if (!tools.isDown.value) return;
      // A fast pointer moves several times per frame.
      const moves = event.getCoalescedEvents();
      tools.move((moves.length > 0 ? moves : [event]).map(imagePointOf));
    },
    up() {
      isPanning.value = false;
      tools.end();
    },
    leave() {
      if (!usesKeys.value && !tools.isDown.value) cursor.value = null;
    },
    wheel(event: WheelEvent) {
      const factor = wheelZoom(event, viewport.isFitted.value);
      if (factor === null) return;
      event.preventDefault();
      viewport.zoom(positionOf(event), factor);
    },
  };
}

function isInside({ width, height }: Size, { x, y }: Point): boolean {
  return x >= 0 && y >= 0 && x < width && y < height;
}

/** Moves a point to the centre of the nearest pixel of the image. */
function toPixelCentre({ width, height }: Size, { x, y }: Point): Point {
  const clamp = (value: number, length: number) => Math.min(Math.max(Math.floor(value), 0), length - 1) + 0.5;
  return { x: clamp(x, width), y: clamp(y, height) };
}
