/**
 * Draws a mask as a dark striped veil over the hidden pixels; where each channel has its own mask, as colours to multiply the
 * image with, which leave the known channels.
 */

import { screenSize, type ScreenView } from '../images/viewport.ts';
import type { Mask } from '../../../shared/images/mask.ts';
import type { MaskArea } from './maskShapes.ts';

/** Colours of the veil and its stripes as 0xBBGGRR, visible on black and on white images. */
const veil = 0x1a1410;
const stripe = 0x75665c;
/** Alpha over hidden pixels. */
const strength = 214;
/** Distance and width of the stripes, CSS pixels. */
const period = 9;
const stripeWidth = 2;
/** If a screen pixel covers several mask pixels, at most this many are sampled per direction. */
const mostSamples = 4;

/** Returns the screen pixels that an area of the image covers. */
export function toScreenArea(area: MaskArea, screen: ScreenView): MaskArea {
  const { scale, start } = measure(screen);
  const { width, height } = screenSize(screen);
  return {
    left: Math.max(0, Math.floor(start.x + area.left * scale) - 1),
    top: Math.max(0, Math.floor(start.y + area.top * scale) - 1),
    right: Math.min(width, Math.ceil(start.x + area.right * scale) + 1),
    bottom: Math.min(height, Math.ceil(start.y + area.bottom * scale) + 1),
  };
}

/**
 * Returns the RGBA of the screen pixels in `area`; pixels outside the image are transparent. Opaque, to be multiplied with the
 * image, for a mask of three channels.
 */
export function drawVeil(mask: Mask, screen: ScreenView, area: MaskArea): Uint8ClampedArray<ArrayBuffer> {
  const { scale, start } = measure(screen);
  const columns = findSamples(mask.width, { scale, start: start.x, first: area.left, end: area.right });
  const rows = findSamples(mask.height, { scale, start: start.y, first: area.top, end: area.bottom });
  const wide = area.right - area.left;
  const colours = new Uint32Array(wide * (area.bottom - area.top));
  const gap = Math.round(period * screen.density);
  const width = Math.round(stripeWidth * screen.density);
  for (let row = rows.low; row < rows.high; row++) {
    for (let column = columns.low; column < columns.high; column++) {
      const place = { rows, row, columns, column };
      const striped = (area.left + column + area.top + row) % gap < width ? stripe : veil;
      if (mask.channels === 3) {
        colours[row * wide + column] = (255 << 24) | (multiplierOf(mask, place) || striped);
        continue;
      }
      const hidden = 1 - knownFraction(mask, place, 0);
      if (hidden > 0) colours[row * wide + column] = ((hidden * strength) << 24) | striped;
    }
  }
  return new Uint8ClampedArray(colours.buffer);
}

/** Returns the screen pixels per image pixel and the image's origin on the screen. */
function measure({ view, pane, density }: ScreenView) {
  const scale = view.scale * density;
  return {
    scale,
    start: {
      x: Math.round((pane.width * density) / 2 - view.x * scale),
      y: Math.round((pane.height * density) / 2 - view.y * scale),
    },
  };
}

/** Mask pixels that are sampled for each screen pixel along one axis. */
interface Samples {
  /** Screen pixels from `low` to `high` (exclusive) are inside the image. */
  readonly low: number;
  readonly high: number;
  /** Samples per screen pixel. */
  readonly count: number;
  /** Sampled mask pixels, `count` per screen pixel. */
  readonly positions: Int32Array;
}

function findSamples(
  length: number,
  { scale, start, first, end }: { scale: number; start: number; first: number; end: number },
): Samples {
  const count = Math.min(mostSamples, Math.max(1, Math.ceil(1 / scale)));
  const positions = new Int32Array(count * (end - first));
  for (let index = 0; index < positions.length; index++) {
    const at = (first + (index + 0.5) / count - start) / scale;
    positions[index] = Math.min(Math.max(Math.floor(at), 0), length - 1);
  }
  const keep = (value: number) => Math.min(Math.max(value, 0), end - first);
  return {
    low: keep(start - first),
    high: keep(Math.ceil(start + length * scale) - first),
    count,
    positions,
  };
}

interface ScreenPixel {
  readonly rows: Samples;
  readonly row: number;
  readonly columns: Samples;
  readonly column: number;
}

function knownFraction(
  { bits, channels, width }: Mask,
  { rows, row, columns, column }: ScreenPixel,
  channel: number,
): number {
  const firstRow = row * rows.count;
  const firstColumn = column * columns.count;
  let known = 0;
  for (let down = 0; down < rows.count; down++) {
    const line = rows.positions[firstRow + down] * width;
    for (let right = 0; right < columns.count; right++)
      known += bits[(line + columns.positions[firstColumn + right]) * channels + channel];
  }
  return known / (rows.count * columns.count);
}

/** Returns the known fraction of each channel as 0xBBGGRR; 0 where nothing is known. */
function multiplierOf(mask: Mask, place: ScreenPixel): number {
  const byte = (channel: number) => Math.round(255 * knownFraction(mask, place, channel));
  return (byte(2) << 16) | (byte(1) << 8) | byte(0);
}
