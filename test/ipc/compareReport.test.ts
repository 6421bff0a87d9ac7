import { describe, expect, it } from 'vitest';
import { openExampleStore } from '../store/exampleStore.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { insertEvaluatedRun } from '../reports/exampleReport.ts';
import { openExampleLaboratory } from './exampleLaboratory.ts';

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

  it('prints the PDF with the desktop application if it runs there', async () => {
    const printed: string[] = [];
    const desktop = {
      chooseFolder: () => Promise.resolve(null),
      openFolder: () => Promise.resolve(),
      printPdf: (html: string) => Promise.resolve(Buffer.from(`pdf ${printed.push(html)}`)),
    };
    const { ids, ask } = await openWithEvaluatedRuns({ desktop });
    const { files } = await ask('compare.report', { ids, pdf: true });
    expect(files).toContainEqual({ name: 'report.pdf', bytes: 5 });
    expect(printed[0]).toContain('<!doctype html>');
  });

  it('rejects a single run and a missing run', async () => {
    const { ids, expectFailure } = await openWithEvaluatedRuns();
    expect(await expectFailure('compare.report', { ids: ids.slice(0, 1) })).toMatchObject({
      code: 'invalid',
    });
    expect(await expectFailure('compare.report', { ids: [ids[0], 'aaaaaaaa'] })).toMatchObject({
      message: expect.stringContaining('aaaaaaaa'),
    });
  });
});
