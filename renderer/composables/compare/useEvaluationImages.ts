/** The images that evaluations kept, as the linked inspector shows them: results, or states along the path. */

import { computed, type ComputedRef, onScopeDispose, ref, shallowRef, type ShallowRef, watch } from 'vue';
import { type ComparisonOfRuns, isClassical } from '../../../shared/comparison/comparisonOfRuns.ts';
import type { EvaluationRow } from '../../../shared/metric.ts';
import { formatDecibels } from '../../../shared/text/format.ts';
import { mediaUrl } from '../../api/client.ts';
import { fileName } from '../../api/saveFile.ts';
import { describeFigure, describeStates } from '../../models/compare/describeFigure.ts';
import { pathVersions, type RunPath, statesAt, timesOfAll } from '../../models/compare/pathVersions.ts';
import { areaOf, countImages, type SheetVersion } from '../../models/compare/sheetVersions.ts';
import { imagePsnr } from '../../models/images/imageError.ts';
import {
  createImageCache,
  fetchImage,
  imageFromPixels,
  type RasterImage,
} from '../../models/images/rasterImage.ts';
import {
  chooseStep,
  describeTime,
  moveStep,
  shownStep,
  type StepChoice,
} from '../../models/images/inspectorChoices.ts';
import type { Size } from '../../models/images/viewport.ts';
import type { UseComparisonReturn } from './useComparison.ts';
import type { ComparedImages, ImageSlider } from './useLinkedInspector.ts';

export interface SheetImagesOptions<Sheet extends Pick<SheetVersion, 'imageSheets'>> {
  readonly comparing: UseComparisonReturn;
  readonly sheets: () => readonly Sheet[];
  /** The requested image, from 0; all views of the comparison share it. */
  readonly image: () => number;
  /** Requests another image. */
  readonly choose: (image: number) => void;
}

/** The result of each run for one test image. */
export function useEvaluationImages(options: SheetImagesOptions<SheetVersion>): ComparedImages {
  const { comparing } = options;
  const slider = useImageSlider(options);
  const at = slider.step;
  const versions = computed(options.sheets);
  const { pick, error, reload } = useSheetImages(options.sheets, () => at.value);
  return {
    versions,
    pick,
    error,
    reload,
    size: () => sizeOf(options.sheets()),
    sliders: [slider],
    scoreLabel: 'PSNR of this image',
    bestClassical: computed(() => bestClassical(comparing.comparison.value)),
    scores: computed(() => {
      const psnrOf = ({ perImage }: EvaluationRow) => formatDecibels(perImage?.psnr[at.value] ?? null);
      const { chosen = [], evaluation } = comparing.comparison.value ?? {};
      return [
        ...chosen.map(({ runId, row }) => ({ runId, text: psnrOf(row) })),
        ...(evaluation?.rows ?? [])
          .filter(isClassical)
          .map((row) => ({ method: row.method, text: psnrOf(row) })),
      ];
    }),
    note: computed(() => ''),
    file: {
      caption() {
        const results = versions.value.filter(({ runId }) => runId !== null);
        return `Image ${at.value + 1} · ${results.map(({ title }) => title).join(', ')}`;
      },
      fileName: () => fileName('comparison', `image-${at.value + 1}`, 'png'),
      origin: () => ({
        ...describeFigure(comparing.runs.value, comparing.comparison.value),
        images: [at.value],
      }),
    },
  };
}

/** The samples of the runs between start and result: one image, one time for all of them. */
export function usePathImages(options: SheetImagesOptions<RunPath>): ComparedImages {
  const { comparing, sheets: paths } = options;
  const image = useImageSlider(options);
  const at = image.step;
  const choice = ref<StepChoice>({ chosen: null });
  const times = computed(() => timesOfAll(paths(), at.value));
  const time = computed(() => shownStep(times.value, choice.value) ?? 0);
  const statesOfAll = (asked: number) => statesAt(paths(), { image: at.value, time: asked });
  const states = computed(() => statesOfAll(time.value));
  /** Sheets of the neighbouring times, loaded in advance. */
  const neighbours = () => {
    const place = times.value.indexOf(time.value);
    const around = times.value.slice(Math.max(0, place - 1), place + 2);
    return around.flatMap(statesOfAll).map(({ state }) => state.path);
  };
  const describe = (asked: number) => describeTime(asked, times.value);
  const versions = computed(() => {
    const comparison = comparing.comparison.value;
    const runs = comparing.runs.value;
    return comparison ? pathVersions(states.value, { runs, comparison, describe }) : [];
  });
  const { pick, error, reload } = useSheetImages(
    () => versions.value,
    () => at.value,
    neighbours,
  );
  const stateSlider: ImageSlider = {
    noun: 'state',
    steps: times,
    step: time,
    isFollowing: null,
    describe,
    choose: (asked) => void (choice.value = chooseStep(times.value, asked)),
    move: (by) => void (choice.value = moveStep(times.value, choice.value, by)),
  };
  return {
    versions,
    pick,
    error,
    reload,
    size: () => sizeOf(paths()),
    sliders: [image, stateSlider],
    bestClassical: computed(() => bestClassical(comparing.comparison.value)),
    scoreLabel: 'PSNR of this state',
    scores: computed(() =>
      comparing.runs.value.map(({ summary: { id: runId } }) => {
        const shown = states.value.find((state) => state.runId === runId);
        if (!shown) return { runId, text: 'no states kept' };
        const truth = pick('truth');
        const result = pick(`run:${runId}`);
        const psnr = formatDecibels(truth && result ? imagePsnr(result, truth) : null);
        return { runId, text: `${psnr} at ${describe(shown.state.time)}` };
      }),
    ),
    note: computed(() => {
      const isPasted = comparing.comparison.value?.evaluation.protocol.pasted ?? false;
      const end = isPasted ? ', with the known pixels put back' : '';
      return `t = 0 is the start, t = 1 the sample as it is scored${end}. Values outside the range of an image are clipped.`;
    }),
    file: {
      caption: () => `Image ${at.value + 1} at or before ${describe(time.value)}`,
      fileName: () => fileName('path', `image ${at.value + 1}`, `t ${time.value}`, 'png'),
      origin: () => ({
        ...describeStates(comparing.runs.value, comparing.comparison.value, states.value),
        images: [at.value],
      }),
    },
  };
}

