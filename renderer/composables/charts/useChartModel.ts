/** The model of one metric's chart: curves with the colours of their runs, markers, and the visible range. */

import { computed, onScopeDispose, ref, watch, type ComputedRef, type Ref } from 'vue';
import { referenceLines } from '../../../shared/comparison/trainingReferences.ts';
import { loggedMetrics, type MetricName } from '../../../shared/metric.ts';
import type { RunDetail } from '../../../shared/runDetail.ts';
import { assignRunStyles } from '../../../shared/charts/runColours.ts';
import { extentOf, findMarkers, type ChartModel } from '../../models/charts/chartModel.ts';
import { useCurves, type UseCurvesReturn } from './useCurves.ts';
import type { ChartRun, UseChartOptionsReturn } from './useChartOptions.ts';

export interface ChartModelOptions {
  readonly name: MetricName;
  readonly detail: () => RunDetail;
  readonly options: UseChartOptionsReturn;
}

export interface UseChartModelReturn extends Pick<UseCurvesReturn, 'isLoaded' | 'error' | 'reload'> {
  readonly runs: ComputedRef<readonly ChartRun[]>;
  /** Overlaid runs that this chart leaves out, because their scores are of other data or masks. */
  readonly omitted: ComputedRef<readonly ChartRun[]>;
  readonly isYLogarithmic: Ref<boolean>;
  readonly isEmpty: ComputedRef<boolean>;
  /** Builds the model with colours for a dark or a light background. */
  build(isDark: boolean): ChartModel;
}

export function useChartModel({ name, detail, options }: ChartModelOptions): UseChartModelReturn {
  const isYLogarithmic = ref(false);
  const isScore = name.startsWith('evaluation/');
  const all = computed<readonly ChartRun[]>(() => {
    const { id, name: own, scores } = detail().summary;
    return [{ id, name: own, scores }, ...options.overlays.value.filter((run) => run.id !== id)];
  });
  const compares = ({ scores }: ChartRun) => scores.key === detail().summary.scores.key;
  const runs = computed(() => (isScore ? all.value.filter(compares) : all.value));
  const omitted = computed(() => (isScore ? all.value.filter((run) => !compares(run)) : []));
  const smoothing = computed(() => (loggedMetrics[name].isNoisy ? options.smoothing.value : 0));
  const { curves, isLoaded, error, reload } = useCurves({
    name,
    read: options.readCurves,
    runIds: () => runs.value.map(({ id }) => id),
    view: () => ({ axis: options.axis.value, smoothing: smoothing.value }),
    range: options.range,
  });
  const styles = computed(() => assignRunStyles(options.coloured.value ?? all.value.map(({ id }) => id)));
  /** The loss of a run depends on the images it is trained on, too. */
  const labelOf = (id: string) => {
    const run = runs.value.find((each) => each.id === id);
    if (!run) return id;
    return compares(run) ? run.name : `${run.name} (other data or masks)`;
  };

  function build(isDark: boolean): ChartModel {
    const lines = curves.value.flatMap((curve) => {
      const style = styles.value.get(curve.runId);
      const label = labelOf(curve.runId);
      return style ? [{ label, colour: isDark ? style.dark : style.light, dash: style.dash, curve }] : [];
    });
    const own = curves.value.at(0);
    return {
      name,
      axis: options.axis.value,
      isSmoothed: smoothing.value > 0,
      isXLogarithmic: options.isXLogarithmic.value && options.axis.value !== 'wallTime',
      isYLogarithmic: isYLogarithmic.value,
      lines,
      markers: own ? findMarkers(detail(), own) : [],
      // All curves of a score are of the same basis.
      references: referenceLines(name, detail().references),
      extent: options.extent.value,
      range: options.range.value,
    };
  }

  // Of a range that is zoomed in, not all points are known.
  watch([curves, options.range], () => {
    if (options.range.value === null) options.reportExtent(name, extentOf(curves.value));
  });
  onScopeDispose(() => options.reportExtent(name, null));
  const isEmpty = computed(() => curves.value.every(({ steps }) => steps.length === 0));
  return { runs, omitted, isYLogarithmic, isLoaded, error, reload, isEmpty, build };
}
