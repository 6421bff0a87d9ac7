/** What all charts of a view have in common: axis, smoothing, overlaid runs, and the colours of the theme. */

import { useDebounceFn } from '@vueuse/core';
import { computed, type ComputedRef, ref, type Ref, shallowRef, type ShallowRef } from 'vue';
import { useTheme } from 'vuetify';
import type { ScoreBasis } from '../../../shared/comparison/scoreBasis.ts';
import type { ChartAxis } from '../../../shared/series.ts';
import { request } from '../../api/client.ts';
import { type ChartTheme, withAlpha } from '../../models/charts/chartTheme.ts';
import { createSeriesReader, type ReadCurves } from '../../models/charts/curve.ts';
import { useSettingsStore } from '../../stores/settings.ts';

/** A run whose curves are drawn. */
export interface ChartRun {
  readonly id: string;
  readonly name: string;
  /** What its evaluations are measured on. */
  readonly scores: ScoreBasis;
}

export interface UseChartOptionsReturn {
  readonly axis: Ref<ChartAxis>;
  readonly isXLogarithmic: Ref<boolean>;
  /** Weight of the past, 0 to below 1; remembered. */
  readonly smoothing: ComputedRef<number>;
  /** Runs drawn in addition to the current one. */
  readonly overlays: ShallowRef<readonly ChartRun[]>;
  /** Runs that colours are assigned to, in this order; null: those drawn. */
  readonly coloured: ShallowRef<readonly string[] | null>;
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
    coloured: shallowRef<readonly string[] | null>(null),
    readCurves: createSeriesReader((curves) => request('runs.series', curves)),
    smooth(value) {
      chosen.value = value;
      void remember(value);
    },
  };
}

/** Returns the colours of the current theme; they change with it. */
export function useChartTheme(): ComputedRef<ChartTheme> {
  const theme = useTheme();
  return computed(() => {
    const { dark, colors } = theme.current.value;
    const text = String(colors['on-surface']);
    return {
      isDark: dark,
      background: String(colors.surface),
      text,
      muted: withAlpha(text, 0.72),
      grid: withAlpha(text, 0.1),
      accent: String(colors.primary),
    };
  });
}
