import { existsSync, rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { writeCheckpoint } from '../../main/store/files/checkpointFile.ts';
import { insertPreview } from '../../main/store/runs/previews.ts';
import { updateRun } from '../../main/store/runs/runs.ts';
import { insertRun } from '../../main/store/runs/runLifecycle.ts';
import { openStore } from '../../main/store/store.ts';
import { evaluationSheetPath } from '../../shared/comparison/comparison.ts';
import { type RunConfigInput, runConfigSchema } from '../../shared/config/config.ts';
import { exampleEvaluation } from '../reports/exampleEvaluation.ts';
import { insertEvaluatedRun } from '../reports/exampleReport.ts';
import { openExampleStore } from '../store/exampleStore.ts';
import { exampleCheckpoint } from '../store/files/exampleCheckpoint.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { createFakeDesktop, openExampleLaboratory, waitUntil } from './exampleLaboratory.ts';

/** Opens a laboratory with runs that have a checkpoint. */
async function openWithRuns(...configs: readonly RunConfigInput[]) {
  const example = await openExampleLaboratory();
  const store = openStore(example.folder);
  const ids = configs.map((input, index) => {
    const config = runConfigSchema.parse({ preset: 'tiny', ...input });
    const { id } = insertRun(store, { name: `run ${index}`, config, totalSteps: null });
    writeCheckpoint(store.runFolder(id), exampleCheckpoint(4));
    return id;
  });
  store.close();
  return { ...example, ids };
}

describe('compare.get', () => {
  it('returns the runs in the requested order, with their evaluations and stored images', async () => {
    const { ask, hosts, ids, laboratory } = await openWithRuns({}, {});
    await ask('training.evaluate', { id: ids[0] });
    const rows = { height: 2, width: 2, pixels: new Uint8Array(12) };
    hosts[0].emit({ type: 'sheet', name: 'truth', images: 1, columns: 1, rows });
    hosts[0].emit({ type: 'evaluated', evaluation: exampleEvaluation });
    hosts[0].exit();
    await waitUntil(() => !laboratory.isBusy());
    const found = await ask('compare.get', { ids: [ids[1], ids[0]] });
    expect(found.map(({ summary, evaluations }) => [summary.name, evaluations.length])).toEqual([
      ['run 1', 0],
      ['run 0', 1],
    ]);
    const [{ id, imageSheets, step }] = found[1].evaluations;
    expect([step, imageSheets]).toEqual([
      4,
      { images: 1, columns: 1, imageSize: 2, sheets: ['truth'], states: [] },
    ]);
    const media = await laboratory.media(evaluationSheetPath(ids[0], id, 0));
    expect(media && 'file' in media && existsSync(media.file)).toBe(true);
    for (const path of [
      evaluationSheetPath(ids[0], id, 1),
      evaluationSheetPath(ids[1], id, 0),
      evaluationSheetPath(ids[0], id + 1, 0),
      `runs/${ids[0]}/evaluations/${id}/../0.png`,
      `runs/${ids[0]}/evaluations/0${id}/0.png`,
    ])
      expect(await laboratory.media(path)).toBeNull();
  });

  it('rejects a single run, a repeated run and a missing run', async () => {
    const { expectFailure, ids } = await openWithRuns({});
    expect((await expectFailure('compare.get', { ids })).code).toBe('invalid');
    expect((await expectFailure('compare.get', { ids: [ids[0], ids[0]] })).message).toContain(
      'each run once',
    );
    expect((await expectFailure('compare.get', { ids: [ids[0], 'zzzzzzzz'] })).code).toBe('notFound');
  });
});

describe('compare.groups', () => {
  it('returns the runs of the ten best groups in the requested order, and how many groups there are', async () => {
    const configs = Array.from({ length: 12 }, (_, index) => ({
      optim: { learningRate: (index + 1) / 10_000 },
      seed: index % 2,
    }));
    const { ask, expectFailure, folder, ids } = await openWithRuns(...configs);
    const store = openStore(folder);
    ids.forEach((id, index) => updateRun(store.db, id, { bestPsnr: 20 + index }));
    store.close();
    const found = await ask('compare.groups', { ids, by: 'optim.learningRate' });
    expect(found.groups).toBe(12);
    expect(found.runs.map(({ summary }) => summary.id)).toEqual(ids.slice(2));
    const bySeed = await ask('compare.groups', { ids, by: 'seed' });
    expect([bySeed.groups, bySeed.runs.length]).toEqual([2, 12]);
    const missing = await expectFailure('compare.groups', { ids: ['zzzzzzzz', 'yyyyyyyy'], by: 'seed' });
    expect(missing.code).toBe('notFound');
    expect((await expectFailure('compare.groups', { ids, by: 'moon' })).code).toBe('invalid');
  });
});

describe('compare.previews', () => {
  it('returns the steps at which each run has previews, in the requested order', async () => {
    const { ask, expectFailure, folder, ids } = await openWithRuns({}, {});
    const store = openStore(folder);
    for (const step of [250, 0])
      insertPreview(store.db, { runId: ids[1], step, file: `preview-${step}.png` });
    store.close();
    expect(await ask('compare.previews', { ids: [ids[1], ids[0]] })).toEqual([
      { runId: ids[1], steps: [0, 250] },
      { runId: ids[0], steps: [] },
    ]);
    expect((await expectFailure('compare.previews', { ids: [ids[0], 'zzzzzzzz'] })).code).toBe('notFound');
  });
});

describe('compare.evaluate', () => {
  it('queues one evaluation per run with the same protocol, which is that of the first run by default', async () => {
    const { ask, ids, hosts } = await openWithRuns(
      { mask: { keepRatio: 0.3 } },
      { mask: { keepRatio: 0.1 } },
    );
    const state = await ask('compare.evaluate', { ids, request: { images: 7, maskSeed: 9 } });
    expect(state).toMatchObject({ active: [{ job: { runId: ids[0] } }], waiting: [{ runId: ids[1] }] });
    hosts[0].exit();
    await waitUntil(() => hosts.length === 2);
    const jobs = hosts.map(({ sent }) => sent[0]);
    const common = {
      images: 7,
      protocol: { maskSeed: 9, keepRatio: 0.3, source: 'synthetic' },
      plans: [{ solver: 'heun', steps: 10 }],
    };
    expect(jobs).toMatchObject([
      { type: 'evaluate', job: common },
      { type: 'evaluate', job: common },
    ]);
    expect(jobs.map((job) => 'job' in job && 'checkpoint' in job.job && job.job.checkpoint)).toEqual(
      ids.map((id) => expect.stringContaining(id) as unknown),
    );
  });

  it('measures a curve with a plan for each number of steps, and refuses one of single samples', async () => {
    const { ask, expectFailure, ids, hosts } = await openWithRuns({}, {});
    const curve = { solvers: ['euler' as const], steps: [1, 4] };
    const { code, message } = await expectFailure('compare.evaluate', { ids, request: { curve } });
    expect([code, message]).toEqual(['conflict', expect.stringContaining('needs at least 2')]);
    await ask('compare.evaluate', { ids, request: { curve, samples: 2 } });
    expect(hosts[0].sent[0]).toMatchObject({
      job: {
        plans: [
          { solver: 'euler', steps: 1 },
          { solver: 'euler', steps: 4 },
        ],
      },
    });
  });

  it('rejects runs on different data and names them, unless one dataset is chosen for all', async () => {
    const { ask, expectFailure, ids } = await openWithRuns({}, { data: { source: 'synthetic:7' } });
    const { code, message } = await expectFailure('compare.evaluate', { ids, request: {} });
    expect([code, message]).toEqual([
      'conflict',
      '“run 1” uses synthetic images, seed 7, “run 0” uses synthetic images; numbers on different images cannot be compared. Choose one dataset for all of them, or leave “run 1” out.',
    ]);
    const state = await ask('compare.evaluate', { ids, request: { datasetId: 'synthetic' } });
    expect(state.waiting).toHaveLength(1);
  });

  it('uses the requested EMA and symmetries; the default symmetries are those of the first run', async () => {
    const kept = { optim: { ema: 0.9, emaMore: [0.5] } };
    const { ask, ids, hosts, laboratory } = await openWithRuns({ ...kept, sampler: { symmetries: 2 } }, kept);
    await ask('compare.evaluate', { ids, request: { ema: 0.5 } });
    hosts[0].exit();
    await waitUntil(() => hosts.length === 2);
    const mirrored = { weights: 0.5, plans: [{ symmetries: 2 }] };
    expect(hosts.map(({ sent }) => sent[0])).toMatchObject([{ job: mirrored }, { job: mirrored }]);
    hosts[1].exit();
    await waitUntil(() => !laboratory.isBusy());
    await ask('training.evaluate', { id: ids[1], ema: 'off', symmetries: 8, datasetId: 'synthetic' });
    await waitUntil(() => hosts.length === 3);
    expect(hosts[2].sent[0]).toMatchObject({
      job: { weights: 'off', plans: [{ symmetries: 8 }], protocol: { source: 'synthetic' } },
    });
  });

  it('rejects an EMA that one of the runs does not keep', async () => {
    const { ask, expectFailure, ids } = await openWithRuns({ optim: { ema: 0.9, emaMore: [0.5] } }, {});
    expect((await expectFailure('compare.evaluate', { ids, request: { ema: 0.5 } })).message).toContain(
      'The run keeps no average of decay 0.5',
    );
    expect((await ask('queue.get', {})).active).toEqual([]);
    expect((await expectFailure('training.evaluate', { id: ids[0], ema: 1 })).code).toBe('invalid');
  });

  it('rejects different image sizes, and queues nothing if one run cannot be evaluated', async () => {
    const sizes = await openWithRuns({}, { data: { imageSize: 16 } });
    expect(
      (await sizes.expectFailure('compare.evaluate', { ids: sizes.ids, request: {} })).message,
    ).toContain('16×16');
    const { ask, expectFailure, ids } = await openWithRuns({}, {});
    await ask('training.evaluate', { id: ids[1] });
    expect((await expectFailure('compare.evaluate', { ids, request: {} })).message).toContain(
      'is already queued',
    );
    expect((await ask('queue.get', {})).waiting).toEqual([]);
  });
});

async function openWithEvaluatedRuns(options: Parameters<typeof openExampleLaboratory>[0] = {}) {
  const folder = makeTemporaryFolder();
  const store = openExampleStore(folder);
  const ids = ['flow', 'score'].map((name, index) => insertEvaluatedRun(store, { name, gain: index }));
  return { ids, ...(await openExampleLaboratory(options, folder)) };
}

describe('compare.report', () => {
  it('writes a report whose files are served only at their own paths', async () => {
    const { ids, ask, laboratory } = await openWithEvaluatedRuns();
    const report = await ask('compare.report', { ids, title: 'Mine' });
    expect(report).toMatchObject({ title: 'Mine', notes: [] });
    for (const { name } of report.files)
      expect(await laboratory.media(`reports/${report.id}/${name}`)).toMatchObject({
        file: expect.stringContaining(name),
      });
    expect(await laboratory.media(`reports/${report.id}/report.html`)).toMatchObject({
      type: 'text/html; charset=utf-8',
      policy: "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox",
    });
    for (const path of ['report.exe', '../../lab.sqlite', '..%2flab.sqlite', 'other.html', 'REPORT.HTML', ''])
      expect(await laboratory.media(`reports/${report.id}/${path}`)).toBeNull();
  });

  it('lists the report with its folder and runs, and serves all of its files as one archive', async () => {
    const { ids, ask, expectFailure, laboratory } = await openWithEvaluatedRuns();
    const { id, folder, files } = await ask('compare.report', { ids, title: 'Mine' });
    const [listed] = await ask('reports.list', {});
    expect(listed).toMatchObject({ id, title: 'Mine', folder, isThere: true });
    expect(listed.files).toHaveLength(files.length);
    const archive = await laboratory.media(`reports/${id}.zip`);
    expect(archive && 'bytes' in archive && Buffer.from(archive.bytes).toString('latin1')).toContain(
      `${id}/report.html`,
    );
    expect(await laboratory.media('reports/aaaaaaaa.zip')).toBeNull();
    expect((await expectFailure('reports.show', { id })).message).toContain(folder);
    expect((await expectFailure('reports.forget', { id })).code).toBe('conflict');
    rmSync(folder, { recursive: true });
    expect(await ask('reports.list', {})).toMatchObject([{ id, isThere: false }]);
    expect(await laboratory.media(`reports/${id}.zip`)).toBeNull();
    expect(await ask('reports.forget', { id })).toEqual([]);
  });

  it('shows the folder of a report in the desktop application', async () => {
    const opened: string[] = [];
    const desktop = createFakeDesktop({
      openFolder: (path) => Promise.resolve(void opened.push(path)),
    });
    const { ids, ask } = await openWithEvaluatedRuns({ desktop });
    const { id, folder } = await ask('compare.report', { ids });
    await ask('reports.show', { id });
    expect(opened).toEqual([folder]);
  });

  it('prints the PDF with the desktop application if it runs there', async () => {
    const printed: string[] = [];
    const desktop = createFakeDesktop({
      printPdf: (html) => Promise.resolve(Buffer.from(`pdf ${printed.push(html)}`)),
    });
    const { ids, ask } = await openWithEvaluatedRuns({ desktop });
    const { files } = await ask('compare.report', { ids, pdf: true });
    expect(files).toContainEqual({ name: 'report.pdf', bytes: 5 });
    expect(printed[0]).toContain('<!doctype html>');
  });

  it('is about one run too, and rejects none and a missing run', async () => {
    const { ids, ask, expectFailure } = await openWithEvaluatedRuns();
    const { files, runs } = await ask('compare.report', { ids: ids.slice(0, 1) });
    expect(files.map(({ name }) => name)).toContain('report.html');
    expect(runs).toHaveLength(1);
    expect(await expectFailure('compare.report', { ids: [] })).toMatchObject({ code: 'invalid' });
    expect(await expectFailure('compare.report', { ids: [ids[0], 'aaaaaaaa'] })).toMatchObject({
      message: expect.stringContaining('aaaaaaaa'),
    });
  });
});

describe('saved comparisons', () => {
  it('are saved, renamed and deleted, and every page hears of it', async () => {
    const { ids, ask, expectFailure, sentEvents } = await openWithRuns({}, {});
    const [{ id, runs }] = await ask('comparisons.save', { name: ' width ', ids });
    expect(runs.map((run) => run.id)).toEqual(ids);
    expect((await expectFailure('comparisons.save', { name: 'width', ids })).code).toBe('conflict');
    expect(await ask('comparisons.rename', { id, name: 'depth' })).toMatchObject([{ id, name: 'depth' }]);
    expect(await ask('comparisons.list', {})).toMatchObject([{ name: 'depth' }]);
    expect(await ask('comparisons.delete', { id })).toEqual([]);
    expect(sentEvents('comparisons.changed')).toMatchObject([[{ name: 'width' }], [{ name: 'depth' }], []]);
  });
});
