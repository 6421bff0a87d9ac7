import { describe, expect, it } from 'vitest';
import { coursePoints, readLossCourses } from '../../main/store/lossCourse.ts';
import { insertMetrics } from '../../main/store/metrics.ts';
import type { MetricPoint } from '../../shared/metric.ts';
import { openExampleStore } from './exampleStore.ts';
import { insertRows } from './manyRuns.ts';

function openWithLosses(values: readonly number[], every = 10) {
  const store = openExampleStore();
  const [id] = insertRows(store.db, [{}]);
  const points = values.flatMap((value, index): MetricPoint[] => {
    const at = { step: (index + 1) * every, processSeconds: index, wallTime: index };
    return [
      { ...at, name: 'loss', value },
      { ...at, name: 'gradNorm', value: 1000 },
    ];
  });
  insertMetrics(store.db, id, points);
  return { store, id };
}

describe('the course of a loss', () => {
  it('is every logged loss where there are few', () => {
    const { store, id } = openWithLosses([4, 3, 2, 1]);
    expect(readLossCourses(store.db, [id])).toEqual([{ id, values: [4, 3, 2, 1] }]);
  });

  it('falls as a long falling loss does, in at most 32 points within its range', () => {
    const { store, id } = openWithLosses(Array.from({ length: 1000 }, (_, index) => 1000 - index));
    const [{ values }] = readLossCourses(store.db, [id]);
    expect(values.length).toBe(coursePoints);
    expect(values).toEqual(values.toSorted((one, other) => other - one));
    expect([values[0] <= 1000 && values[0] > 990, (values.at(-1) ?? 0) >= 1]).toEqual([true, true]);
  });

  it('leaves out what is no number, and is empty before the first point', () => {
    const { store, id } = openWithLosses([4, NaN, 2]);
    expect(readLossCourses(store.db, [id, 'zzzzzzzz'])).toEqual([
      { id, values: [4, 2] },
      { id: 'zzzzzzzz', values: [] },
    ]);
  });
});