/** Returns the name of the classical method with the highest PSNR; null if none was scored. */
function bestClassical(comparison: ComparisonOfRuns | null): string | null {
  const rows = (comparison?.evaluation.rows ?? []).filter(isClassical);
  const best = rows.toSorted((one, other) => (other.psnr ?? -Infinity) - (one.psnr ?? -Infinity)).at(0);
  return best?.method ?? null;
}

/** A slider over the images that all sheets show. */
function useImageSlider({
  sheets,
  image,
  choose,
}: SheetImagesOptions<Pick<SheetVersion, 'imageSheets'>>): ImageSlider & {
  readonly step: ComputedRef<number>;
} {
  const steps = computed(() => Array.from({ length: countImages(sheets()) }, (_, index) => index));
  const inside = (asked: number) => Math.max(0, Math.min(asked, steps.value.length - 1));
  const step = computed(() => inside(image()));
  return {
    noun: 'image',
    steps,
    step,
    isFollowing: null,
    choose,
    move: (by) => choose(inside(step.value + by)),
    describe: (shown) => `image ${shown + 1} of ${steps.value.length}`,
  };
}

function sizeOf(sheets: readonly Pick<SheetVersion, 'imageSheets'>[]): Size {
  const side = sheets.at(0)?.imageSheets.imageSize ?? 1;
  return { width: side, height: side };
}

interface UseSheetImagesReturn {
  /** Returns null for an image that does not exist or is not loaded yet. */
  pick(version: string): RasterImage | null;
  readonly error: Readonly<ShallowRef<unknown>>;
  reload(): void;
}

/** Number of decoded sheets in memory; one with 100 images of 32×32 pixels takes 400 kB. */
const capacity = 64;

/** @param ahead Paths of sheets to load in advance. */
function useSheetImages(
  versions: () => readonly SheetVersion[],
  image: () => number,
  ahead: () => readonly string[] = () => [],
): UseSheetImagesReturn {
  const { sheets, error, loadAll } = useSheets(() => [...versions().map(({ path }) => path), ...ahead()]);
  const cut = computed(
    () =>
      new Map(
        versions().flatMap(({ value, path, imageSheets }) => {
          const sheet = sheets.value.get(path);
          return sheet ? [[value, cutImage(sheet, areaOf(imageSheets, image()))] as const] : [];
        }),
      ),
  );
  return {
    pick: (version) => cut.value.get(version) ?? null,
    error,
    reload: loadAll,
  };
}

/** Loads sheets by their paths; sheets that are not needed any more are dropped. */
function useSheets(paths: () => readonly string[]) {
  const cache = createImageCache(fetchImage, capacity);
  const sheets = shallowRef<ReadonlyMap<string, RasterImage>>(new Map());
  const error = shallowRef<unknown>(null);
  let isLive = true;

  async function load(path: string) {
    try {
      const sheet = await cache.load(mediaUrl(path));
      const wanted = new Set(paths());
      if (!isLive || !wanted.has(path)) return;
      sheets.value = new Map([...sheets.value].filter(([known]) => wanted.has(known))).set(path, sheet);
    } catch (reason) {
      if (isLive) error.value = reason;
    }
  }

  function loadAll() {
    error.value = null;
    for (const path of paths()) void load(path);
  }

  watch(() => paths().join('\n'), loadAll, { immediate: true });
  onScopeDispose(() => void (isLive = false));
  return { sheets, error, loadAll };
}

function cutImage(sheet: RasterImage, area: ReturnType<typeof areaOf>): RasterImage {
  return imageFromPixels(area, new Uint8ClampedArray(sheet.read(area)));
}
