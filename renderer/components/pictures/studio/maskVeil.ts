/** How a mask is shown: known pixels as they are, hidden ones below a dark veil with stripes. */

import type { Size, Viewport } from '../../images/viewport.ts';
import type { Area, MaskPixels } from './maskShapes.ts';

export interface VeilPlace {
  readonly view: Viewport;
  /** CSS pixels. */
  readonly pane: Size;
  /** Screen pixels a CSS pixel. */
  readonly density: number;
}

/** RGB of the veil, RGB of its stripes. Both are told from black and from white pictures. */
const veil = [16, 20, 26] as const;
const stripe = [140, 150, 164] as const;
const strength = 214;
/** CSS pixels from one stripe to the next, and a stripe's width. */
const period = 9;
const stripeWidth = 2;
/** Where several pixels fall on one of the screen, at most so many in each direction are looked at. */
const mostLooks = 4;

/** The screen pixels that a rectangle of the picture takes. */
export function toScreenArea(area: Area, place: VeilPlace): Area {
  const { scale, start } = measure(place);
  const { width, height } = screenSize(place);
  return {
    left: Math.max(0, Math.floor(start.x + area.left * scale) - 1),
    top: Math.max(0, Math.floor(start.y + area.top * scale) - 1),
    right: Math.min(width, Math.ceil(start.x + area.right * scale) + 1),
    bottom: Math.min(height, Math.ceil(start.y + area.bottom * scale) + 1),
  };
}

export function screenSize({ pane, density }: VeilPlace): Size {
  return {
    width: Math.max(1, Math.round(pane.width * density)),
    height: Math.max(1, Math.round(pane.height * density)),
  };
}

/** RGBA of the screen pixels in `area`; outside the picture they are transparent. */
export function drawVeil(mask: MaskPixels, place: VeilPlace, area: Area): Uint8ClampedArray<ArrayBuffer> {
  const { scale, start } = measure(place);
  const columns = findLooks(mask.width, { scale, start: start.x, first: area.left, end: area.right });
  const rows = findLooks(mask.height, { scale, start: start.y, first: area.top, end: area.bottom });
  const wide = area.right - area.left;
  const rgba = new Uint8ClampedArray(wide * (area.bottom - area.top) * 4);
  const [gap, width] = [Math.round(period * place.density), Math.round(stripeWidth * place.density)];
  for (let row = 0; row < rows.length; row++) {
    if (rows[row].length === 0) continue;
    for (let column = 0; column < wide; column++) {
      const hidden = hiddenShare(mask, rows[row], columns[column]);
      if (hidden === 0) continue;
      const at = 4 * (row * wide + column);
      const colour = (area.left + column + area.top + row) % gap < width ? stripe : veil;
      rgba[at] = colour[0];
      rgba[at + 1] = colour[1];
      rgba[at + 2] = colour[2];
      rgba[at + 3] = hidden * strength;
    }
  }
  return rgba;
}

/** Screen pixels a picture pixel, and where the picture begins. */
function measure({ view, pane, density }: VeilPlace) {
  const scale = view.scale * density;
  return {
    scale,
    start: {
      x: Math.round((pane.width * density) / 2 - view.x * scale),
      y: Math.round((pane.height * density) / 2 - view.y * scale),
    },
  };
}

/** For each screen pixel of a line the picture's pixels that are looked at; none outside the picture. */
function findLooks(
  length: number,
  { scale, start, first, end }: { scale: number; start: number; first: number; end: number },
): Int32Array[] {
  const looks = Math.min(mostLooks, Math.max(1, Math.ceil(1 / scale)));
  return Array.from({ length: end - first }, (_, index) => {
    const from = (first + index - start) / scale;
    if (from + 1 / scale <= 0 || from >= length) return none;
    return Int32Array.from({ length: looks }, (_look, look) => {
      const at = Math.floor(from + (look + 0.5) / (scale * looks));
      return Math.min(Math.max(at, 0), length - 1);
    });
  });
}

const none = new Int32Array(0);

function hiddenShare({ bytes, width }: MaskPixels, rows: Int32Array, columns: Int32Array): number {
  if (columns.length === 0) return 0;
  let known = 0;
  for (const row of rows) for (const column of columns) known += bytes[row * width + column];
  return 1 - known / (rows.length * columns.length);
}
