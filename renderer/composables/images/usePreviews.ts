/** The preview of a run at one step, with the neighbouring steps loaded ahead of time. */

import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue';
import { previewPath } from '../../../shared/runDetail.ts';
import { mediaUrl } from '../../api/client.ts';
import { createImageCache, fetchImage } from '../../models/images/rasterImage.ts';
import { splitPreview, type PreviewRow } from '../../models/images/previewRows.ts';

export interface UsePreviewsReturn {
  /** Rows of the current step; those of the previous step until they are loaded. */
  readonly rows: ShallowRef<readonly PreviewRow[]>;
  readonly error: ShallowRef<unknown>;
  reload(): void;
}

/** @param neighbours Returns the steps the user will probably look at next. */
export function usePreviews(
  runId: () => string,
  step: () => number | null,
  neighbours: () => readonly number[],
): UsePreviewsReturn {
  const rows = shallowRef<readonly PreviewRow[]>([]);
  const error = shallowRef<unknown>(null);
  let wanted = '';

  async function load() {
    const id = runId();
    const at = step();
    if (at === null) {
      rows.value = [];
      return;
    }
    const own = `${id} ${at}`;
    wanted = own;
    try {
      const loaded = await loadPreviewRows(id, at);
      if (wanted !== own) return;
      rows.value = loaded;
      error.value = null;
      for (const next of neighbours()) void loadPreviewRows(id, next).catch(() => undefined);
    } catch (failure) {
      if (wanted === own) error.value = failure;
    }
  }

  watch([runId, step], () => void load(), { immediate: true });
  onScopeDispose(() => void (wanted = ''));
  return { rows, error, reload: () => void load() };
}

/** Number of decoded previews kept; eight 32×32 images take about 100 kB. */
const capacity = 200;

const cache = createImageCache(fetchImage, capacity);
const splitPreviews = new WeakMap<object, readonly PreviewRow[]>();

/** Loads the rows of a preview, once. @throws Error if the preview cannot be loaded or has another form. */
export async function loadPreviewRows(runId: string, step: number): Promise<readonly PreviewRow[]> {
  const sheet = await cache.load(mediaUrl(previewPath(runId, step)));
  const rows = splitPreviews.get(sheet) ?? splitPreview(sheet);
  splitPreviews.set(sheet, rows);
  return rows;
}
