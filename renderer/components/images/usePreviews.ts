/** The rows of a run's preview at one step: loaded once, neighbours ahead of time. */

import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import { mediaUrl } from '../../api.ts';
import { previewPath } from '../../../shared/runDetail.ts';
import { splitRows, type PreviewRow } from './picture.ts';
import { createPictureCache, fetchPicture } from './pictureCache.ts';

export interface UsePreviewsReturn {
  /** Stays at the last step's rows while the next ones are on their way. */
  readonly rows: ShallowRef<readonly PreviewRow[]>;
  readonly error: ShallowRef<unknown>;
  readonly isLoading: Ref<boolean>;
  reload(): void;
}

/** Previews kept decoded: a strip of eight 32×32 pictures takes about 100 kB. */
const capacity = 200;

const cutApart = new WeakMap<object, readonly PreviewRow[]>();
const cache = createPictureCache(fetchPicture, capacity);

/** @param neighbours Steps that will probably be asked for next. */
export function usePreviews(
  runId: () => string,
  step: () => number | null,
  neighbours: () => readonly number[],
): UsePreviewsReturn {
  const rows = shallowRef<readonly PreviewRow[]>([]);
  const error = shallowRef<unknown>(null);
  const isLoading = ref(false);
  let wanted = '';

  async function load() {
    const at = step();
    if (at === null) {
      rows.value = [];
      return;
    }
    const address = addressOf(runId(), at);
    wanted = address;
    isLoading.value = true;
    try {
      const found = await loadRows(address);
      if (wanted !== address) return;
      rows.value = found;
      error.value = null;
      for (const next of neighbours()) void cache.load(addressOf(runId(), next)).catch(() => undefined);
    } catch (thrown) {
      if (wanted === address) error.value = thrown;
    } finally {
      if (wanted === address) isLoading.value = false;
    }
  }

  watch([runId, step], () => void load(), { immediate: true });
  onScopeDispose(() => void (wanted = ''));
  return { rows, error, isLoading, reload: () => void load() };
}

function addressOf(runId: string, step: number): string {
  return mediaUrl(previewPath(runId, step));
}

async function loadRows(address: string): Promise<readonly PreviewRow[]> {
  const picture = await cache.load(address);
  const known = cutApart.get(picture) ?? splitRows(picture);
  cutApart.set(picture, known);
  return known;
}
