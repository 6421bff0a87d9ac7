import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { archiveReport, findReportFolder, listReports } from '../../main/reports/reportList.ts';
import { insertReport } from '../../main/store/comparisons.ts';
import { reportFolder } from '../../main/store/dataFolder.ts';
import { openExampleStore } from '../store/exampleStore.ts';
import { insertEvaluatedRun, writeExampleReport } from './exampleReport.ts';

async function writeReport(folderOf: (dataFolder: string) => string) {
  const store = openExampleStore();
  const ids = ['flow', 'score'].map((name, index) => insertEvaluatedRun(store, { name, gain: index }));
  const folder = folderOf(store.dataFolder);
  const { files } = await writeExampleReport(store, { ids, title: 'Mine' }, { folder });
  return { store, ids, folder, names: files.map(({ name }) => name).sort() };
}

describe('the list of reports', () => {
  it('includes reports of earlier versions, which were never recorded, as their files describe them', async () => {
    const { store, ids, folder, names } = await writeReport((data) => reportFolder(data, 'abcdefgh'));
    mkdirSync(reportFolder(store.dataFolder, 'bbbbbbbb'));
    writeFileSync(join(reportFolder(store.dataFolder, 'bbbbbbbb'), 'numbers.json'), '{"title": 3}');
    const [report, ...others] = listReports(store);
    expect(others).toEqual([]);
    expect(report).toMatchObject({ id: 'abcdefgh', title: 'Mine', folder, isThere: true });
    expect(report.runs).toEqual(ids.map((id, index) => ({ id, name: ['flow', 'score'][index] })));
    expect(report.files.map(({ name }) => name).sort()).toEqual(names);
    expect(listReports(store)).toHaveLength(1);
  });

  it('says of a report whose folder is gone that it is gone', async () => {
    const { store, ids, folder } = await writeReport((data) => join(data, 'elsewhere'));
    const createdAt = '2026-11-24T01:00:00.000Z';
    insertReport(store.db, { id: 'abcdefgh', title: 'Mine', createdAt, folder, runIds: ids });
    expect(listReports(store)[0]).toMatchObject({ folder, isThere: true });
    rmSync(folder, { recursive: true });
    expect(listReports(store)[0]).toMatchObject({ folder, isThere: false, files: [] });
    expect(findReportFolder(store, 'abcdefgh')).toBe(folder);
    expect(findReportFolder(store, 'bbbbbbbb')).toBeNull();
  });
});

describe('the archive of a report', () => {
  it('has the files of the report in one folder, and no other file that lies there', async () => {
    const { folder, names } = await writeReport((data) => join(data, 'mine'));
    writeFileSync(join(folder, 'diary.txt'), 'dear diary');
    const archive = unzipSync(archiveReport(folder));
    expect(Object.keys(archive).sort()).toEqual(names.map((name) => `mine/${name}`));
    for (const name of names) {
      expect(readFileSync(join(folder, name)).equals(archive[`mine/${name}`])).toBe(true);
    }
  });
});
