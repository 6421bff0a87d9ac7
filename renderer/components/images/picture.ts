/** A decoded picture and the ones cut out of a preview. */

/** 8-bit RGBA, row-major; alpha is 255 throughout. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8ClampedArray;
}

/** One row of a preview. */
export interface PreviewRow {
  readonly truth: Picture;
  /** Grey 128 where a pixel is not observed. */
  readonly observed: Picture;
  readonly result: Picture;
}

const columns = 3;
const grey = 128;

/**
 * Cuts a preview (rows of truth / observed / result, square pictures) apart.
 * @throws Error when its size does not fit that form.
 */
export function splitRows(preview: Picture): PreviewRow[] {
  const side = preview.width / columns;
  if (!Number.isInteger(side) || side < 1 || preview.height % side !== 0 || preview.height === 0) {
    throw new Error(
      `A preview of ${preview.width}×${preview.height} pixels found, three square pictures a row expected. It was written by another program.`,
    );
  }
  return Array.from({ length: preview.height / side }, (_, row) => {
    const at = (column: number) => crop(preview, { x: column * side, y: row * side, side });
    return { truth: at(0), observed: at(1), result: at(2) };
  });
}

function crop(from: Picture, { x, y, side }: { x: number; y: number; side: number }): Picture {
  const pixels = new Uint8ClampedArray(side * side * 4);
  for (let row = 0; row < side; row++) {
    const start = ((y + row) * from.width + x) * 4;
    pixels.set(from.pixels.subarray(start, start + side * 4), row * side * 4);
  }
  return { width: side, height: side, pixels };
}

/** The three bytes of a pixel. */
export function readPixel(picture: Picture, x: number, y: number): readonly [number, number, number] {
  const at = (y * picture.width + x) * 4;
  return [picture.pixels[at], picture.pixels[at + 1], picture.pixels[at + 2]];
}

/** Whether a pixel was given to the network. One that happens to be the grey of the unobserved counts by its truth. */
export function isObserved({ truth, observed }: PreviewRow, x: number, y: number): boolean {
  const found = readPixel(observed, x, y);
  return found.some((byte) => byte !== grey) || readPixel(truth, x, y).every((byte) => byte === grey);
}
