/** The comparison on screen as one PNG: pictures side by side, enlarged pixel by pixel, with their names below. */

import type { Picture } from './picture.ts';

export interface NamedPicture {
  readonly name: string;
  readonly picture: Picture;
}

/** Smallest side of an enlarged picture, pixels. */
const wantedSide = 256;
const gap = 12;
const nameHeight = 26;
const captionHeight = 30;

/** @throws Error when the page gives no canvas. */
export async function renderComparison(pictures: readonly NamedPicture[], caption: string): Promise<Blob> {
  const scale = Math.max(1, Math.ceil(wantedSide / pictures[0].picture.width));
  const width = pictures[0].picture.width * scale;
  const height = pictures[0].picture.height * scale;
  const canvas = new OffscreenCanvas(
    pictures.length * (width + gap) + gap,
    gap + height + nameHeight + captionHeight,
  );
  const context = canvas.getContext('2d');
  if (!context) throw new Error('This browser gives no canvas to draw the comparison on.');
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingEnabled = false;
  context.fillStyle = '#1c232b';
  pictures.forEach(({ name, picture }, index) => {
    const x = gap + index * (width + gap);
    context.drawImage(picture.source(), x, gap, width, height);
    context.font = '14px Inter, sans-serif';
    context.fillText(name, x, gap + height + 19, width);
  });
  context.font = '12px Inter, sans-serif';
  context.fillText(caption, gap, canvas.height - 11, canvas.width - 2 * gap);
  return canvas.convertToBlob({ type: 'image/png' });
}
