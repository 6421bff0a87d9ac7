/** Which part of a image a pane shows, and how large. */

/** `scale`: screen pixels a image pixel; `x`, `y`: the image's point at the pane's centre, in image pixels. */
export interface Viewport {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

const largestScale = 128;

/** The whole image, as large as the pane allows. */
export function fitImage(image: Size, pane: Size): Viewport {
  return {
    scale: fittingScale(image, pane),
    x: image.width / 2,
    y: image.height / 2,
  };
}

/** The same, with one image pixel on a whole number of screen pixels where the pane is large enough. */
function fittingScale(image: Size, pane: Size): number {
  const scale = Math.min(pane.width / image.width, pane.height / image.height);
  return scale >= 1 ? Math.floor(scale) : Math.max(scale, 1 / 64);
}

/** Where a point of the pane lies in the image. */
export function toImagePoint(view: Viewport, pane: Size, point: Point): Point {
  return {
    x: view.x + (point.x - pane.width / 2) / view.scale,
    y: view.y + (point.y - pane.height / 2) / view.scale,
  };
}

/** Where a point of the image lies in the pane. */
export function toPanePoint(view: Viewport, pane: Size, point: Point): Point {
  return {
    x: pane.width / 2 + (point.x - view.x) * view.scale,
    y: pane.height / 2 + (point.y - view.y) * view.scale,
  };
}

/** Zooms by `factor`; the image's point under `at` (in the pane) stays where it is, as far as the edges allow. */
export function zoomAt(
  view: Viewport,
  { image, pane, at, factor }: { image: Size; pane: Size; at: Point; factor: number },
): Viewport {
  const smallest = fittingScale(image, pane);
  const scale = Math.min(Math.max(view.scale * factor, smallest), Math.max(largestScale, smallest));
  const fixed = toImagePoint(view, pane, at);
  const moved = {
    scale,
    x: fixed.x - (at.x - pane.width / 2) / scale,
    y: fixed.y - (at.y - pane.height / 2) / scale,
  };
  return keepInside(moved, image, pane);
}

/** Moves the image by screen pixels. */
export function panBy(view: Viewport, by: Point, { image, pane }: { image: Size; pane: Size }): Viewport {
  return keepInside(
    { scale: view.scale, x: view.x - by.x / view.scale, y: view.y - by.y / view.scale },
    image,
    pane,
  );
}

/** No empty ground where the image could be; a image smaller than the pane stays in its middle. */
export function keepInside(view: Viewport, image: Size, pane: Size): Viewport {
  return {
    scale: view.scale,
    x: keepAxis(view.x, image.width, pane.width / view.scale),
    y: keepAxis(view.y, image.height, pane.height / view.scale),
  };
}

function keepAxis(centre: number, length: number, shown: number): number {
  if (shown >= length) return length / 2;
  return Math.min(Math.max(centre, shown / 2), length - shown / 2);
}
