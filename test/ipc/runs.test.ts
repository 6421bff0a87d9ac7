import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { MetricPoint } from '../../shared/metric.ts';
import { metricMedia, runMetricsMedia } from '../../shared/runDetail.ts';
import type { ChartAxis } from '../../shared/series.ts';
import { runConfigSchema } from '../../shared/config/config.ts';
import { insertMetrics } from '../../main/store/runs/metrics.ts';
import { insertPreview } from '../../main/store/runs/previews.ts';
import { insertRun, softDeleteRun } from '../../main/store/runs/runLifecycle.ts';
import { updateRun } from '../../main/store/runs/runs.ts';
import { openStore, type Store } from '../../main/store/store.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { openExampleLaboratory } from './exampleLaboratory.ts';

/** Opens a laboratory on a data folder that `prepare` has filled. */
async function openOn(prepare: (store: Store) => void) {
  const folder = makeTemporaryFolder();
  const store = openStore(folder);
  prepare(store);
  store.close();
  return openExampleLaboratory({}, folder);
}

/** Returns a text that the laboratory generates while it is read. */
async function readText(
  laboratory: Awaited<ReturnType<typeof openExampleLaboratory>>['laboratory'],
  path: string,
): Promise<string> {
  const media = await laboratory.media(path);
  if (!media || !('chunks' in media)) throw new Error(`There is no text at ${path}.`);
  let text = '';
  for await (const chunk of media.chunks) text += chunk;
  return text;
}

function insertNamed(store: Store, name = 'run'): string {
  return insertRun(store, { name, config: runConfigSchema.parse({ train: { batchSize: 10 } }) }).id;
}

function lossOf(values: readonly number[]): MetricPoint[] {
  return values.map((value, index) => {
    const step = 10 * (index + 1);
    return { step, name: 'loss', value, processSeconds: step / 10, wallTime: 1e12 + 1000 * step };
  });
}

