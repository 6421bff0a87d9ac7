/** The previews of several runs: at which steps they exist, and one of them as the linked inspector shows it. */

import { computed, onScopeDispose, ref, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue';
import type { RunPreviews } from '../../../shared/comparison/comparison.ts';
import { formatCount, formatDecibels } from '../../../shared/text/format.ts';
import { listen, request } from '../../api/client.ts';
import { fileName } from '../../api/saveFile.ts';
import { useReconnect } from '../../stores/connection.ts';
import type { PreviewRow } from '../../models/images/previewRows.ts';
import { loadPreviewRows } from '../images/usePreviews.ts';
import { scorePreview } from '../../models/images/imageError.ts';
import { chooseStep, moveStep, shownStep, type StepChoice } from '../../models/images/inspectorChoices.ts';
import { describePreviews } from '../../models/compare/describeFigure.ts';
import {
  findImage,
  previewVersions,
  stepAtOrBefore,
  stepsOfAll,
} from '../../models/compare/previewVersions.ts';
import type { UseComparisonReturn } from './useComparison.ts';
import type { ComparedImages } from './useLinkedInspector.ts';

export interface UsePreviewListReturn {
  /** In the order of the runs; null until loaded. */
  readonly previews: Readonly<ShallowRef<readonly RunPreviews[] | null>>;
  readonly error: Readonly<ShallowRef<unknown>>;
  reload(): Promise<void>;
}

/** Reads which previews exist and updates the list while the runs train. */
export function usePreviewList(ids: () => readonly string[]): UsePreviewListReturn {
  const previews = shallowRef<readonly RunPreviews[] | null>(null);
  const error = shallowRef<unknown>(null);
  let newest = 0;

  async function reload() {
    const own = (newest += 1);
    try {
      const found = await request('compare.previews', { ids: [...ids()] });
      if (own !== newest) return;
      previews.value = found;
      error.value = null;
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

/** One image of the previews, at one step for all runs. */
export function usePreviewImages(
  comparing: UseComparisonReturn,
  previews: () => readonly RunPreviews[],
): ComparedImages {
  const choice = ref<StepChoice>({ chosen: null });
  const index = ref(0);
  const steps = computed(() => stepsOfAll(previews()));
  const step = computed(() => shownStep(steps.value, choice.value) ?? 0);
  const { shown, error, reload } = useShownPreviews(previews, () => step.value);

  /** Images of the first run that has some; those of the other runs are matched with them. */
  const images = computed(() => shown.value.find(({ rows }) => rows.length > 0)?.rows ?? []);
  const truth = computed(() => (images.value[index.value] ?? images.value.at(0))?.truth ?? null);
  const runs = computed(() =>
    shown.value.map(({ runId, step: own, rows }) => {
      const row = truth.value && findImage(rows, truth.value);
      const hasOtherImages = truth.value !== null && rows.length > 0 && row === null;
      return { runId, name: comparing.styleOf(runId).name, step: own, row, hasOtherImages };
    }),
  );
  const versions = computed(() => previewVersions(runs.value));
  const withoutImage = computed(() =>
    runs.value.filter(({ hasOtherImages }) => hasOtherImages).map(({ name }) => `“${name}”`),
  );
  return {
    versions,
    pick: (version) => versions.value.find(({ value }) => value === version)?.image ?? null,
    size: () => truth.value ?? { width: 32, height: 32 },
    sliders: [
      {
        noun: 'step',
        steps,
        step,
        isFollowing: computed(() => choice.value.chosen === null),
        choose: (asked) => void (choice.value = chooseStep(steps.value, asked)),
        move: (by) => void (choice.value = moveStep(steps.value, choice.value, by)),
      },
    ],
    miniatures: { images: computed(() => images.value.map((row) => row.truth)), chosen: index },
    scoreLabel: 'PSNR of this preview',
    scores: computed(() =>
      runs.value.map(({ runId, step: own, row }) => {
        if (own === null) return { runId, text: 'no preview yet' };
        const psnr = formatDecibels(row && scorePreview(row).psnr);
        return { runId, text: `${psnr} at step ${formatCount(own)}` };
      }),
    ),
    note: computed(() =>
      withoutImage.value.length === 0
        ? ''
        : `This image is not among the previews of ${withoutImage.value.join(', ')}: other data, or another image size.`,
    ),
    error,
    reload,
    file: {
      caption: () => `Preview ${index.value + 1} at or before step ${formatCount(step.value)}`,
      fileName: () => fileName('previews', `step ${step.value}`, `image ${index.value + 1}`, 'png'),
      origin: () => ({ ...describePreviews(comparing.runs.value, runs.value), images: [index.value] }),
    },
  };
}

export interface ShownPreview {
  readonly runId: string;
  /** null: the run has no preview at or before the step. */
  readonly step: number | null;
  /** The previous rows stay until the next ones are loaded; empty before the first. */
  readonly rows: readonly PreviewRow[];
}

export interface UseShownPreviewsReturn {
  readonly shown: ComputedRef<readonly ShownPreview[]>;
  readonly error: Readonly<ShallowRef<unknown>>;
  reload(): void;
}

/** Loads the preview of each run at `step`, or the nearest one before it. */
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
    // An image is never labelled with a step it does not belong to.
    shown: computed(() =>
      wanted.value.map(({ runId, step: at }) => {
        const known = at === null ? undefined : loaded.value.get(runId);
        return known ?? { runId, step: at, rows: [] };
      }),
    ),
    error,
    reload,
  };
}
