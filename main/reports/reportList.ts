/** The list of reports: recorded ones, and folders of earlier versions that were never recorded. */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { zipSync } from 'fflate';
import {
  isReportFile,
  type ReportDescription,
  reportDescriptionSchema,
  type ReportEntry,
} from '../../shared/comparison/comparison.ts';
import { insertReport, listStoredReports, prepareRunNames, type StoredReport } from '../store/comparisons.ts';
import { isRunId, reportFolder, reportsFolder } from '../store/dataFolder.ts';
import type { Store } from '../store/store.ts';

/** Lists all reports, newest first, with the files that are still there. */
export function listReports({ db, dataFolder }: Pick<Store, 'db' | 'dataFolder'>): ReportEntry[] {
  adoptReports({ db, dataFolder });
  const nameOf = prepareRunNames(db);
  return listStoredReports(db).map((report) => describeReport(report, nameOf));
}

/** Returns the folder of a report; null if none is recorded with this id. */
export function findReportFolder({ db }: Pick<Store, 'db'>, id: string): string | null {
  return listStoredReports(db).find((report) => report.id === id)?.folder ?? null;
}

/** The first day that the format has: archives of equal files are equal. */
const zipDate = new Date(1980, 0, 1);

/** Returns the files of a report as one zip archive, in a folder named like that of the report. */
export function archiveReport(folder: string): Uint8Array {
  const names = readdirSync(folder).filter(isReportFile);
  const files = names.map((name) => [
    `${basename(folder)}/${name}`,
    new Uint8Array(readFileSync(join(folder, name))),
  ]);
  return zipSync(Object.fromEntries(files), { mtime: zipDate });
}

function describeReport(
  { id, title, createdAt, folder, runIds }: StoredReport,
  nameOf: ReturnType<typeof prepareRunNames>,
): ReportEntry {
  const isThere = existsSync(join(folder, 'report.html'));
  const names = isThere ? readdirSync(folder).filter(isReportFile) : [];
  return {
    id,
    title,
    createdAt,
    folder,
    isThere,
    runs: runIds.map(nameOf),
    files: names.map((name) => ({ name, bytes: statSync(join(folder, name)).size })),
    notes: [],
  };
}

/** Records reports of earlier versions, whose files describe them. */
function adoptReports({ db, dataFolder }: Pick<Store, 'db' | 'dataFolder'>): void {
  const folder = reportsFolder(dataFolder);
  if (!existsSync(folder)) return;
  const known = new Set(listStoredReports(db).map(({ id }) => id));
  for (const id of readdirSync(folder).filter((name) => isRunId(name) && !known.has(name))) {
    const own = reportFolder(dataFolder, id);
    const numbers = readNumbers(join(own, 'numbers.json'));
    if (!numbers) continue;
    const { title, createdAt, runs } = numbers;
    insertReport(db, { id, title, createdAt, folder: own, runIds: runs.map(({ summary }) => summary.id) });
  }
}

function readNumbers(file: string): ReportDescription | null {
  try {
    return reportDescriptionSchema.safeParse(JSON.parse(readFileSync(file, 'utf8'))).data ?? null;
  } catch {
    return null;
  }
}