describe('the series of a run', () => {
  async function openWithLoss(values: readonly number[]) {
    let id = '';
    const laboratory = await openOn((store) => {
      id = insertNamed(store);
      insertMetrics(store.db, id, lossOf(values));
      const dataset = { source: 'synthetic', split: 'train', count: 104, height: 8, width: 8 } as const;
      updateRun(store.db, id, { dataset: { ...dataset, checksum: '', notes: [] } });
    });
    return { ...laboratory, id };
  }

  it('contains every point if there are few, raw and smoothed, on each axis', async () => {
    const { ask, id } = await openWithLoss([4, 2, NaN, 3]);
    const read = async (axis: ChartAxis) =>
      (await ask('runs.series', { ids: [id], names: ['loss'], axis, smoothing: 0.5 }))[0];
    expect(await read('step')).toMatchObject({
      runId: id,
      name: 'loss',
      x: [10, 20, 40],
      values: [4, 2, 3],
      steps: [10, 20, 40],
      logged: 3,
      processSeconds: [1, 2, 4],
      wallTimes: [1e12 + 1e4, 1e12 + 2e4, 1e12 + 4e4],
    });
    expect((await read('step')).smoothed[1]).toBeCloseTo(2 / 0.75, 12);
    // 104 images in batches of 10 make ten steps per epoch.
    expect((await read('epoch')).x).toEqual([1, 2, 4]);
    expect((await read('imagesSeen')).x).toEqual([100, 200, 400]);
    expect((await read('processTime')).x).toEqual([1, 2, 4]);
    expect((await read('wallTime')).x).toEqual([1e12 + 1e4, 1e12 + 2e4, 1e12 + 4e4]);
  });

  it('is cut to the requested range after it was smoothed', async () => {
    const { ask, id } = await openWithLoss([8, 4, 2, 1]);
    const request = { ids: [id], names: ['loss' as const], smoothing: 0.5 };
    const [whole] = await ask('runs.series', request);
    const [part] = await ask('runs.series', { ...request, from: 15, to: 30 });
    expect(part).toMatchObject({ x: [20, 30], values: [4, 2], logged: 2 });
    expect(part.smoothed).toEqual(whole.smoothed.slice(1, 3));
    for (const range of [{ from: 50 }, { to: 5 }, { from: 30, to: 15 }])
      expect((await ask('runs.series', { ...request, ...range }))[0]).toMatchObject({ x: [], logged: 0 });
  });

  it('is thinned to the requested number of points, and states how many were logged', async () => {
    const { ask, id } = await openWithLoss(
      Array.from({ length: 5000 }, (_, index) => (index === 2345 ? 99 : index % 7)),
    );
    const [series] = await ask('runs.series', { ids: [id], names: ['loss'], points: 200 });
    expect(series.logged).toBe(5000);
    expect(series.x.length).toBeLessThanOrEqual(200);
    expect(Math.max(...series.values)).toBe(99);
    expect([series.x[0], series.x.at(-1)]).toEqual([10, 50_000]);
  });

  it('is written as CSV with every point', async () => {
    const { laboratory, id } = await openWithLoss([0.5, 0.25]);
    expect(await readText(laboratory, runMetricsMedia(id))).toBe(
      'step,name,value,process seconds,time,images seen\r\n' +
        '10,loss,0.5,1,2001-09-09T01:46:50.000Z,100\r\n20,loss,0.25,2,2001-09-09T01:47:00.000Z,200\r\n',
    );
  });

  it('is written in chunks that leave time for other work', async () => {
    const { laboratory, id } = await openWithLoss(Array.from({ length: 9000 }, (_, index) => index));
    const media = await laboratory.media(runMetricsMedia(id));
    const pieces: string[] = [];
    let turns = 0;
    const count = () => {
      turns += 1;
      turn = setImmediate(count);
    };
    let turn = setImmediate(count);
    for await (const piece of media && 'chunks' in media ? media.chunks : []) pieces.push(piece);
    clearImmediate(turn);
    expect(pieces.join('').split('\r\n')).toHaveLength(9002);
    expect(Math.max(...pieces.map((piece) => piece.split('\r\n').length))).toBeLessThan(2100);
    expect(turns).toBeGreaterThanOrEqual(4);
  });

  it('can be written as CSV for one metric of several runs, with the run in each line', async () => {
    let ids: string[] = [];
    const { laboratory } = await openOn((store) => {
      ids = [insertNamed(store, 'one, "two"'), insertNamed(store, '=1+1')];
      ids.forEach((id) =>
        insertMetrics(store.db, id, [
          ...lossOf([0.5]),
          { step: 10, name: 'evaluation/psnr', value: 20, processSeconds: 1, wallTime: 1e12 },
        ]),
      );
    });
    expect(await readText(laboratory, metricMedia('evaluation/psnr', ids))).toBe(
      'run,run name,step,name,value,process seconds,time,images seen\r\n' +
        `${ids[0]},"one, ""two""",10,evaluation/psnr,20,1,2001-09-09T01:46:40.000Z,100\r\n` +
        `${ids[1]},'=1+1,10,evaluation/psnr,20,1,2001-09-09T01:46:40.000Z,100\r\n`,
    );
    for (const path of ['metrics/other/aaaaaaaa.csv', metricMedia('loss', ['zzzzzzzz']), 'metrics/loss/.csv'])
      expect(await laboratory.media(path)).toBeNull();
  });
});

