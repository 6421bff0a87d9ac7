import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createLiveTail,
  type Curve,
  emptyCurve,
  fromSeries,
  lowerBound,
  mergePoints,
  createSeriesReader,
  type CurveRequest,
} from '../../../renderer/models/charts/curve.ts';
import type { MetricPoint } from '../../../shared/metric.ts';
import { smooth } from '../../../shared/numbers/curves.ts';
import type { ChartAxis, Series, SeriesRequest } from '../../../shared/series.ts';

const mergeOptions = (axis: ChartAxis = 'step') => ({ axis, smoothing: 0.6 });

function point(step: number, value = step / 10): MetricPoint {
  return { step, name: 'loss', value, processSeconds: step * 2, wallTime: 1e12 + step * 1000 };
}

/** Returns the curve of these points as if the store had answered. */
function createCurve(points: readonly MetricPoint[], smoothing = 0.6): Curve {
  const values = points.map(({ value }) => value);
  return fromSeries({
    runId: 'aaaaaaaa',
    name: 'loss',
    x: points.map((one) => one.step),
    values,
    smoothed: [...smooth(values, smoothing)],
    steps: points.map((one) => one.step),
    processSeconds: points.map(({ processSeconds }) => processSeconds),
    wallTimes: points.map(({ wallTime }) => wallTime),
    logged: points.length,
  });
}

describe('mergePoints', () => {
  it('gives the same smoothed curve as reading all points at once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 1, maxLength: 60 }),
        fc.nat(60),
        fc.constantFrom(0, 0.3, 0.9, 0.99),
        (values, cut, smoothing) => {
          const all = values.map((value, index) => point(index + 1, value));
          const known = createCurve(all.slice(0, cut), smoothing);
          const { curve, isStale } = mergePoints(known, all.slice(cut), { axis: 'step', smoothing });
          const whole = createCurve(all, smoothing);
          expect(isStale).toBe(false);
          expect(curve.steps).toEqual(whole.steps);
          expect(curve.values).toEqual(whole.values);
          curve.smoothed.forEach((value, index) => expect(value).toBeCloseTo(whole.smoothed[index], 9));
          expect(curve.logged).toBe(all.length);
        },
      ),
    );
  });

  it('keeps each step once and in order if deliveries overlap', () => {
    const delivery = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 12 });
    fc.assert(
      fc.property(fc.nat(40), fc.array(delivery, { maxLength: 6 }), (length, deliveries) => {
        const log = Array.from({ length: 40 }, (_, index) => point(index + 1));
        let curve = createCurve(log.slice(0, length));
        for (const steps of deliveries) {
          curve = mergePoints(
            curve,
            steps.map((at) => log[at - 1]),
            mergeOptions(),
          ).curve;
        }
        expect(curve.steps).toEqual([...new Set(curve.steps)].sort((one, other) => one - other));
        expect(curve.values).toEqual(curve.steps.map((at) => at / 10));
        expect(curve.x).toHaveLength(curve.steps.length);
      }),
    );
  });

  it('does not change the curve for a point that is delivered twice', () => {
    const known = createCurve([point(10), point(20)]);
    expect(mergePoints(known, [point(10), point(20)], mergeOptions())).toEqual({
      curve: known,
      isStale: false,
    });
    expect(mergePoints(known, [point(20)], mergeOptions()).curve).toBe(known);
  });

  it('cuts the curve off at a changed value and marks it as stale', () => {
    const known = createCurve([point(10), point(20), point(30)]);
    const { curve, isStale } = mergePoints(known, [point(20, 7)], mergeOptions());
    expect(curve.steps).toEqual([10, 20]);
    expect(curve.values).toEqual([1, 7]);
    expect(isStale).toBe(true);
  });

  it('treats a step inside a thinned curve as known', () => {
    const thinned = { ...createCurve([point(10), point(100)]), logged: 50 };
    expect(mergePoints(thinned, [point(50)], mergeOptions()).curve).toBe(thinned);
  });

  it('places points on the current axis', () => {
    const known = { ...createCurve([point(10), point(20)]), x: [0.5, 1] };
    expect(mergePoints(known, [point(30)], mergeOptions('epoch')).curve.x[2]).toBeCloseTo(1.5);
    const images = { ...known, x: [640, 1280] };
    expect(mergePoints(images, [point(30)], mergeOptions('imagesSeen')).curve.x[2]).toBeCloseTo(1920);
    expect(mergePoints(known, [point(30)], mergeOptions('processTime')).curve.x[2]).toBe(60);
    expect(mergePoints(known, [point(30)], mergeOptions('wallTime')).curve.x[2]).toBe(1e12 + 30_000);
  });

  it('never lets the curve run backwards after a clock was set back', () => {
    const known = { ...createCurve([point(10)]), x: [2e12] };
    expect(mergePoints(known, [point(20)], mergeOptions('wallTime')).curve.x).toEqual([2e12, 2e12]);
  });

  it.each(['epoch', 'imagesSeen'] as const)(
    'marks an empty curve over %s as stale until the first series is read',
    (axis) => {
      const merge = mergePoints(emptyCurve('aaaaaaaa', 'loss'), [point(1)], mergeOptions(axis));
      expect(merge.isStale).toBe(true);
      expect(merge.curve.steps).toEqual([]);
    },
  );
});

