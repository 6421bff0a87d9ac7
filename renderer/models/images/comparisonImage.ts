/** The comparison on screen as one PNG: enlarged images side by side with their names below. */

import type { RasterImage } from './rasterImage.ts';

export interface NamedImage {
  readonly name: string;
  readonly image: RasterImage;
}

/** Minimum width of an enlarged image, pixels. */
const smallestWidth = 256;
const gap = 12;
const nameHeight = 26;
const captionHeight = 30;

/** Draws images of one size with a caption below them. @throws Error if the browser provides no canvas. */
export async function renderComparison(images: readonly NamedImage[], caption: string): Promise<Blob> {
  const scale = Math.max(1, Math.ceil(smallestWidth / images[0].image.width));
  const width = images[0].image.width * scale;
  const height = images[0].image.height * scale;
  const canvas = new OffscreenCanvas(
    images.length * (width + gap) + gap,
    gap + height + nameHeight + captionHeight,
  );
  const context = canvas.getContext('2d');
  if (!context) throw new Error('The browser provides no canvas to draw the comparison on.');
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingEnabled = false;
  context.fillStyle = '#1c232b';
  images.forEach(({ name, image }, index) => {
    const x = gap + index * (width + gap);
    context.drawImage(image.source(), x, gap, width, height);
    context.font = '14px Inter, sans-serif';
    context.fillText(name, x, gap + height + 19, width);
  });
  context.font = '12px Inter, sans-serif';
  context.fillText(caption, gap, canvas.height - 11, canvas.width - 2 * gap);
  return canvas.convertToBlob({ type: 'image/png' });
}
