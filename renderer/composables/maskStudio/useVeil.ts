/** Keeps a canvas showing a mask: all of it after the view changed, else only where pixels did, once a frame. */

import { onScopeDispose, watch, type Ref } from 'vue';
import type { MaskEditor } from '../../stores/maskEditor.ts';
import { isEmpty, joinAreas, wholeArea, type Area } from '../../models/maskStudio/maskShapes.ts';
import { drawVeil, screenSize, toScreenArea, type VeilPlace } from '../../models/maskStudio/maskVeil.ts';

export interface VeilOptions {
  readonly canvas: Ref<HTMLCanvasElement | null>;
  readonly editor: MaskEditor;
  place(): VeilPlace;
}

export function useVeil({ canvas, editor, place }: VeilOptions): void {
  /** In picture pixels: what waits to be drawn. */
  let waiting: Area | null = null;
  let frame = 0;

  function draw() {
    frame = 0;
    const element = canvas.value;
    const area = waiting;
    if (!element || !area) return;
    waiting = null;
    fitCanvas(element, place());
    drawArea(element, toScreenArea(area, place()));
  }
  function drawArea(element: HTMLCanvasElement, area: Area) {
    if (isEmpty(area)) return;
    const rgba = drawVeil(editor.mask, place(), area);
    const image = new ImageData(rgba, area.right - area.left, area.bottom - area.top);
    element.getContext('2d', { willReadFrequently: true })?.putImageData(image, area.left, area.top);
  }
  function need(area: Area) {
    waiting = joinAreas(waiting, area);
    frame ||= requestAnimationFrame(draw);
  }

  const stop = editor.onChange(need);
  watch(
    place,
    () => {
      const context = canvas.value?.getContext('2d', { willReadFrequently: true });
      context?.clearRect(0, 0, context.canvas.width, context.canvas.height);
      need(wholeArea(editor.mask));
    },
    { flush: 'post', immediate: true },
  );
  onScopeDispose(() => {
    stop();
    cancelAnimationFrame(frame);
  });
}

/** Setting a canvas's size empties it: only where it changed. */
export function fitCanvas(canvas: HTMLCanvasElement, place: VeilPlace): void {
  const { width, height } = screenSize(place);
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}
