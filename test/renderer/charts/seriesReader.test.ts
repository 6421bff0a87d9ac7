import { describe, expect, it } from 'vitest';
import { createSeriesReader, type CurveRequest } from '../../../renderer/models/charts/seriesReader.ts';
import type { Series, SeriesRequest } from '../../../shared/series.ts';

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

describe('createSeriesReader', () => {
  it('Requests that differ only in their metric are combined, and each chart gets its own series', async () => {
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

  it('Requests with another range, or in a later tick, are sent separately', async () => {
    const { sent, read } = openReader();
    await Promise.all([read({ ...common, name: 'loss' }), read({ ...common, name: 'loss', from: 5 })]);
    expect(sent.map(({ from }) => from)).toEqual([null, 5]);
    await read({ ...common, name: 'loss' });
    expect(sent).toHaveLength(3);
  });

  it('A failed request rejects for every chart', async () => {
    const { read } = openReader(true);
    const answers = await Promise.allSettled([
      read({ ...common, name: 'loss' }),
      read({ ...common, name: 'gradNorm' }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});
