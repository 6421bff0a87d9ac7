/** The previews of several runs: at which steps they are, and the one that is looked at of each. */

import { computed, onScopeDispose, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue';
import type { RunPreviews } from '../../../shared/comparison/comparison.ts';
import { listen, request } from '../../api/client.ts';
import { useReconnect } from '../../stores/connection.ts';
import type { PreviewRow } from '../../models/images/rasterImage.ts';
import { loadPreviewRows } from '../../models/images/previewRows.ts';
import { stepAtOrBefore } from '../../models/compare/previewVersions.ts';

export interface UsePreviewListReturn {
  /** null until they were read; in the order of the runs. */
  readonly previews: Readonly<ShallowRef<readonly RunPreviews[] | null>>;
  readonly error: Readonly<ShallowRef<unknown>>;
  reload(): Promise<void>;
}

/** Kept up with previews that come while the runs train. */
export function usePreviewList(ids: () => readonly string[]): UsePreviewListReturn {
  const previews = shallowRef<readonly RunPreviews[] | null>(null);
  const error = shallowRef<unknown>(null);
  let newest = 0;

  async function reload() {
    const own = (newest += 1);
    try {
      const found = await request('compare.previews', { ids: [...ids()] });
      if (own === newest) [previews.value, error.value] = [found, null];
    } catch (reason) {
      if (own === newest) error.value = reason;
    }
  }

  const stop = listen('run.preview', ({ runId }) => {
    if (ids().includes(runId)) void reload();
  });
  onScopeDispose(() => {
    stop();
    newest += 1;
  });
  useReconnect(() => void reload());
  watch(() => ids().join(), reload, { immediate: true });
  return { previews, error, reload };
}

export interface ShownPreview {
  readonly runId: string;
  /** null: the run has none at or before the step. */
  readonly step: number | null;
  /** The last ones stay while the next are on their way; empty before the first. */
  readonly rows: readonly PreviewRow[];
}

export interface UseShownPreviewsReturn {
  readonly shown: ComputedRef<readonly ShownPreview[]>;
  readonly error: Readonly<ShallowRef<unknown>>;
  reload(): void;
}

/** Of each run the preview at `step`, or the nearest before it. */
export function useShownPreviews(
  previews: () => readonly RunPreviews[],
  step: () => number,
): UseShownPreviewsReturn {
  const loaded = shallowRef<ReadonlyMap<string, ShownPreview>>(new Map());
  const error = shallowRef<unknown>(null);
  const wanted = computed(() =>
    previews().map(({ runId, steps }) => ({ runId, step: stepAtOrBefore(steps, step()) })),
  );
  let isLive = true;

  async function load(runId: string, at: number) {
    const isWanted = () => isLive && wanted.value.some((one) => one.runId === runId && one.step === at);
    try {
      const rows = await loadPreviewRows(runId, at);
      if (isWanted()) loaded.value = new Map(loaded.value).set(runId, { runId, step: at, rows });
    } catch (reason) {
      if (isWanted()) error.value = reason;
    }
  }

  function reload() {
    error.value = null;
    for (const { runId, step: at } of wanted.value) if (at !== null) void load(runId, at);
  }

  watch(() => JSON.stringify(wanted.value), reload, { immediate: true });
  onScopeDispose(() => void (isLive = false));
  return {
    // A picture is never named by a step it is not of.
    shown: computed(() =>
      wanted.value.map(({ runId, step: at }) => {
        const known = at === null ? undefined : loaded.value.get(runId);
        return known ?? { runId, step: at, rows: [] };
      }),
    ),
    ...{ error, reload },
  };
}
