/** Reads curves for several charts at once: requests that differ only in their metric are combined. */

import type { MetricName } from '../../../shared/metric.ts';
import type { Series, SeriesRequest } from '../../../shared/series.ts';

/** The request of one chart. */
export interface CurveRequest extends Omit<SeriesRequest, 'names'> {
  readonly name: MetricName;
}

/** Returns one series per run. Rejects for every chart of a combined request if that request fails. */
export type ReadCurves = (request: CurveRequest) => Promise<readonly Series[]>;

interface Batch {
  readonly names: Set<MetricName>;
  readonly answer: Promise<readonly Series[]>;
}

/** Combines requests that are made in the same tick. */
export function createSeriesReader(
  readSeries: (request: SeriesRequest) => Promise<readonly Series[]>,
): ReadCurves {
  const waiting = new Map<string, Batch>();
  return async ({ name, ...common }) => {
    const key = JSON.stringify(common);
    const batch = waiting.get(key) ?? begin(key, common);
    batch.names.add(name);
    return (await batch.answer).filter((series) => series.name === name);
  };

  function begin(key: string, common: Omit<CurveRequest, 'name'>): Batch {
    const names = new Set<MetricName>();
    const answer = Promise.resolve().then(() => {
      waiting.delete(key);
      return readSeries({ ...common, ids: [...common.ids], names: [...names] });
    });
    const batch = { names, answer };
    waiting.set(key, batch);
    return batch;
  }
}
