/** Previews cut into their images: each loaded and cut once, whoever looks at it. */

import { previewPath } from '../../../shared/runDetail.ts';
import { mediaUrl } from '../../api/client.ts';
import { splitPreview, type PreviewRow } from './rasterImage.ts';
import { createImageCache, fetchImage } from './imageCache.ts';

/** Previews kept decoded: a strip of eight 32×32 images takes about 100 kB. */
const capacity = 200;

const cutApart = new WeakMap<object, readonly PreviewRow[]>();
const cache = createImageCache(fetchImage, capacity);

/** @throws Error when it cannot be loaded, or is no preview. */
export async function loadPreviewRows(runId: string, step: number): Promise<readonly PreviewRow[]> {
  const image = await cache.load(mediaUrl(previewPath(runId, step)));
  const known = cutApart.get(image) ?? splitPreview(image);
  cutApart.set(image, known);
  return known;
}