describe('a single run', () => {
  it('is returned with marks, bytes and dataset, and changes to tags, notes and names are sent as events', async () => {
    let id = '';
    const { ask, sentEvents } = await openOn(
      (store) => void ((id = insertNamed(store)), insertNamed(store, 'other')),
    );
    await ask('runs.note', { id, text: 'A note.' });
    await ask('runs.tag', { ids: [id], add: ['a'], remove: [] });
    expect(await ask('runs.rename', { id, name: 'other' })).toBe('other 2');
    const detail = await ask('runs.get', { id });
    expect(detail).toMatchObject({ note: 'A note.', branchedFrom: null, datasetId: 'synthetic' });
    expect(detail).toMatchObject({ summary: { tags: ['a'], hasNote: true, name: 'other 2' }, run: { id } });
    expect(detail.bytes).toBeGreaterThan(100);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(sentEvents('runs.changed').at(-1)).toMatchObject([{ id, tags: ['a'], name: 'other 2' }]);
  });

  it('that does not exist is reported as not found, with the next step', async () => {
    const { expectFailure } = await openExampleLaboratory();
    const gone = {
      code: 'notFound',
      message: 'Run zzzzzzzz no longer exists. Go back to the list of runs.',
    };
    expect(await expectFailure('runs.get', { id: 'zzzzzzzz' })).toMatchObject(gone);
    expect(await expectFailure('runs.rename', { id: 'zzzzzzzz', name: 'x' })).toMatchObject(gone);
    expect(await expectFailure('runs.note', { id: 'zzzzzzzz', text: '' })).toMatchObject(gone);
    expect(await expectFailure('runs.series', { ids: ['zzzzzzzz'], names: ['loss'] })).toMatchObject(gone);
  });
});

describe('many runs at once', () => {
  it('are moved to the trash, restored and purged; those for which that fails are named', async () => {
    const ids: string[] = [];
    const { ask, folder, sentEvents } = await openOn((store) =>
      ids.push(insertNamed(store, 'a'), insertNamed(store, 'b')),
    );
    const [a, b] = ids;
    expect(await ask('runs.delete', { ids: [a, b, 'zzzzzzzz'] })).toMatchObject([{ id: 'zzzzzzzz' }]);
    expect(await ask('runs.trashBytes', {})).toBeGreaterThan(100);
    expect(await ask('runs.ids', { view: 'trash' })).toEqual([b, a]);
    expect(await ask('runs.restore', { ids: [a] })).toEqual([]);
    expect(await ask('runs.purge', { ids: [a, b] })).toMatchObject([{ id: a }]);
    expect([existsSync(join(folder, 'trash', b)), existsSync(join(folder, 'runs', a))]).toEqual([
      false,
      true,
    ]);
    await ask('runs.archive', { ids: [a], archived: true });
    expect((await ask('runs.facets', { view: 'archived' })).views).toEqual({
      active: 0,
      archived: 1,
      trash: 0,
    });
    expect(sentEvents('runs.listChanged').length).toBe(4);
  });
});

describe('served media', () => {
  it('are the previews of runs, including those in the trash, and contact sheets, but nothing else', async () => {
    const ids: string[] = [];
    const { laboratory, folder } = await openOn((store) => {
      ids.push(insertNamed(store, 'a'), insertNamed(store, 'b'));
      for (const id of ids) {
        writeFileSync(join(store.runFolder(id), 'preview-5.png'), 'png');
        insertPreview(store.db, { runId: id, step: 5, file: 'preview-5.png' });
      }
      softDeleteRun(store, ids[1]);
    });
    const [kept, trashed] = ids;
    const type = 'image/png';
    expect(await laboratory.media(`runs/${kept}/previews/5.png`)).toEqual({
      file: join(folder, 'runs', kept, 'preview-5.png'),
      type,
    });
    expect(await laboratory.media(`runs/${trashed}/previews/5.png`)).toEqual({
      file: join(folder, 'trash', trashed, 'preview-5.png'),
      type,
    });
    expect(await laboratory.media('data/synthetic/sheet.png')).toMatchObject({
      type,
      bytes: expect.anything(),
    });
    for (const path of [
      `runs/${kept}/previews/6.png`,
      `runs/${kept}/previews/05.png`,
      `runs/${kept}/previews/5.png/..`,
      `runs/${kept}/run.json`,
      `runs/../runs/${kept}/previews/5.png`,
      'runs/zzzzzzzz/previews/5.png',
      '',
      'data/../sheet.png',
      'data/absent/sheet.png',
      'data/cifar10/sheet.png',
      `/runs/${kept}/previews/5.png`,
      `runs/${kept}/previews/5.png\n`,
    ])
      expect(await laboratory.media(path), path).toBe(null);
  });
});
