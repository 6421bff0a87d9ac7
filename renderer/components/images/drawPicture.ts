/** Puts a picture on a canvas, pixel by pixel, as a viewport shows it. */

import type { Picture } from './picture.ts';
import { toPane, type Size, type Viewport } from './viewport.ts';

/** A picture is turned into something that can be drawn once, however often it is drawn. */
const sources = new WeakMap<Picture, OffscreenCanvas>();

/** @param pane CSS pixels; the canvas gets as many more as the screen has. */
export function drawPicture(
  canvas: HTMLCanvasElement,
  picture: Picture | null,
  { view, pane }: { view: Viewport; pane: Size },
): void {
  const density = window.devicePixelRatio || 1;
  canvas.width = Math.max(1, Math.round(pane.width * density));
  canvas.height = Math.max(1, Math.round(pane.height * density));
  const context = canvas.getContext('2d');
  if (!context || !picture) return;
  context.imageSmoothingEnabled = false;
  const start = toPane(view, pane, { x: 0, y: 0 });
  context.drawImage(
    toSource(picture),
    Math.round(start.x * density),
    Math.round(start.y * density),
    Math.round(picture.width * view.scale * density),
    Math.round(picture.height * view.scale * density),
  );
}

/** The picture as something that `drawImage` takes. */
export function toSource(picture: Picture): OffscreenCanvas {
  const known = sources.get(picture);
  if (known) return known;
  const source = new OffscreenCanvas(picture.width, picture.height);
  const image = new ImageData(new Uint8ClampedArray(picture.pixels), picture.width, picture.height);
  source.getContext('2d')?.putImageData(image, 0, 0);
  sources.set(picture, source);
  return source;
}
