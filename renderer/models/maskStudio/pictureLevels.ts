/** A picture and smaller ones of it, each half the last: what is drawn small is drawn from a small one, at once. */

export interface ImageLevels {
  /** The smallest that is not enlarged at a scale (screen pixels a picture pixel). */
  at(scale: number): ImageBitmap;
  close(): void;
}

/** Smaller pictures than this are quick to draw anyway. */
const smallestSide = 1024;

/** Smaller ones are made meanwhile; `onMore` tells of each. The bitmap stays the caller's. */
export function createImageLevels(bitmap: ImageBitmap, onMore: () => void): ImageLevels {
  const levels = [bitmap];
  let isClosed = false;

  async function grow() {
    const last = levels[levels.length - 1];
    if (Math.max(last.width, last.height) < 2 * smallestSide) return;
    const half = await createImageBitmap(last, {
      resizeWidth: Math.ceil(last.width / 2),
      resizeHeight: Math.ceil(last.height / 2),
      resizeQuality: 'medium',
    });
    if (isClosed) return half.close();
    levels.push(half);
    onMore();
    await grow();
  }
  // Without smaller ones the picture itself is drawn.
  void grow().catch(() => undefined);
  return {
    at: (scale) => levels.findLast(({ width }) => width >= bitmap.width * Math.min(scale, 1)) ?? bitmap,
    close() {
      isClosed = true;
      for (const level of levels.slice(1)) level.close();
    },
  };
}
