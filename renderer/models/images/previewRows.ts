/** Previews cut into their pictures: each loaded and cut once, whoever looks at it. */

import { previewPath } from '../../../shared/runDetail.ts';
import { mediaUrl } from '../../api/client.ts';
import { splitRows, type PreviewRow } from './picture.ts';
import { createPictureCache, fetchPicture } from './pictureCache.ts';

/** Previews kept decoded: a strip of eight 32×32 pictures takes about 100 kB. */
const capacity = 200;

const cutApart = new WeakMap<object, readonly PreviewRow[]>();
const cache = createPictureCache(fetchPicture, capacity);

/** @throws Error when it cannot be loaded, or is no preview. */
export async function loadPreviewRows(runId: string, step: number): Promise<readonly PreviewRow[]> {
  const picture = await cache.load(mediaUrl(previewPath(runId, step)));
  const known = cutApart.get(picture) ?? splitRows(picture);
  cutApart.set(picture, known);
  return known;
}
