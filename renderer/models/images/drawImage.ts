/** Puts the part of a image that a viewport shows on a canvas: enlarged pixel by pixel, reduced smoothly. */

import type { RasterImage } from './rasterImage.ts';
import { toPanePoint, toImagePoint, type Size, type Viewport } from './viewport.ts';

/** @param pane CSS pixels; the canvas gets as many more as the screen has. */
export function drawImage(
  canvas: HTMLCanvasElement,
  image: RasterImage | null,
  { view, pane }: { view: Viewport; pane: Size },
): void {
  const density = window.devicePixelRatio || 1;
  const context = clear(canvas, {
    width: Math.max(1, Math.round(pane.width * density)),
    height: Math.max(1, Math.round(pane.height * density)),
  });
  if (!context || !image) return;
  const isReduced = view.scale * density < 1;
  context.imageSmoothingEnabled = isReduced;
  context.imageSmoothingQuality = 'medium';
  // Whole pixels of the image, however little of them can be seen.
  const [first, end] = [
    toImagePoint(view, pane, { x: 0, y: 0 }),
    toImagePoint(view, pane, { x: pane.width, y: pane.height }),
  ];
  const left = Math.max(0, Math.floor(first.x));
  const top = Math.max(0, Math.floor(first.y));
  const right = Math.min(image.width, Math.ceil(end.x));
  const bottom = Math.min(image.height, Math.ceil(end.y));
  if (right <= left || bottom <= top) return;
  const start = toPanePoint(view, pane, { x: left, y: top });
  const stop = toPanePoint(view, pane, { x: right, y: bottom });
  const [x, y] = [Math.round(start.x * density), Math.round(start.y * density)];
  context.drawImage(
    image.source(),
    left,
    top,
    right - left,
    bottom - top,
    x,
    y,
    Math.max(1, Math.round(stop.x * density) - x),
    Math.max(1, Math.round(stop.y * density) - y),
  );
}

/** A canvas that keeps its size keeps its memory. */
function clear(canvas: HTMLCanvasElement, { width, height }: Size): CanvasRenderingContext2D | null {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext('2d');
  context?.clearRect(0, 0, width, height);
  return context;
}
