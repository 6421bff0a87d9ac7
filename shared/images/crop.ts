/** Parts of images. */

/** A rectangle of an image, in pixels. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Returns the values of an area of an image with this width and number of channels. */
export function cropValues<Values extends Float32Array | Uint8Array>(
  values: Values,
  of: { width: number; channels: number },
  { x, y, width, height }: Area,
): Values {
  const row = width * of.channels;
  // Not `slice`, with which a Buffer, as images arrive from another process, would share its memory.
  const length = height * row;
  const cropped = (
    values instanceof Float32Array ? new Float32Array(length) : new Uint8Array(length)
  ) as Values;
  for (let line = 0; line < height; line++) {
    const from = ((y + line) * of.width + x) * of.channels;
    cropped.set(values.subarray(from, from + row), line * row);
  }
  return cropped;
}
