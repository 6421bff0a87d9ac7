import { describe, expect, it } from 'vitest';
import { insertMetrics } from '../../main/store/metrics.ts';
import { readColumns } from '../../main/store/series.ts';
import type { MetricPoint } from '../../shared/metric.ts';
import { openExampleStore } from './exampleStore.ts';
import { insertRows } from './manyRuns.ts';

describe('the columns of a curve', () => {
  it('have every finite point of their metric, once and in order, however many there are', () => {
    const store = openExampleStore();
    const [id] = insertRows(store.db, [{}]);
    const count = 45_000;
    const points = Array.from({ length: count }, (_, step): MetricPoint[] => {
      const at = { step, processSeconds: step / 10, wallTime: 1e12 + step };
      return [
        { ...at, name: 'loss', value: step % 1000 === 0 ? NaN : step },
        { ...at, name: 'gradNorm', value: -1 },
      ];
    });
    insertMetrics(store.db, id, points.flat());
    const { steps, values, processSeconds, wallTimes } = readColumns(store.db, id, 'loss');
    const wanted = Array.from({ length: count }, (_, step) => step).filter((step) => step % 1000 !== 0);
    expect(steps).toEqual(wanted);
    expect(values).toEqual(wanted);
    expect(processSeconds).toEqual(wanted.map((step) => step / 10));
    expect(wallTimes).toEqual(wanted.map((step) => 1e12 + step));
  });
});
