import { describe, expect, it, vi } from 'vitest';
import { insertMetrics, iterateMetrics, readMetrics } from '../../../main/store/runs/metrics.ts';
import {
  lossCurvePoints,
  readColumns,
  readLossCurves,
  readThinned,
} from '../../../main/store/runs/series.ts';
import { decimate, smooth } from '../../../shared/numbers/curves.ts';
import type { MetricPoint } from '../../../shared/metric.ts';
import { openExampleStore } from '../exampleStore.ts';
import { insertRows } from './manyRuns.ts';

describe('readColumns', () => {
  it('returns every finite point of a metric once and in order, however many there are', async () => {
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
    const { steps, values, processSeconds, wallTimes } = await readColumns(store.db, id, 'loss');
    const expected = Array.from({ length: count }, (_, step) => step).filter((step) => step % 1000 !== 0);
    expect(steps).toEqual(expected);
    expect(values).toEqual(expected);
    expect(processSeconds).toEqual(expected.map((step) => step / 10));
    expect(wallTimes).toEqual(expected.map((step) => 1e12 + step));
  });
});

describe('readThinned', () => {
  it('returns the points that thinning and smoothing all columns gives, over pages, gaps and values that are not finite', async () => {
    const store = openExampleStore();
    const [id] = insertRows(store.db, [{}]);
    const points = Array.from({ length: 7300 }, (_, index): MetricPoint => {
      const step = index < 2500 ? index : 3 * index;
      const value = index % 97 === 0 ? NaN : Math.sin(index * index);
      return { step, name: 'loss', value, processSeconds: step / 10, wallTime: 1e12 + 7 * step };
    });
    insertMetrics(store.db, id, points);
    const all = await readColumns(store.db, id, 'loss');
    const smoothed = smooth(all.values, 0.9);
    const kept = decimate(all.values, 100);
    const pick = (values: ArrayLike<number>) => kept.map((index) => values[index]);
    const run = { runId: id, name: 'loss' } as const;
    expect(await readThinned(store.db, run, { smoothing: 0.9, points: 100 })).toEqual({
      steps: pick(all.steps),
      values: pick(all.values),
      processSeconds: pick(all.processSeconds),
      wallTimes: pick(all.wallTimes),
      smoothed: pick(smoothed),
      logged: all.values.length,
    });
    expect(await readThinned(store.db, run, { smoothing: 0.9, points: all.values.length })).toBeNull();
  });
});

describe('iterateMetrics', () => {
  it('returns all points ordered by step and name, and holds a bounded number of rows at once', () => {
    const store = openExampleStore();
    const [id, other] = insertRows(store.db, [{}, {}]);
    const count = 10_000;
    const points = Array.from({ length: count }, (_, step): MetricPoint[] => {
      const at = { step, processSeconds: step, wallTime: step };
      const loss: MetricPoint = { ...at, name: 'loss', value: step };
      const psnr: MetricPoint = { ...at, name: 'evaluation/psnr', value: NaN };
      return step % 1000 === 7 ? [psnr, loss] : [loss];
    }).flat();
    insertMetrics(store.db, id, points);
    insertMetrics(store.db, other, points.slice(0, 3));
    expect([...iterateMetrics(store.db, id)]).toEqual(points);
    expect(readMetrics(store.db, id, { names: ['evaluation/psnr'], fromStep: 8 })).toEqual(
      points.filter(({ name, step }) => name === 'evaluation/psnr' && step >= 8),
    );
    const prepare = vi.spyOn(store.db, 'prepare');
    let held = 0;
    const spied = iterateMetrics(store.db, id);
    spied.next();
    const query = prepare.mock.results[0].value as { all: (...input: unknown[]) => unknown[] };
    const all = query.all.bind(query);
    query.all = (...input) => {
      const rows = all(...input);
      held = Math.max(held, rows.length);
      return rows;
    };
    expect([...spied]).toHaveLength(points.length - 1);
    expect(held).toBeLessThanOrEqual(2000);
    expect(held).toBeGreaterThan(0);
  });
});

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

describe('readLossCurves', () => {
  it('returns every logged loss if there are few', () => {
    const { store, id } = openWithLosses([4, 3, 2, 1]);
    expect(readLossCurves(store.db, [id])).toEqual([{ id, values: [4, 3, 2, 1] }]);
  });

  it('thins a long loss to 32 points that decrease if the loss does', () => {
    const { store, id } = openWithLosses(Array.from({ length: 1000 }, (_, index) => 1000 - index));
    const [{ values }] = readLossCurves(store.db, [id]);
    expect(values.length).toBe(lossCurvePoints);
    expect(values).toEqual(values.toSorted((one, other) => other - one));
    expect([values[0] <= 1000 && values[0] > 990, (values.at(-1) ?? 0) >= 1]).toEqual([true, true]);
  });

  it('leaves out NaN, and returns nothing before the first point', () => {
    const { store, id } = openWithLosses([4, NaN, 2]);
    expect(readLossCurves(store.db, [id, 'zzzzzzzz'])).toEqual([
      { id, values: [4, 2] },
      { id: 'zzzzzzzz', values: [] },
    ]);
  });
});
