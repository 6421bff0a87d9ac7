/** Puts the part of a picture that a viewport shows on a canvas: enlarged pixel by pixel, reduced smoothly. */

import type { Picture } from './picture.ts';
import { toPane, toPicture, type Size, type Viewport } from './viewport.ts';

/** @param pane CSS pixels; the canvas gets as many more as the screen has. */
export function drawPicture(
  canvas: HTMLCanvasElement,
  picture: Picture | null,
  { view, pane }: { view: Viewport; pane: Size },
): void {
  const density = window.devicePixelRatio || 1;
  const context = clear(canvas, {
    width: Math.max(1, Math.round(pane.width * density)),
    height: Math.max(1, Math.round(pane.height * density)),
  });
  if (!context || !picture) return;
  const isReduced = view.scale * density < 1;
  context.imageSmoothingEnabled = isReduced;
  context.imageSmoothingQuality = 'medium';
  // Whole pixels of the picture, however little of them can be seen.
  const [first, end] = [
    toPicture(view, pane, { x: 0, y: 0 }),
    toPicture(view, pane, { x: pane.width, y: pane.height }),
  ];
  const left = Math.max(0, Math.floor(first.x));
  const top = Math.max(0, Math.floor(first.y));
  const right = Math.min(picture.width, Math.ceil(end.x));
  const bottom = Math.min(picture.height, Math.ceil(end.y));
  if (right <= left || bottom <= top) return;
  const start = toPane(view, pane, { x: left, y: top });
  const stop = toPane(view, pane, { x: right, y: bottom });
  const [x, y] = [Math.round(start.x * density), Math.round(start.y * density)];
  context.drawImage(
    picture.source(),
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
