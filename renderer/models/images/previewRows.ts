/** Previews of a run: a sheet with one row of truth, observed pixels and result per image. */

import { imageFromPixels, readPixel, type RasterImage } from './rasterImage.ts';

/** One image of a preview. */
export interface PreviewRow {
  readonly truth: RasterImage;
  /** Unobserved pixels are grey 128 or transparent. */
  readonly observed: RasterImage;
  readonly result: RasterImage;
}

const columns = 3;
const grey = 128;

/**
 * Splits a preview sheet of square images into its rows.
 * @throws Error if the sheet has another form.
 */
export function splitPreview(sheet: RasterImage): PreviewRow[] {
  const side = sheet.width / columns;
  if (!Number.isInteger(side) || side < 1 || sheet.height % side !== 0 || sheet.height === 0) {
    throw new Error(
      `Found a preview of ${sheet.width}×${sheet.height} pixels, expected three square images per row. It was written by another program.`,
    );
  }
  const size = { width: side, height: side };
  return Array.from({ length: sheet.height / side }, (_, row) => {
    const at = (column: number) =>
      imageFromPixels(size, new Uint8ClampedArray(sheet.read({ x: column * side, y: row * side, ...size })));
    return { truth: at(0), observed: at(1), result: at(2) };
  });
}

/** Returns whether a pixel was observed. One that looks unobserved counts as observed if the truth is the same grey. */
export function isObserved({ truth, observed }: PreviewRow, x: number, y: number): boolean {
  const [red, green, blue, alpha] = observed.read({ x, y, width: 1, height: 1 });
  if (alpha === 0) return false;
  const isGrey = [red, green, blue].every((byte) => byte === grey);
  return !isGrey || readPixel(truth, x, y).every((byte) => byte === grey);
}
