import type { Image } from '../../../shared/images/image.ts';

/** An image of greys that green and blue show at a half and a third. */
export function createImage(width: number, height: number, greyOf: (x: number, y: number) => number): Image {
  const values = Float32Array.from({ length: width * height * 3 }, (_, index) => {
    const pixel = Math.floor(index / 3);
    return greyOf(pixel % width, Math.floor(pixel / width)) / (1 + (index % 3));
  });
  return { width, height, values };
}
