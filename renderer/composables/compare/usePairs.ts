/** Paired statistics of each run with one reference, image by image. */

import { computed, ref, type ComputedRef, type Ref } from 'vue';
import type { EvaluationRow } from '../../../shared/metric.ts';
import {
  pairedMetrics,
  pairedStatistics,
  type PairedMetric,
  type PairedStatistics,
} from '../../../shared/comparison/pairedStatistics.ts';
import type { UseComparisonReturn } from './useComparison.ts';

export interface RunPair {
  readonly runId: string;
  readonly row: EvaluationRow;
  readonly statistics: PairedStatistics;
}

export interface UsePairsReturn {
  readonly metric: Ref<PairedMetric>;
  /** Metrics with per-image values. */
  readonly metrics: ComputedRef<readonly { readonly value: PairedMetric; readonly title: string }[]>;
  /** Possible references: rows of the runs, then the classical methods. */
  readonly references: ComputedRef<readonly EvaluationRow[]>;
  readonly reference: ComputedRef<EvaluationRow | null>;
  readonly pairs: ComputedRef<readonly RunPair[]>;
  /** The metric with its unit. */
  readonly quantity: ComputedRef<string>;
  /** Chooses the reference by the name of its row. */
  chooseReference(method: string): void;
}

export function usePairs(comparing: UseComparisonReturn): UsePairsReturn {
  const metric = ref<PairedMetric>('psnr');
  const chosen = ref<string | null>(null);
  const rows = computed(() => comparing.comparison.value?.chosen ?? []);
  const references = computed(() => {
    const classical = comparing.comparison.value?.evaluation.rows.filter(({ nfe }) => nfe === 0) ?? [];
    return [...rows.value.map(({ row }) => row), ...classical].filter(({ perImage }) => perImage !== null);
  });
  const reference = computed(
    () => references.value.find(({ method }) => method === chosen.value) ?? references.value.at(0) ?? null,
  );
  const pairs = computed(() =>
    rows.value.flatMap(({ runId, row }): RunPair[] => {
      const base = reference.value;
      if (!row.perImage || !base?.perImage || row === base) return [];
      const statistics = pairedStatistics(row.perImage, base.perImage, metric.value);
      return statistics ? [{ runId, row, statistics }] : [];
    }),
  );
  const metrics = computed(() =>
    (Object.keys(pairedMetrics) as PairedMetric[])
      .filter((name) => references.value.some(({ perImage }) => perImage?.[name]))
      .map((value) => ({ value, title: pairedMetrics[value].title })),
  );
  return {
    metric,
    metrics,
    references,
    reference,
    pairs,
    quantity: computed(() => {
      const { title, unit } = pairedMetrics[metric.value];
      return unit ? `${title}, ${unit}` : title;
    }),
    chooseReference: (method) => void (chosen.value = method),
  };
}
