/** Decodes a picture file in the page: upright, in sRGB, transparent parts over a ground. */

import { checkFileSize, checkPictureSize, readPictureHeader } from './pictureHeader.ts';

export interface DecodedPicture {
  readonly width: number;
  readonly height: number;
  /** width × height × 3, RGB. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** A small PNG of it. */
  readonly thumbnail: Blob;
}

/** So many pixels are read back at once: a picture of 40 megapixels never lies in memory as RGBA besides. */
const pixelsAtOnce = 2 ** 20;
const thumbnailSide = 112;

/**
 * @param ground A CSS colour.
 * @throws Error naming what was found and what was expected.
 */
export async function decodePicture(file: Blob, ground: string): Promise<DecodedPicture> {
  const bitmap = await openPicture(file);
  try {
    const { width, height } = bitmap;
    const bytes = new Uint8Array(width * height * 3);
    await readBands(bitmap, ground, (rgba, first) => {
      for (let from = 0, to = 3 * first; from < rgba.length; from += 4, to += 3) {
        bytes[to] = rgba[from];
        bytes[to + 1] = rgba[from + 1];
        bytes[to + 2] = rgba[from + 2];
      }
    });
    return { width, height, bytes, thumbnail: await shrink(bitmap, ground) };
  } finally {
    bitmap.close();
  }
}

/**
 * The file as a bitmap, its limits checked before anything is decoded. The caller closes it.
 * @throws Error naming what was found and what was expected.
 */
export async function openPicture(file: Blob): Promise<ImageBitmap> {
  checkFileSize(file.size);
  const { format, ...told } = readPictureHeader(new Uint8Array(await file.arrayBuffer()));
  // A name or type of its own must not decide how the bytes are read.
  const typed = new Blob([file], { type: `image/${format.toLowerCase()}` });
  const bitmap = await createImageBitmap(typed, {
    imageOrientation: 'from-image',
    colorSpaceConversion: 'default',
  }).catch(() => null);
  if (!bitmap) throw new Error(`This ${format} file begins well but cannot be decoded: it is damaged.`);
  checkPictureSize(bitmap);
  if (bitmap.width * bitmap.height === told.width * told.height) return bitmap;
  const found = `${bitmap.width} × ${bitmap.height}`;
  bitmap.close();
  throw new Error(`${found} pixels found, ${told.width} × ${told.height} announced: the file is damaged.`);
}

/** Draws the bitmap band by band over the ground; `read` gets each band's RGBA and the number of its first pixel. */
export async function readBands(
  bitmap: ImageBitmap,
  ground: string,
  read: (rgba: Uint8ClampedArray, first: number) => void,
): Promise<void> {
  const { width, height } = bitmap;
  const rows = Math.max(1, Math.min(height, Math.floor(pixelsAtOnce / width)));
  const context = openCanvas(width, rows);
  for (let row = 0; row < height; row += rows) {
    const count = Math.min(rows, height - row);
    context.fillStyle = ground;
    context.fillRect(0, 0, width, count);
    context.drawImage(bitmap, 0, row, width, count, 0, 0, width, count);
    read(context.getImageData(0, 0, width, count).data, row * width);
    // The page answers between two bands.
    if (row + rows < height) await new Promise((resolve) => setTimeout(resolve));
  }
}

async function shrink(bitmap: ImageBitmap, ground: string): Promise<Blob> {
  const scale = Math.min(1, thumbnailSide / Math.max(bitmap.width, bitmap.height));
  const width = Math.max(1, Math.round(bitmap.width * scale));
  const height = Math.max(1, Math.round(bitmap.height * scale));
  const context = openCanvas(width, height);
  context.fillStyle = ground;
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, width, height);
  return context.canvas.convertToBlob({ type: 'image/png' });
}

function openCanvas(width: number, height: number): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('This browser gives no canvas to decode pictures with.');
  return context;
}
