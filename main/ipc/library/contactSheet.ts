/** The first pictures of a data set in one: 8 × 8 of them, 32 pixels each. */

import sharp from 'sharp';

const side = 8;
const size = 32;

/** How many pictures a sheet shows. */
export const sheetImages = side * side;

/** `pixels`: count × 32 × 32 × 3 bytes. Places without a picture stay transparent. */
export function encodeContactSheet(pixels: Uint8Array): Promise<Uint8Array> {
  const width = side * size;
  const sheet = new Uint8Array(width * width * 4);
  const count = Math.min(sheetImages, pixels.length / (size * size * 3));
  for (let pixel = 0; pixel < count * size * size; pixel++) {
    const image = Math.floor(pixel / (size * size));
    const x = (image % side) * size + (pixel % size);
    const y = Math.floor(image / side) * size + (Math.floor(pixel / size) % size);
    sheet.set(pixels.subarray(pixel * 3, pixel * 3 + 3), (y * width + x) * 4);
    sheet[(y * width + x) * 4 + 3] = 255;
  }
  return sharp(sheet, { raw: { width, height: width, channels: 4 } })
    .png()
    .toBuffer();
}
