/** The images behind the rows of an evaluation as sheets of 8-bit pixels. */

import { imageAt, type ImageBatch, type SparseObservation } from '../../shared/image.ts';
import type { PixelRows, SheetEvent } from './protocol.ts';

/** Images of an evaluation that are kept, and columns of their sheet. */
const mostImages = 100;
const mostColumns = 10;
/** Pixels of a sheet: fewer images are kept where they are large. */
const mostPixels = 2 ** 20;

/** Emits the truth and what is known of it with the first row, then one sheet a row. */
export function createSheetEmitter(
  observations: readonly SparseObservation[],
  emit: (event: SheetEvent) => void,
): (method: string, result: ImageBatch, truth: ImageBatch) => void {
  let hasBegun = false;
  return (method, result, truth) => {
    const layout = layOut(truth);
    const send = (name: string, rows: PixelRows) => emit({ type: 'sheet', name, ...layout, rows });
    if (!hasBegun) {
      send('truth', drawSheet(truth, layout));
      send('known', drawKnown(truth, { ...layout, observations }));
      hasBegun = true;
    }
    send(method, drawSheet(result, layout));
  };
}

interface Layout {
  readonly images: number;
  readonly columns: number;
}

function layOut({ count, height, width }: ImageBatch): Layout {
  const images = Math.min(count, mostImages, Math.max(1, Math.floor(mostPixels / (height * width))));
  return { images, columns: Math.min(images, mostColumns) };
}

/** Values outside [0, 1] are cut off, as they are where they are scored. */
function drawSheet(batch: ImageBatch, { images, columns }: Layout): PixelRows {
  const sheet = newSheet(batch, { images, columns, channels: 3 });
  for (let image = 0; image < images; image++) {
    const { values } = imageAt(batch, image);
    for (let pixel = 0; pixel < batch.height * batch.width; pixel++) {
      const target = sheet.offset(image, pixel);
      for (let channel = 0; channel < 3; channel++)
        sheet.pixels[target + channel] = values[pixel * 3 + channel] * 255;
    }
  }
  return sheet.rows;
}

/** Transparent where nothing is known. */
function drawKnown(
  truth: ImageBatch,
  { images, columns, observations }: Layout & { readonly observations: readonly SparseObservation[] },
): PixelRows {
  const sheet = newSheet(truth, { images, columns, channels: 4 });
  observations.slice(0, images).forEach(({ indices, values }, image) => {
    indices.forEach((pixel, row) => {
      const target = sheet.offset(image, pixel);
      for (let channel = 0; channel < 3; channel++)
        sheet.pixels[target + channel] = values[row * 3 + channel] * 255;
      sheet.pixels[target + 3] = 255;
    });
  });
  return sheet.rows;
}

/** `offset`: where a pixel of an image begins. Numbers are rounded and clamped as they are written. */
function newSheet(
  { height, width }: ImageBatch,
  { images, columns, channels }: Layout & { channels: 3 | 4 },
) {
  const size = { height: Math.ceil(images / columns) * height, width: columns * width };
  const pixels = new Uint8ClampedArray(size.height * size.width * channels);
  return {
    pixels,
    offset(image: number, pixel: number): number {
      const x = (image % columns) * width + (pixel % width);
      const y = Math.floor(image / columns) * height + Math.floor(pixel / width);
      return (y * size.width + x) * channels;
    },
    rows: { ...size, channels, pixels: new Uint8Array(pixels.buffer) },
  };
}
