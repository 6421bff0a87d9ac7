/** The newest live points of some runs, kept until a series that was asked for surely holds them. */

import type { MetricName, MetricPoint } from '../../../shared/metric.ts';

export interface LiveTail {
  remember(runId: string, points: readonly MetricPoint[]): void;
  /** Ascending by step. */
  of(runId: string, name: MetricName): readonly MetricPoint[];
}

/** The store writes at least every second; some hundred points are many seconds. */
const capacity = 400;

/** A point that is not newer than the last one takes its place and that of all after it: the run was resumed. */
export function createLiveTail(): LiveTail {
  const tails = new Map<string, MetricPoint[]>();
  return {
    remember(runId, points) {
      for (const point of points) {
        const key = `${runId} ${point.name}`;
        const tail = tails.get(key) ?? [];
        while (tail.length > 0 && tail[tail.length - 1].step >= point.step) tail.pop();
        tail.push(point);
        if (tail.length > 2 * capacity) tail.splice(0, capacity);
        tails.set(key, tail);
      }
    },
    of: (runId, name) => tails.get(`${runId} ${name}`) ?? [],
  };
}