describe('the live tail of a curve', () => {
  it('returns points by run and metric in ascending order', () => {
    const tail = createLiveTail();
    tail.remember('one', [point(1), point(2)]);
    tail.remember('two', [point(9)]);
    tail.remember('one', [point(3)]);
    expect(tail.of('one', 'loss').map((one) => one.step)).toEqual([1, 2, 3]);
    expect(tail.of('two', 'loss').map((one) => one.step)).toEqual([9]);
    expect(tail.of('one', 'gradNorm')).toEqual([]);
  });

  it('drops points that a resumed run computes again', () => {
    const tail = createLiveTail();
    tail.remember('one', [point(1), point(2), point(3)]);
    tail.remember('one', [point(2, 5)]);
    expect(tail.of('one', 'loss').map(({ value }) => value)).toEqual([0.1, 5]);
  });

  it('keeps between 400 and 800 of the newest points', () => {
    const tail = createLiveTail();
    tail.remember(
      'one',
      Array.from({ length: 5000 }, (_, index) => point(index + 1)),
    );
    const kept = tail.of('one', 'loss');
    expect(kept.length).toBeGreaterThanOrEqual(400);
    expect(kept.length).toBeLessThanOrEqual(800);
    expect(kept[kept.length - 1].step).toBe(5000);
  });
});

describe('lowerBound', () => {
  it('returns the first index whose value is not below the given one', () => {
    expect([0, 1, 2, 3, 9].map((wanted) => lowerBound([1, 2, 2, 5], wanted))).toEqual([0, 0, 1, 3, 4]);
  });
});

const common = {
  ids: ['aaaaaaaa', 'bbbbbbbb'],
  axis: 'step',
  smoothing: 0,
  points: 100,
  from: null,
  to: null,
} satisfies Omit<CurveRequest, 'name'>;

/** Creates a reader that receives empty series, or fails, and records its requests. */
function openReader(isOffline = false) {
  const sent: SeriesRequest[] = [];
  const read = createSeriesReader((request) => {
    sent.push(request);
    if (isOffline) return Promise.reject(new Error('no connection'));
    const empty = {
      x: [],
      values: [],
      smoothed: [],
      steps: [],
      processSeconds: [],
      wallTimes: [],
      logged: 0,
    };
    const series = request.ids.flatMap((runId) => request.names.map((name) => ({ runId, name, ...empty })));
    return Promise.resolve<readonly Series[]>(series);
  });
  return { sent, read };
}

describe('the reader of series', () => {
  it('combines requests that differ only in their metric, and returns each chart its own series', async () => {
    const { sent, read } = openReader();
    const [loss, psnr] = await Promise.all([
      read({ ...common, name: 'loss' }),
      read({ ...common, name: 'evaluation/psnr' }),
    ]);
    expect(sent).toEqual([{ ...common, names: ['loss', 'evaluation/psnr'] }]);
    expect(loss.map(({ runId, name }) => [runId, name])).toEqual([
      ['aaaaaaaa', 'loss'],
      ['bbbbbbbb', 'loss'],
    ]);
    expect(psnr.every(({ name }) => name === 'evaluation/psnr')).toBe(true);
  });

  it('sends requests with another range, or in a later tick, separately', async () => {
    const { sent, read } = openReader();
    await Promise.all([read({ ...common, name: 'loss' }), read({ ...common, name: 'loss', from: 5 })]);
    expect(sent.map(({ from }) => from)).toEqual([null, 5]);
    await read({ ...common, name: 'loss' });
    expect(sent).toHaveLength(3);
  });

  it('rejects for every chart if the request fails', async () => {
    const { read } = openReader(true);
    const answers = await Promise.allSettled([
      read({ ...common, name: 'loss' }),
      read({ ...common, name: 'gradNorm' }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});
