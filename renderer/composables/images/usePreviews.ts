/** The rows of a run's preview at one step: loaded once, neighbours ahead of time. */

import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import type { PreviewRow } from '../../models/images/rasterImage.ts';
import { loadPreviewRows } from '../../models/images/previewRows.ts';

export interface UsePreviewsReturn {
  /** Stays at the last step's rows while the next ones are on their way. */
  readonly rows: ShallowRef<readonly PreviewRow[]>;
  readonly error: ShallowRef<unknown>;
  readonly isLoading: Ref<boolean>;
  reload(): void;
}

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
    const [id, at] = [runId(), step()];
    if (at === null) {
      rows.value = [];
      return;
    }
    const own = `${id} ${at}`;
    wanted = own;
    isLoading.value = true;
    try {
      const found = await loadPreviewRows(id, at);
      if (wanted !== own) return;
      rows.value = found;
      error.value = null;
      for (const next of neighbours()) void loadPreviewRows(id, next).catch(() => undefined);
    } catch (thrown) {
      if (wanted === own) error.value = thrown;
    } finally {
      if (wanted === own) isLoading.value = false;
    }
  }

  watch([runId, step], () => void load(), { immediate: true });
  onScopeDispose(() => void (wanted = ''));
  return { rows, error, isLoading, reload: () => void load() };
}
