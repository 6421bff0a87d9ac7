/** What pictures there are to compare, which of them are looked at, and which runs have none of these. */

import { computed, ref, type ComputedRef, type Ref } from 'vue';
import type { ComparedRun, RunPreviews } from '../../../shared/comparison/comparison.ts';
import { pathsOfRuns, type RunPath } from '../../models/compare/pathVersions.ts';
import { sheetVersions, type SheetVersion } from '../../models/compare/sheetVersions.ts';
import type { UseComparisonReturn } from './useComparison.ts';

/** `path`: states of a sample on its way. */
export type ImageSource = 'evaluation' | 'path' | 'previews';

export interface UseImageSourcesReturn {
  readonly versions: ComputedRef<readonly SheetVersion[]>;
  readonly paths: ComputedRef<readonly RunPath[]>;
  /** Those that can be looked at, in the order they are offered. */
  readonly sources: ComputedRef<readonly ImageSource[]>;
  /** What the user wants; what is not there gives way to another. */
  readonly chosen: Ref<ImageSource | null>;
  /** null: there is nothing. */
  readonly shown: ComputedRef<ImageSource | null>;
  /** Which runs miss in what is shown, in words; empty: none. */
  readonly note: ComputedRef<string>;
}

export interface ImageSourcesOptions {
  readonly comparing: UseComparisonReturn;
  /** null: not read yet. */
  readonly previews: () => readonly RunPreviews[] | null;
  /** Whether one image is asked for. */
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
    // Who asks for an image has seen its numbers, which are of the evaluation.
    if (unseen.value.length > 0 && !isAsked() && isThere('previews')) return 'previews';
    return sources.value.at(0) ?? null;
  });
  const note = computed(() => {
    if (shown.value === 'path') return describeWithout(namesWithout(runs.value, paths.value));
    if (unseen.value.length === 0) return '';
    if (versions.value.length > 0)
      return `No pictures of an evaluation of ${unseen.value.join(', ')} by this protocol.`;
    return 'No pictures of these evaluations were kept.';
  });
  return { versions, paths, sources, chosen, shown, note };
}

function describeWithout(names: readonly string[]): string {
  return names.length === 0 ? '' : `No states along the path of ${names.join(', ')} by this protocol.`;
}

function namesWithout(
  runs: readonly ComparedRun[],
  has: readonly { readonly runId: string | null }[],
): string[] {
  return runs
    .filter(({ summary }) => !has.some(({ runId }) => runId === summary.id))
    .map(({ summary }) => `“${summary.name}”`);
}
