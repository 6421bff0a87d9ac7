/** Options that all charts of a view have in common: axis, smoothing, overlaid runs. */

import { useDebounceFn } from '@vueuse/core';
import { computed, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue';
import type { ChartAxis } from '../../../shared/series.ts';
import { request } from '../../api/client.ts';
import { useSettingsStore } from '../../stores/settings.ts';
import { createSeriesReader, type ReadCurves } from '../../models/charts/curve.ts';

/** A run whose curves are drawn. */
export interface ChartRun {
  readonly id: string;
  readonly name: string;
}

export interface UseChartOptionsReturn {
  readonly axis: Ref<ChartAxis>;
  readonly isXLogarithmic: Ref<boolean>;
  /** Weight of the past, 0 to below 1; remembered. */
  readonly smoothing: ComputedRef<number>;
  /** Runs drawn in addition to the current one. */
  readonly overlays: ShallowRef<readonly ChartRun[]>;
  smooth(value: number): void;
  /** Reads curves for all charts of the view. */
  readonly readCurves: ReadCurves;
}

export function useChartOptions(): UseChartOptionsReturn {
  const settings = useSettingsStore();
  const chosen = ref<number | null>(null);
  const remember = useDebounceFn((smoothing: number) => settings.change({ smoothing }), 400);
  return {
    axis: ref<ChartAxis>('step'),
    isXLogarithmic: ref(false),
    smoothing: computed(() => chosen.value ?? settings.settings.smoothing),
    overlays: shallowRef<readonly ChartRun[]>([]),
    readCurves: createSeriesReader((asked) => request('runs.series', asked)),
    smooth(value) {
      chosen.value = value;
      void remember(value);
    },
  };
}
