/** The sources of images for a comparison: which exist, which one is shown, and which runs lack images. */

import { computed, ref, type ComputedRef, type Ref } from 'vue';
import type { ComparedRun, RunPreviews } from '../../../shared/comparison/comparison.ts';
import { pathsOfRuns, type RunPath } from '../../models/compare/pathVersions.ts';
import { sheetVersions, type SheetVersion } from '../../models/compare/sheetVersions.ts';
import type { UseComparisonReturn } from './useComparison.ts';

/** `path`: intermediate states of a sample. */
export type ImageSource = 'evaluation' | 'path' | 'previews';

export interface UseImageSourcesReturn {
  readonly versions: ComputedRef<readonly SheetVersion[]>;
  readonly paths: ComputedRef<readonly RunPath[]>;
  /** Available sources in the order they are offered. */
  readonly sources: ComputedRef<readonly ImageSource[]>;
  /** The user's choice; if it is not available, another source is shown. */
  readonly chosen: Ref<ImageSource | null>;
  /** null: no source is available. */
  readonly shown: ComputedRef<ImageSource | null>;
  /** A sentence about runs without images in the shown source; empty if all have some. */
  readonly note: ComputedRef<string>;
}

export interface ImageSourcesOptions {
  readonly comparing: UseComparisonReturn;
  /** null: not loaded yet. */
  readonly previews: () => readonly RunPreviews[] | null;
  /** Whether the address requests a certain image. */
  readonly isAsked: () => boolean;
}

export function useImageSources({
  comparing,
  previews,
  isAsked,
}: ImageSourcesOptions): UseImageSourcesReturn {
  const { runs, comparison } = comparing;
  const versions = computed(() => (comparison.value ? sheetVersions(runs.value, comparison.value) : []));
  const paths = computed(() => (comparison.value ? pathsOfRuns(runs.value, comparison.value) : []));
  const sources = computed(() => {
    const hasPreviews = previews()?.some(({ steps }) => steps.length > 0) ?? false;
    const isThere = {
      evaluation: versions.value.length > 0,
      path: paths.value.length > 0,
      previews: hasPreviews,
    };
    return (['evaluation', 'path', 'previews'] as const).filter((source) => isThere[source]);
  });
  const chosen = ref<ImageSource | null>(null);
  const unseen = computed(() => namesWithout(runs.value, versions.value));
  const shown = computed(() => {
    const isThere = (source: ImageSource) => sources.value.includes(source);
    if (chosen.value && isThere(chosen.value)) return chosen.value;
    // A requested image was chosen by its numbers, which belong to the evaluation.
    if (unseen.value.length > 0 && !isAsked() && isThere('previews')) return 'previews';
    return sources.value.at(0) ?? null;
  });
  const note = computed(() => {
    if (shown.value === 'path') return describeWithout(namesWithout(runs.value, paths.value));
    if (unseen.value.length === 0) return '';
    if (versions.value.length > 0)
      return `No evaluation images of ${unseen.value.join(', ')} with this protocol.`;
    return 'These evaluations stored no images.';
  });
  return { versions, paths, sources, chosen, shown, note };
}

function describeWithout(names: readonly string[]): string {
  return names.length === 0 ? '' : `No states along the path of ${names.join(', ')} with this protocol.`;
}

function namesWithout(
  runs: readonly ComparedRun[],
  has: readonly { readonly runId: string | null }[],
): string[] {
  return runs
    .filter(({ summary }) => !has.some(({ runId }) => runId === summary.id))
    .map(({ summary }) => `“${summary.name}”`);
}
