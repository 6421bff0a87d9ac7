/** What all charts of a view have in common: axis, zoom, crosshair, smoothing, overlaid runs, and the colours of the theme. */

import { useDebounceFn } from '@vueuse/core';
import {
  computed,
  type ComputedRef,
  ref,
  type Ref,
  shallowRef,
  type ShallowRef,
  type WritableComputedRef,
} from 'vue';
import { useTheme } from 'vuetify';
import type { ScoreBasis } from '../../../shared/comparison/scoreBasis.ts';
import type { ChartAxis } from '../../../shared/series.ts';
import { request } from '../../api/client.ts';
import { type ChartRange, joinRanges } from '../../models/charts/chartModel.ts';
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

/** Zoom and crosshair of all charts of a page; those whose x axes show the same quantity share them. */
export interface ChartLink {
  /** The visible part of each axis; absent: all of it. */
  readonly ranges: ShallowRef<Readonly<Partial<Record<ChartAxis, ChartRange>>>>;
  /** The part of each axis on which some chart has points, by the name of the metric. */
  readonly extents: ShallowRef<Readonly<Partial<Record<ChartAxis, Readonly<Record<string, ChartRange>>>>>>;
  /** Position of the crosshair; null: none is shown. */
  readonly pointer: ShallowRef<{ readonly axis: ChartAxis; readonly x: number } | null>;
}

export function createChartLink(): ChartLink {
  return { ranges: shallowRef({}), extents: shallowRef({}), pointer: shallowRef(null) };
}

export interface UseChartOptionsReturn {
  readonly axis: Ref<ChartAxis>;
  /** The visible part of the x axis, shared by the charts; null: all of it. */
  readonly range: WritableComputedRef<ChartRange | null>;
  /** The part of the x axis on which some chart has points, so that all show the same; null before the first. */
  readonly extent: ComputedRef<ChartRange | null>;
  /** Reports on which part of the current axis a chart has points; null: it has none, or is gone. */
  reportExtent(name: string, extent: ChartRange | null): void;
  /** Position of the shared crosshair on the x axis; null: hidden. */
  readonly pointer: WritableComputedRef<number | null>;
  /** The step whose preview was requested last by choosing a point; a new object every time. */
  readonly picked: ShallowRef<{ readonly step: number } | null>;
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

/** @param link Shared with other charts of the page; default: a link of its own. */
export function useChartOptions(link: ChartLink = createChartLink()): UseChartOptionsReturn {
  const settings = useSettingsStore();
  const chosen = ref<number | null>(null);
  const remember = useDebounceFn((smoothing: number) => settings.change({ smoothing }), 400);
  const axis = ref<ChartAxis>('step');
  return {
    axis,
    range: computed({
      get: () => link.ranges.value[axis.value] ?? null,
      set: (range) => void (link.ranges.value = { ...link.ranges.value, [axis.value]: range ?? undefined }),
    }),
    extent: computed(() => joinRanges(Object.values(link.extents.value[axis.value] ?? {}))),
    reportExtent(name, extent) {
      const { [name]: known, ...others } = link.extents.value[axis.value] ?? {};
      if (known?.from === extent?.from && known?.to === extent?.to) return;
      const ofAxis = extent ? { ...others, [name]: extent } : others;
      link.extents.value = { ...link.extents.value, [axis.value]: ofAxis };
    },
    pointer: computed({
      get: () => (link.pointer.value?.axis === axis.value ? link.pointer.value.x : null),
      set: (x) => void (link.pointer.value = x === null ? null : { axis: axis.value, x }),
    }),
    picked: shallowRef(null),
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
