/** The versions of an inpainting's image that are shown while it is computed and afterwards. */

import { computed, ref, watch, type ComputedRef } from 'vue';
import { inpaintingMedia, type InpaintingEntry } from '../../../shared/inpainting.ts';
import { chooseStep, moveStep, shownStep, type StepChoice } from '../../models/images/inspectorChoices.ts';
import { useInspector, type UseInspectorReturn } from '../images/useInspector.ts';
import {
  listImageVersions,
  overviewVersions,
  sizeOf,
  stateTimes,
  type ImageVersion,
} from '../../models/inpainting/imageVersions.ts';
import { useVersionImages, type UseVersionImagesReturn } from './useVersionImages.ts';

export interface UseInpaintingInspectorReturn {
  readonly inspector: UseInspectorReturn;
  readonly images: UseVersionImagesReturn;
  readonly versions: ComputedRef<readonly ImageVersion[]>;
  /** Numbers of the intermediate states. */
  readonly states: ComputedRef<readonly number[]>;
  /** State that is shown; null before the first. */
  readonly state: ComputedRef<number | null>;
  readonly isFollowing: ComputedRef<boolean>;
  /** Versions of the overview; the intermediate state is among them once it was moved. */
  readonly overview: ComputedRef<readonly ImageVersion[]>;
  moveState(by: number): void;
  chooseState(state: number): void;
  /** Shows a version as B. */
  show(version: string): void;
}

/** Versions that the pixel readout needs. */
const readVersions = ['truth', 'result', 'mask', 'deviation'];

export function useInpaintingInspector(
  entry: () => InpaintingEntry,
  compared: () => InpaintingEntry | null,
): UseInpaintingInspectorReturn {
  const choice = ref<StepChoice>({ chosen: null });
  /** Whether the user has moved through the states of this entry. */
  const isStateShown = ref(false);
  const states = computed(() => stateTimes(entry()).map((_, index) => index));
  const state = computed(() => shownStep(states.value, choice.value));
  const versions = computed(() => listImageVersions(entry(), { state: state.value, compared: compared() }));
  const overview = computed(() =>
    overviewVersions(versions.value, isStateShown.value, entry().request.method),
  );
  const inspector: UseInspectorReturn = useInspector({
    size: () => sizeOf(entry()) ?? images.pick('state') ?? entry().image,
    pick: (version) => images.pick(version),
    left: 'known',
    right: 'result',
  });
  const images = useVersionImages({
    versions: () => [...versions.value, ...maskVersion(entry())],
    wanted: () => wantedVersions(inspector, overview.value),
    neighbours: () => neighbourPaths(entry(), inspector.right.value === 'state' ? state.value : null),
    size: sizeOf(entry()) ?? entry().image,
  });
  followEntry(inspector, entry, versions);
  watch(
    () => entry().id,
    () => (isStateShown.value = false),
  );

  function show(version: string) {
    inspector.right.value = version;
    if (inspector.mode.value === 'overview') inspector.mode.value = 'slider';
  }

  /** Shows the state as B; the overview shows it next to the others. */
  function showState() {
    isStateShown.value = true;
    if (inspector.mode.value !== 'overview') inspector.right.value = 'state';
  }

  return {
    inspector,
    overview,
    images,
    versions,
    states,
    state,
    show,
    isFollowing: computed(() => choice.value.chosen === null),
    moveState(by) {
      choice.value = moveStep(states.value, choice.value, by);
      showState();
    },
    chooseState(next) {
      choice.value = chooseStep(states.value, next);
      showState();
    },
  };
}

/** Returns the mask, from which the pixel readout reads whether a pixel is known. */
function maskVersion({ id, result }: InpaintingEntry): ImageVersion[] {
  return result ? [{ value: 'mask', title: 'Mask', path: inpaintingMedia(id, 'mask') }] : [];
}

function wantedVersions(
  { mode, left, right, cursor }: UseInspectorReturn,
  overview: readonly ImageVersion[],
): string[] {
  const shown = mode.value === 'overview' ? overview.map(({ value }) => value) : [left.value, right.value];
  return cursor.value ? [...shown, ...readVersions] : shown;
}

/** Returns the paths of the neighbouring states, so that the slider shows them at once. */
function neighbourPaths(entry: InpaintingEntry, state: number | null): string[] {
  if (state === null) return [];
  return [state + 1, state - 1, state + 2]
    .filter((other) => other >= 0 && other < stateTimes(entry).length)
    .map((other) => inpaintingMedia(entry.id, `time-${other}`));
}

/** Chooses mode and versions for a new entry, its first state, its result, and another result to compare with. */
function followEntry(
  { mode, left, right }: UseInspectorReturn,
  entry: () => InpaintingEntry,
  versions: ComputedRef<readonly ImageVersion[]>,
) {
  const has = (version: string) => versions.value.some(({ value }) => value === version);
  const choose = (...wanted: readonly string[]) => wanted.find(has) ?? versions.value.at(0)?.value ?? '';
  watch(
    [
      () => entry().id,
      () => entry().result !== null,
      () => has('other'),
      () => has('state'),
      () => has('result'),
    ] as const,
    ([, hasResult, isComparing, hasStates]) => {
      left.value = choose(...(isComparing ? ['other'] : []), ...(hasResult ? ['known'] : ['truth', 'state']));
      right.value = choose('result', 'state');
      if (isComparing) mode.value = 'slider';
      else mode.value = hasResult || !hasStates ? 'overview' : 'side';
    },
    { immediate: true },
  );
  // The difference to the grey of unknown pixels is meaningless.
  watch(mode, (next) => {
    if (next === 'difference' && left.value === 'known') left.value = choose('truth', 'known');
  });
}
