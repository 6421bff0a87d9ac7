/** How a mask is shown: known pixels as they are, hidden ones below a dark veil with stripes. */

import type { Size, Viewport } from '../images/viewport.ts';
import type { Area, MaskPixels } from './maskShapes.ts';

export interface VeilPlace {
  readonly view: Viewport;
  /** CSS pixels. */
  readonly pane: Size;
  /** Screen pixels a CSS pixel. */
  readonly density: number;
}

/** The veil and its stripes, as 0xBBGGRR: seen on black and on white pictures, and quiet among scattered pixels. */
const veil = 0x1a1410;
const stripe = 0x75665c;
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
  const colours = new Uint32Array(wide * (area.bottom - area.top));
  const [gap, width] = [Math.round(period * place.density), Math.round(stripeWidth * place.density)];
  for (let row = rows.low; row < rows.high; row++) {
    for (let column = columns.low; column < columns.high; column++) {
      const hidden = hiddenShare(mask, { rows, row, columns, column });
      if (hidden === 0) continue;
      const colour = (area.left + column + area.top + row) % gap < width ? stripe : veil;
      colours[row * wide + column] = ((hidden * strength) << 24) | colour;
    }
  }
  return new Uint8ClampedArray(colours.buffer);
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

/** The picture's pixels that are looked at for each screen pixel of a line. */
interface Looks {
  /** Screen pixels from `low` to before `high` lie in the picture. */
  readonly low: number;
  readonly high: number;
  /** Looks a screen pixel. */
  readonly count: number;
  /** `count` places a screen pixel. */
  readonly places: Int32Array;
}

function findLooks(
  length: number,
  { scale, start, first, end }: { scale: number; start: number; first: number; end: number },
): Looks {
  const count = Math.min(mostLooks, Math.max(1, Math.ceil(1 / scale)));
  const places = new Int32Array(count * (end - first));
  for (let index = 0; index < places.length; index++) {
    const at = (first + (index + 0.5) / count - start) / scale;
    places[index] = Math.min(Math.max(Math.floor(at), 0), length - 1);
  }
  const keep = (value: number) => Math.min(Math.max(value, 0), end - first);
  return { low: keep(start - first), high: keep(Math.ceil(start + length * scale) - first), count, places };
}

interface Place {
  readonly rows: Looks;
  readonly row: number;
  readonly columns: Looks;
  readonly column: number;
}

function hiddenShare({ bytes, width }: MaskPixels, { rows, row, columns, column }: Place): number {
  const [firstRow, firstColumn] = [row * rows.count, column * columns.count];
  let known = 0;
  for (let down = 0; down < rows.count; down++) {
    const line = rows.places[firstRow + down] * width;
    for (let right = 0; right < columns.count; right++)
      known += bytes[line + columns.places[firstColumn + right]];
  }
  return 1 - known / (rows.count * columns.count);
}
