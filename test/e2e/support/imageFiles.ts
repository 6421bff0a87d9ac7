/** Image files of the kinds that users have, generated when they are needed. */

import sharp from 'sharp';

/** A file as file choosers and drops take it. */
export interface ImageFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

export interface PhotographSize {
  readonly width: number;
  readonly height: number;
}

/** Returns a PNG that resembles a photograph: a darkening sky, hills and a sun, always with the same bytes. */
export async function createPhotograph({ width, height }: PhotographSize): Promise<Buffer> {
  return sharp(drawPixels({ width, height }), { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

/** Returns the RGB pixels of the photograph. */
export function drawPixels({ width, height }: PhotographSize): Buffer {
  const pixels = Buffer.alloc(width * height * 3);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const [x, y] = [column / width, row / height];
      pixels.set(colourAt(x, y), (row * width + column) * 3);
    }
  }
  return pixels;
}

function colourAt(x: number, y: number): readonly number[] {
  const hill = 0.62 + 0.12 * Math.sin(5 * x + 1) + 0.04 * Math.sin(23 * x);
  if (y > hill) return [60 + 60 * x, 110 - 70 * (y - hill), 50 + 30 * Math.sin(40 * x * y)];
  const sun = Math.exp(-80 * ((x - 0.7) ** 2 + (y - 0.3) ** 2));
  return [90 + 90 * y + 120 * sun, 130 + 60 * y + 90 * sun, 210 - 40 * y + 20 * sun].map((value) =>
    Math.min(255, value),
  );
}

export function imageFile(name: string, buffer: Buffer, mimeType = 'image/png'): ImageFile {
  return { name, mimeType, buffer };
}
