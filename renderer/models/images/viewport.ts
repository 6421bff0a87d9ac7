/** The geometry of image panes: which region of an image a pane shows, and how large. */

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The region of an image that a pane shows. */
export interface Viewport {
  /** CSS pixels per image pixel. */
  readonly scale: number;
  /** Point of the image at the centre of the pane, in image pixels. */
  readonly x: number;
  readonly y: number;
}

/** A viewport on a pane with the size and pixel density of the screen. */
export interface ScreenView {
  readonly view: Viewport;
  /** CSS pixels. */
  readonly pane: Size;
  /** Screen pixels per CSS pixel. */
  readonly density: number;
}

const largestScale = 128;

/** Directions of the arrow keys. */
export const arrowSteps: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/**
 * Returns the viewport that shows the whole image.
 * @param isExact As large as the pane allows; by default at a whole number of screen pixels per pixel where it is enlarged.
 */
export function fitImage(image: Size, pane: Size, isExact = false): Viewport {
  return { scale: fittingScale(image, pane, isExact), x: image.width / 2, y: image.height / 2 };
}

/** Fraction of the pane that a whole number of screen pixels per pixel must use. */
const leastUse = 0.8;

/** Returns the scale of a fitted image: a whole number if it is enlarged, unless it is exact or too much room would be lost. */
function fittingScale(image: Size, pane: Size, isExact: boolean): number {
  const scale = Math.min(pane.width / image.width, pane.height / image.height);
  const whole = Math.floor(scale);
  return !isExact && whole >= leastUse * scale ? whole : Math.max(scale, 1 / 64);
}

/** Converts a point of the pane to image coordinates. */
export function toImagePoint(view: Viewport, pane: Size, point: Point): Point {
  return {
    x: view.x + (point.x - pane.width / 2) / view.scale,
    y: view.y + (point.y - pane.height / 2) / view.scale,
  };
}

/** Converts a point of the image to pane coordinates. */
export function toPanePoint(view: Viewport, pane: Size, point: Point): Point {
  return {
    x: pane.width / 2 + (point.x - view.x) * view.scale,
    y: pane.height / 2 + (point.y - view.y) * view.scale,
  };
}

/**
 * Returns the factor by which a turn of the wheel zooms; null if it scrolls the page instead: an image that is shown whole is
 * zoomed only with Ctrl, which is also what a pinch on a touchpad sends.
 */
export function wheelZoom(
  { deltaY, ctrlKey, metaKey }: Pick<WheelEvent, 'deltaY' | 'ctrlKey' | 'metaKey'>,
  isFitted: boolean,
): number | null {
  if (deltaY === 0 || (isFitted && !ctrlKey && !metaKey)) return null;
  return deltaY < 0 ? 1.25 : 0.8;
}

/** Zooms by `factor`. The image point at the pane point `at` keeps its position as far as the edges allow. */
export function zoomAt(
  view: Viewport,
  {
    image,
    pane,
    at,
    factor,
    isExact = false,
  }: { image: Size; pane: Size; at: Point; factor: number; isExact?: boolean },
): Viewport {
  const smallest = fittingScale(image, pane, isExact);
  const scale = Math.min(Math.max(view.scale * factor, smallest), Math.max(largestScale, smallest));
  const fixed = toImagePoint(view, pane, at);
  const moved = {
    scale,
    x: fixed.x - (at.x - pane.width / 2) / scale,
    y: fixed.y - (at.y - pane.height / 2) / scale,
  };
  return keepInside(moved, image, pane);
}

/** Moves the image by CSS pixels. */
export function panBy(view: Viewport, by: Point, { image, pane }: { image: Size; pane: Size }): Viewport {
  const moved = { scale: view.scale, x: view.x - by.x / view.scale, y: view.y - by.y / view.scale };
  return keepInside(moved, image, pane);
}

/** Moves a viewport so that the image fills the pane; an image smaller than the pane is centred. */
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

/** Height of the caption above a pane and the gap between panes, CSS pixels. */
const captionHeight = 24;
const gap = 8;

/** Returns the number of grid columns that makes `panes` panes of one image size as large as possible. */
export function countColumns(panes: number, image: Size, available: Size): number {
  const scaleOf = (columns: number) => {
    const rows = Math.ceil(panes / columns);
    const width = (available.width - (columns - 1) * gap) / columns;
    const height = (available.height - (rows - 1) * gap) / rows - captionHeight;
    return Math.min(width / image.width, height / image.height);
  };
  const candidates = Array.from({ length: Math.max(1, panes) }, (_, index) => index + 1);
  return candidates.reduce((best, columns) => (scaleOf(columns) > scaleOf(best) ? columns : best));
}

/** Returns the size of a pane in screen pixels. */
export function screenSize({ pane, density }: Pick<ScreenView, 'pane' | 'density'>): Size {
  return {
    width: Math.max(1, Math.round(pane.width * density)),
    height: Math.max(1, Math.round(pane.height * density)),
  };
}

/** Gives a canvas the screen pixels of its pane. Assigning a size clears a canvas, so an equal one is not assigned. */
export function fitCanvas(canvas: HTMLCanvasElement, view: Pick<ScreenView, 'pane' | 'density'>): void {
  const { width, height } = screenSize(view);
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}

/** Returns the position of a pointer event in CSS pixels from the element's top left corner. */
export function pointerPosition(element: HTMLElement | null, event: MouseEvent): Point {
  const box = element?.getBoundingClientRect();
  return { x: event.clientX - (box?.left ?? 0), y: event.clientY - (box?.top ?? 0) };
}
