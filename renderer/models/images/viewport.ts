/** Which part of a picture a pane shows, and how large. */

/** `scale`: screen pixels a picture pixel; `x`, `y`: the picture's point at the pane's centre, in picture pixels. */
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

/** The whole picture, as large as the pane allows. */
export function fitPicture(picture: Size, pane: Size): Viewport {
  return {
    scale: fittingScale(picture, pane),
    x: picture.width / 2,
    y: picture.height / 2,
  };
}

/** The same, with one picture pixel on a whole number of screen pixels where the pane is large enough. */
function fittingScale(picture: Size, pane: Size): number {
  const scale = Math.min(pane.width / picture.width, pane.height / picture.height);
  return scale >= 1 ? Math.floor(scale) : Math.max(scale, 1 / 64);
}

/** Where a point of the pane lies in the picture. */
export function toPicture(view: Viewport, pane: Size, point: Point): Point {
  return {
    x: view.x + (point.x - pane.width / 2) / view.scale,
    y: view.y + (point.y - pane.height / 2) / view.scale,
  };
}

/** Where a point of the picture lies in the pane. */
export function toPane(view: Viewport, pane: Size, point: Point): Point {
  return {
    x: pane.width / 2 + (point.x - view.x) * view.scale,
    y: pane.height / 2 + (point.y - view.y) * view.scale,
  };
}

/** Zooms by `factor`; the picture's point under `at` (in the pane) stays where it is, as far as the edges allow. */
export function zoomAt(
  view: Viewport,
  { picture, pane, at, factor }: { picture: Size; pane: Size; at: Point; factor: number },
): Viewport {
  const smallest = fittingScale(picture, pane);
  const scale = Math.min(Math.max(view.scale * factor, smallest), Math.max(largestScale, smallest));
  const fixed = toPicture(view, pane, at);
  const moved = {
    scale,
    x: fixed.x - (at.x - pane.width / 2) / scale,
    y: fixed.y - (at.y - pane.height / 2) / scale,
  };
  return keepInside(moved, picture, pane);
}

/** Moves the picture by screen pixels. */
export function panBy(view: Viewport, by: Point, { picture, pane }: { picture: Size; pane: Size }): Viewport {
  return keepInside(
    { scale: view.scale, x: view.x - by.x / view.scale, y: view.y - by.y / view.scale },
    picture,
    pane,
  );
}

/** No empty ground where the picture could be; a picture smaller than the pane stays in its middle. */
export function keepInside(view: Viewport, picture: Size, pane: Size): Viewport {
  return {
    scale: view.scale,
    x: keepAxis(view.x, picture.width, pane.width / view.scale),
    y: keepAxis(view.y, picture.height, pane.height / view.scale),
  };
}

function keepAxis(centre: number, length: number, shown: number): number {
  if (shown >= length) return length / 2;
  return Math.min(Math.max(centre, shown / 2), length - shown / 2);
}
