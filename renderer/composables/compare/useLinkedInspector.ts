/** One image in the versions of several runs: what can be looked at, their errors, and what is shown of it. */

import { computed, ref, watch, type ComputedRef, type Ref } from 'vue';
import type { NamedImage } from '../../models/images/comparisonImage.ts';
import type { RunVersion } from '../../models/compare/sheetPictures.ts';
import { errorMapScale, type MapScale } from '../../models/images/mapScale.ts';
import { isObserved, type RasterImage } from '../../models/images/rasterImage.ts';
import { errorMap } from '../../models/images/imageError.ts';
import { shownImages, useInspector, type UseInspectorReturn } from '../images/useInspector.ts';
import { nameVersion, type VersionChoice } from '../../models/images/versionNames.ts';
import type { Size } from '../../models/images/viewport.ts';

export interface LinkedInspectorOptions {
  /** `truth` and `known` among them. */
  readonly versions: () => readonly RunVersion[];
  /** null: not there, or not yet. */
  readonly pick: (version: string) => RasterImage | null;
  /** Of every version. */
  readonly size: () => Size;
}

export interface UseLinkedInspectorReturn {
  readonly inspector: UseInspectorReturn;
  /** The results of the runs. */
  readonly results: ComputedRef<readonly RunVersion[]>;
  /** All versions, then the error map of each result. */
  readonly choices: ComputedRef<readonly VersionChoice[]>;
  /** Whether the overview has the error maps too. */
  readonly hasErrors: Ref<boolean>;
  readonly overview: ComputedRef<
    readonly { readonly key: string; readonly name: string; readonly image: RasterImage | null }[]
  >;
  readonly scales: ComputedRef<readonly MapScale[]>;
  /** What is read out at the pointer: the truth and the results. */
  readonly read: ComputedRef<readonly NamedImage[]>;
  /** Whether it was known: to the first run, where they know other pixels. */
  describePixel(x: number, y: number): string[];
  /** What is on screen. */
  shown(): NamedImage[];
}

const errorPrefix = 'error:';
const isError = (value: string) => value.startsWith(errorPrefix);
/** `known` of all, or of one run. */
const isGiven = (value: string) => value === 'truth' || value.split(':')[0] === 'known';

export function useLinkedInspector(options: LinkedInspectorOptions): UseLinkedInspectorReturn {
  const { versions, pick, size } = options;
  const hasErrors = ref(false);
  const results = computed(() => versions().filter(({ runId }) => runId !== null));
  const errors = computed(() =>
    results.value.map(({ value, title }) => ({ value: errorPrefix + value, title: `Error of ${title}` })),
  );
  const choices = computed(() => [...versions(), ...errors.value]);
  const pickAny = usePickWithErrors(pick);
  const inspector = useInspector({
    ...{ size, pick: pickAny },
    left: results.value.at(0)?.value ?? 'truth',
    right: results.value.at(1)?.value ?? 'truth',
  });
  inspector.mode.value = 'overview';
  keepAmong(choices, inspector);

  const overview = computed(() => {
    const own = versions().filter(({ value, runId }) => runId !== null || isGiven(value));
    const all = hasErrors.value ? [...own, ...errors.value] : own;
    return all.map(({ value, title }) => ({ key: value, name: title, image: pickAny(value) }));
  });
  return {
    ...{ inspector, results, choices, hasErrors, overview },
    scales: computed(() => scalesOf(keysOnScreen(inspector, overview.value))),
    read: computed(() =>
      versions()
        .filter(({ value, runId }) => runId !== null || value === 'truth')
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

function describePixel(pick: LinkedInspectorOptions['pick'], x: number, y: number): string[] {
  const [truth, observed] = ['truth', 'known'].map(pick);
  if (!truth || !observed) return [];
  return [isObserved({ truth, observed, result: truth }, x, y) ? 'observed' : 'not observed'];
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

/** Error maps are made when they are first looked at. */
function usePickWithErrors(pick: LinkedInspectorOptions['pick']) {
  return (version: string): RasterImage | null => {
    if (!isError(version)) return pick(version);
    const [result, truth] = [pick(version.slice(errorPrefix.length)), pick('truth')];
    return result && truth ? errorMap(result, truth) : null;
  };
}

/** A version that is gone, with its run, gives its place to another. */
function keepAmong(choices: ComputedRef<readonly VersionChoice[]>, { left, right }: UseInspectorReturn) {
  watch(choices, (now) => {
    for (const side of [left, right])
      if (!now.some(({ value }) => value === side.value)) side.value = now.at(0)?.value ?? 'truth';
  });
}

function named(name: string, image: RasterImage | null): NamedImage[] {
  return image ? [{ name, image }] : [];
}
