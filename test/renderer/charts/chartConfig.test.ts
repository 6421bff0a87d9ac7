import {
  Chart,
  type ChartItem,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
} from 'chart.js';
import { describe, expect, it } from 'vitest';
import { chartConfig } from '../../../renderer/models/charts/chartConfig.ts';
import type { ChartModel } from '../../../renderer/models/charts/chartModel.ts';
import { printTheme } from '../../../renderer/models/charts/chartTheme.ts';
import { emptyCurve } from '../../../renderer/models/charts/curve.ts';

Chart.register(LineController, LineElement, PointElement, LinearScale, LogarithmicScale);

/** A canvas that draws nothing: Chart.js lays the chart out as in a browser. */
function blankCanvas(): ChartItem {
  const canvas = { width: 800, height: 400, style: {} };
  const context = new Proxy(
    { canvas, measureText: () => ({ width: 20 }) },
    { get: (known, name) => Reflect.get(known, name) ?? (() => undefined) },
  );
  const item: object = Object.assign(canvas, { getContext: () => context });
  return item as ChartItem;
}

function limitsOf(values: readonly number[], references: ChartModel['references'] = []) {
  const x = values.map((_, index) => index + 1);
  const curve = {
    ...emptyCurve('aaaaaaaa', 'loss'),
    steps: x,
    x,
    values: [...values],
    smoothed: [...values],
  };
  const model: ChartModel = {
    name: 'loss',
    axis: 'step',
    isSmoothed: false,
    isXLogarithmic: false,
    isYLogarithmic: false,
    lines: [{ label: 'run', colour: '#123456', dash: [], curve }],
    markers: [],
    references,
    extent: null,
    range: null,
  };
  const config = chartConfig(model, printTheme);
  const chart = new Chart(blankCanvas(), { ...config, options: { ...config.options, responsive: false } });
  const { min, max } = chart.scales.y;
  chart.destroy();
  return { min, max };
}

describe('chartConfig', () => {
  it('an axis of values that are never negative starts at zero or above, however spiky the curve', () => {
    expect(limitsOf([0.02, 1.6, 0.05, 0.03]).min).toBe(0);
    expect(limitsOf([0, 0, 0]).min).toBeGreaterThanOrEqual(0);
    expect(limitsOf([30.2, 30.4, 30.6]).min).toBeGreaterThan(29);
  });

  it('shows the lines of classical methods beyond the curve', () => {
    const { min, max } = limitsOf(
      [22, 23],
      [
        { label: 'thin plate', value: 25 },
        { label: 'linear', value: 20 },
      ],
    );
    expect(min).toBeLessThan(20);
    expect(max).toBeGreaterThan(25);
  });

  it('leaves room above the curve, and below one of negative values', () => {
    expect(limitsOf([0.02, 1.6]).max).toBeGreaterThan(1.6);
    expect(limitsOf([-1, 1]).min).toBeLessThan(-1);
  });
});
