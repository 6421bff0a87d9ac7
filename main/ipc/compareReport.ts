/** Reports of several runs: written below the data folder, found again by their address. */

import { existsSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { ReportEntry, ReportRequest } from '../../shared/comparison/comparison.ts';
import { writeComparisonReport } from '../reports/comparison/writeComparisonReport.ts';
import { printByChromium } from '../runtime/chromium.ts';
import { reportFolder, createShortId } from '../store/dataFolder.ts';
import type { Media } from './laboratory.ts';
import type { LaboratoryParts } from './parts.ts';

const filePattern =
  /^reports\/([a-z2-7]{8})\/([a-z]{1,20}(?:-[a-z]{1,20})?\.(?:html|pdf|csv|md|tex|json|png|svg))$/;

/** For documents that are opened by themselves: neither script nor network, even if one were in them. */
const documentPolicy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox";

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.pdf': 'application/pdf',
  '.csv': 'text/csv; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.tex': 'text/plain; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
};

/** @throws UnknownRunError; Error when a run cannot be read or the disk refuses. */
export async function makeReport(
  { store, options }: Pick<LaboratoryParts, 'store' | 'options'>,
  request: ReportRequest,
): Promise<ReportEntry> {
  const id = createShortId((candidate) => existsSync(reportFolder(store.dataFolder, candidate)));
  const createdAt = new Date().toISOString();
  const { model, files, notes } = await writeComparisonReport(store, {
    ...{ request, createdAt, version: options.version },
    folder: reportFolder(store.dataFolder, id),
    printPdf: options.desktop?.printPdf ?? printByChromium,
  });
  return { id, title: model.title, createdAt, files, notes };
}

/** What stands at an address below `reports/`; null: nothing does. */
export function findReportFile(dataFolder: string, path: string): Media | null {
  const match = filePattern.exec(path);
  if (!match) return null;
  const [, id, name] = match;
  const file = join(reportFolder(dataFolder, id), name);
  const ending = extname(name);
  const isDocument = ending === '.html' || ending === '.svg';
  return existsSync(file)
    ? { file, type: types[ending], ...(isDocument && { policy: documentPolicy }) }
    : null;
}
