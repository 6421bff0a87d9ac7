/** The linked inspector of a comparison: one image in the versions of several runs, with their error maps. */

import { computed, ref, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue';
import type { NamedImage, RasterImage } from '../../models/images/rasterImage.ts';
import type { RunVersion } from '../../models/compare/sheetVersions.ts';
import { errorMapScale, type MapScale } from '../../models/images/colourMap.ts';
import { describeObservation } from '../../models/images/previewRows.ts';
import { errorMap } from '../../models/images/imageError.ts';
import type { ComparisonExportOptions } from '../images/useComparisonExport.ts';
import { shownImages, useInspector, type UseInspectorReturn } from '../images/useInspector.ts';
import { nameVersion, type VersionChoice } from '../../models/images/inspectorChoices.ts';
import type { Size } from '../../models/images/viewport.ts';

/** A slider below the images: over the images of a sheet, the states of a sample, or the steps of previews. */
export interface ImageSlider {
  /** What a position is: `image`, `state`, `step`. */
  readonly noun: string;
  readonly steps: ComputedRef<readonly number[]>;
  /** One of `steps`. */
  readonly step: ComputedRef<number>;
  /** Whether the newest step is followed; null where no new ones come. */
  readonly isFollowing: ComputedRef<boolean> | null;
  /** A position as text; `step 1200` where absent. */
  describe?(step: number): string;
  choose(step: number): void;
  move(by: number): void;
}

/** A number of one version of the image. */
export type ImageScore =
  { readonly runId: string; readonly text: string } | { readonly method: string; readonly text: string };

/** One image as several runs reconstruct it: what a source of images gives to the inspector. */
export interface ComparedImages {
  /** `truth` and `known` are among them. */
  readonly versions: ComputedRef<readonly RunVersion[]>;
  /** The version of the best classical method, which is shown with the runs; null or absent: none. */
  readonly bestClassical?: ComputedRef<string | null>;
  /** Returns null for an image that does not exist or is not loaded yet. */
  pick(version: string): RasterImage | null;
  /** The size that all versions have. */
  size(): Size;
  /** The keys of the page move the last of them. */
  readonly sliders: readonly ImageSlider[];
  /** Miniatures to choose an image from. */
  readonly miniatures?: {
    readonly images: ComputedRef<readonly RasterImage[]>;
    readonly chosen: Ref<number>;
  };
  /** What the numbers in `scores` are. */
  readonly scoreLabel: string;
  readonly scores: ComputedRef<readonly ImageScore[]>;
  /** A remark below the scores; may be empty. */
  readonly note: ComputedRef<string>;
  /** Why an image could not be loaded; null if all could. */
  readonly error: Readonly<ShallowRef<unknown>>;
  reload(): void;
  /** How a saved comparison is captioned and named, and what is recorded in it. */
  readonly file: Pick<ComparisonExportOptions, 'caption' | 'fileName' | 'origin'>;
}

export interface UseLinkedInspectorReturn {
  readonly inspector: UseInspectorReturn;
  /** The results of the runs. */
  readonly results: ComputedRef<readonly RunVersion[]>;
  /** All versions, then the error map of each result. */
  readonly choices: ComputedRef<readonly VersionChoice[]>;
  /** Whether the overview includes error maps. */
  readonly hasErrors: Ref<boolean>;
  /** Whether the overview includes all classical methods, not only the best of them. */
  readonly hasAllClassical: Ref<boolean>;
  /** The classical methods among the versions. */
  readonly classical: ComputedRef<readonly RunVersion[]>;
  readonly overview: ComputedRef<
    readonly {
      readonly key: string;
      readonly name: string;
      readonly image: RasterImage | null;
      /** Why there is no image. */
      readonly missing?: string;
    }[]
  >;
  readonly scales: ComputedRef<readonly MapScale[]>;
  /** Images whose values are shown for the pixel at the pointer: the truth and the results. */
  readonly read: ComputedRef<readonly NamedImage[]>;
  /** Says whether the pixel was observed (by the first run, if the runs observe different pixels). */
  describePixel(x: number, y: number): string[];
  /** Returns the images on screen. */
  shown(): NamedImage[];
}

const errorPrefix = 'error:';
const isError = (value: string) => value.startsWith(errorPrefix);
/** Truth, or the known pixels of all runs or of one. */
const isGiven = (value: string) => value === 'truth' || value.split(':')[0] === 'known';
/** Classical methods are neither given nor the result of a run. */
const isClassical = ({ value, runId }: RunVersion) => runId === null && !isGiven(value);

export function useLinkedInspector(
  images: Pick<ComparedImages, 'versions' | 'bestClassical' | 'pick' | 'size'>,
): UseLinkedInspectorReturn {
  const { versions, bestClassical, pick, size } = images;
  const hasErrors = ref(false);
  const hasAllClassical = ref(false);
  const results = computed(() => versions.value.filter(({ runId }) => runId !== null));
  const classical = computed(() => versions.value.filter(isClassical));
  const isIncluded = (version: RunVersion) =>
    !isClassical(version) || hasAllClassical.value || version.value === bestClassical?.value;
  const errors = computed(() =>
    [...results.value, ...classical.value].map(({ value, title }) => ({
      value: errorPrefix + value,
      title: `Error of ${title}`,
    })),
  );
  const choices = computed(() => [...versions.value, ...errors.value]);
  const pickAny = usePickWithErrors(pick);
  const inspector = useInspector({
    size,
    pick: pickAny,
    left: results.value.at(0)?.value ?? 'truth',
    right: results.value.at(1)?.value ?? 'truth',
  });
  inspector.mode.value = 'overview';
  keepAmong(choices, inspector);

  const overview = computed(() => {
    const own = versions.value.filter(isIncluded);
    const shown = new Set(own.map(({ value }) => errorPrefix + value));
    const all = hasErrors.value ? [...own, ...errors.value.filter(({ value }) => shown.has(value))] : own;
    return all.map(({ value, title, missing }: VersionChoice & Pick<RunVersion, 'missing'>) => ({
      key: value,
      name: title,
      image: pickAny(value),
      ...(missing !== undefined && { missing }),
    }));
  });
  return {
    inspector,
    results,
    choices,
    hasErrors,
    hasAllClassical,
    classical,
    overview,
    scales: computed(() => scalesOf(keysOnScreen(inspector, overview.value))),
    read: computed(() =>
      versions.value
        .filter((version) => version.value.split(':')[0] !== 'known' && isIncluded(version))
        .flatMap(({ value, title }) => named(title, pick(value))),
    ),
    describePixel: (x, y) => describePixel(pick, x, y),
    shown() {
      if (inspector.mode.value === 'overview')
        return overview.value.flatMap(({ name, image }) => named(name, image));
      const nameOf = (version: string) => nameVersion(choices.value, version);
      return shownImages(inspector, nameOf(inspector.left.value), nameOf(inspector.right.value));
    },
  };
}

function describePixel(pick: ComparedImages['pick'], x: number, y: number): string[] {
  const [truth, observed] = ['truth', 'known'].map(pick);
  if (!truth || !observed) return [];
  return [describeObservation({ truth, observed, result: truth }, x, y)];
}

function keysOnScreen(
  { mode, left, right }: UseInspectorReturn,
  overview: readonly { readonly key: string }[],
): readonly string[] {
  return mode.value === 'overview' ? overview.map(({ key }) => key) : [left.value, right.value];
}

function scalesOf(keys: readonly string[]): readonly MapScale[] {
  return keys.some(isError) ? [{ ...errorMapScale, meaning: '|result − truth|, one scale for all' }] : [];
}

/** Error maps are computed when they are first shown. */
function usePickWithErrors(pick: ComparedImages['pick']) {
  return (version: string): RasterImage | null => {
    if (!isError(version)) return pick(version);
    const [result, truth] = [pick(version.slice(errorPrefix.length)), pick('truth')];
    return result && truth ? errorMap(result, truth) : null;
  };
}

/** Replaces chosen versions that no longer exist. */
function keepAmong(choices: ComputedRef<readonly VersionChoice[]>, { left, right }: UseInspectorReturn) {
  watch(choices, (now) => {
    for (const side of [left, right])
      if (!now.some(({ value }) => value === side.value)) side.value = now.at(0)?.value ?? 'truth';
  });
}

function named(name: string, image: RasterImage | null): NamedImage[] {
  return image ? [{ name, image }] : [];
}
