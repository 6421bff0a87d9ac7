/** The two canvases of the mask studio: the image, and the veil over its hidden pixels. */

import { onScopeDispose, watch, type Ref } from 'vue';
import { fitCanvas, toPanePoint, type ScreenView } from '../../models/images/viewport.ts';
import { isEmpty, joinAreas, wholeArea, type MaskArea } from '../../models/maskStudio/maskShapes.ts';
import { drawVeil, toScreenArea } from '../../models/maskStudio/maskVeil.ts';
import type { MaskEditor } from '../../stores/inpainting/maskEditor.ts';

export interface MaskLayerOptions {
  readonly image: Ref<HTMLCanvasElement | null>;
  readonly veil: Ref<HTMLCanvasElement | null>;
  readonly bitmap: ImageBitmap;
  readonly editor: MaskEditor;
  screen(): ScreenView;
}

/** Keeps both canvases up to date. After an edit only the changed part of the veil is drawn, once per frame. */
export function useMaskLayers(options: MaskLayerOptions): void {
  useImageLayer(options);
  useVeilLayer(options);
}

function useImageLayer({ image, bitmap, screen }: MaskLayerOptions): void {
  const mipmap = createMipmap(bitmap, draw);

  function draw() {
    const canvas = image.value;
    const context = canvas?.getContext('2d');
    if (!canvas || !context) return;
    const { view, pane, density } = screen();
    fitCanvas(canvas, { pane, density });
    const start = toPanePoint(view, pane, { x: 0, y: 0 });
    const scale = view.scale * density;
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.imageSmoothingEnabled = scale < 1;
    context.drawImage(
      mipmap.at(scale),
      Math.round(start.x * density),
      Math.round(start.y * density),
      Math.round(bitmap.width * scale),
      Math.round(bitmap.height * scale),
    );
  }

  watch(screen, draw, { flush: 'post', immediate: true });
  onScopeDispose(mipmap.close);
}

function useVeilLayer({ veil, editor, screen }: MaskLayerOptions): void {
  /** Area of the mask that has to be drawn. */
  let pending: MaskArea | null = null;
  let frame = 0;

  function draw() {
    frame = 0;
    const canvas = veil.value;
    const area = pending;
    if (!canvas || !area) return;
    pending = null;
    fitCanvas(canvas, screen());
    drawArea(canvas, toScreenArea(area, screen()));
  }

  function drawArea(canvas: HTMLCanvasElement, area: MaskArea) {
    if (isEmpty(area)) return;
    const context = canvas.getContext('2d', { willReadFrequently: true });
    const [width, height] = [area.right - area.left, area.bottom - area.top];
    const { known, total } = editor.state.value;
    // Nothing is hidden, as in a photograph that was just opened: looking at every pixel would take longer than a frame.
    if (known === total) return void context?.clearRect(area.left, area.top, width, height);
    const pixels = new ImageData(drawVeil(editor.mask, screen(), area), width, height);
    context?.putImageData(pixels, area.left, area.top);
  }

  function schedule(area: MaskArea) {
    pending = joinAreas(pending, area);
    frame ||= requestAnimationFrame(draw);
  }

  function redraw() {
    const context = veil.value?.getContext('2d', { willReadFrequently: true });
    context?.clearRect(0, 0, context.canvas.width, context.canvas.height);
    schedule(wholeArea(editor.mask));
  }

  const unsubscribe = editor.onChange(schedule);
  watch(screen, redraw, { flush: 'post', immediate: true });
  onScopeDispose(() => {
    unsubscribe();
    cancelAnimationFrame(frame);
  });
}

interface Mipmap {
  /** Returns the smallest level that is not enlarged at a scale in screen pixels per image pixel. */
  at(scale: number): ImageBitmap;
  close(): void;
}

/** Images with a side below this are fast to draw at any scale. */
const smallestSide = 1024;

/**
 * Creates smaller copies of a large bitmap, each half the size of the last, so that it is drawn fast at small scales.
 * @param onLevel Called when another level is available.
 */
function createMipmap(bitmap: ImageBitmap, onLevel: () => void): Mipmap {
  const levels = [bitmap];
  let isClosed = false;

  async function addLevels() {
    const last = levels[levels.length - 1];
    if (Math.max(last.width, last.height) < 2 * smallestSide) return;
    const half = await createImageBitmap(last, {
      resizeWidth: Math.ceil(last.width / 2),
      resizeHeight: Math.ceil(last.height / 2),
      resizeQuality: 'medium',
    });
    if (isClosed) return half.close();
    levels.push(half);
    onLevel();
    await addLevels();
  }

  // Without further levels, the bitmap itself is drawn.
  void addLevels().catch(() => undefined);
  return {
    at: (scale) => levels.findLast(({ width }) => width >= bitmap.width * Math.min(scale, 1)) ?? bitmap,
    close() {
      isClosed = true;
      // The bitmap belongs to the caller.
      for (const level of levels.slice(1)) level.close();
    },
  };
}
