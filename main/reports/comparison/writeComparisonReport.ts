/** Writes a report of several runs as a folder of files, all or none. */

import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describeError } from '../../../shared/text/describeError.ts';
import {
  isReportFile,
  type ReportRequest,
  type ReportSectionId,
} from '../../../shared/comparison/comparison.ts';
import { chartSvg, paperStyle } from '../../../shared/charts/chartSvg.ts';
import { describeProtocol } from '../../../shared/comparison/commonProtocols.ts';
import { groupNumbers, groupTables } from '../../../shared/comparison/comparisonOfGroups.ts';
import {
  comparisonCsv,
  comparisonLatex,
  comparisonMarkdown,
  tablesCsv,
  tablesLatex,
  tablesMarkdown,
} from '../../../shared/comparison/comparisonTables.ts';
import {
  createTemporaryName,
  writeFileAtomically,
  prepareOutputFolder,
} from '../../store/files/atomicFile.ts';
import { attempt, type FileSystem, nodeFileSystem } from '../../store/files/fileSystem.ts';
import type { Store } from '../../store/store.ts';
import { drawComparison } from './comparisonFigure.ts';
import { gatherComparison } from './gatherComparison.ts';
import { renderHtml } from './renderHtml.ts';
import {
  calibrationCharts,
  costCharts,
  type ReportChart,
  resultCharts,
  trainingCharts,
} from './reportCharts.ts';
import { createReportModel, type ReportModel } from './reportModel.ts';
import { reportSections } from './reportSections.ts';
import { stringifyJson } from '../../../shared/numbers/nonFinite.ts';

/** Prints a whole HTML file. @throws Error whose message says why there is no PDF and what to do. */
export type PrintPdf = (html: string) => Promise<Uint8Array>;

export interface ComparisonReportOptions {
  readonly request: ReportRequest;
  /** Made if missing; files of an earlier report in it are replaced, other files stay. */
  readonly folder: string;
  readonly version: string;
  readonly createdAt: string;
  readonly printPdf: PrintPdf;
}

export interface WrittenReport {
  readonly model: ReportModel;
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
  /** Why a part of it is missing. */
  readonly notes: readonly string[];
}

interface ReportFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * Writes a report. Everything is rendered before anything is written. Files are written to a staging folder and moved when
 * all are complete, so that a full disk leaves an earlier report intact.
 * @throws Error when a run cannot be read or the disk refuses.
 */
export async function writeComparisonReport(
  store: Store,
  options: ComparisonReportOptions,
  fileSystem: FileSystem = nodeFileSystem,
): Promise<WrittenReport> {
  const { request, folder, version, createdAt, printPdf } = options;
  const gathered = await gatherComparison(store, request.ids);
  const model = createReportModel(gathered.runs, { ...request, version, createdAt });
  const has = (section: ReportSectionId) => request.sections.includes(section);
  const figure = has('images') ? await drawComparison(model, gathered.readSheet) : { png: null, note: '' };
  const numbers = numbersOf(model);
  const page = renderHtml(model, { sections: reportSections(model, figure), numbers });
  const notes: string[] = [];
  const pdf = request.pdf ? await orNote(printPdf(page), notes) : null;
  const files = [
    textFile('report.html', page),
    ...(pdf ? [{ name: 'report.pdf', bytes: pdf }] : []),
    ...(has('results') || has('all') ? tableFiles(model) : []),
    textFile('numbers.json', `${stringifyJson(numbers, 2)}\n`),
    ...(figure.png ? [{ name: 'figure.png', bytes: figure.png }] : []),
    ...chartFiles(model),
  ];
  writeTogether(folder, files, fileSystem);
  return { model, notes, files: files.map(({ name, bytes }) => ({ name, bytes: bytes.byteLength })) };
}

/** Returns every number of the report at full precision. */
function numbersOf({
  title,
  question,
  introduction,
  version,
  createdAt,
  runs,
  comparison,
  grouped,
}: ReportModel): object {
  return {
    format: 'sparse-field-lab report',
    formatVersion: 1,
    title,
    question,
    ...(introduction === '' ? {} : { introduction }),
    version,
    createdAt,
    // The rows themselves are part of the evaluations of their runs.
    comparison: comparison && {
      protocol: comparison.evaluation.protocol,
      rows: comparison.rows.map(({ row, ...place }) => ({ ...place, name: row.method })),
    },
    ...(grouped && groupNumbers(grouped.results)),
    runs: grouped ? [...new Set(grouped.groups.flatMap(({ runs: own }) => own))] : runs,
  };
}

function tableFiles({ comparison, grouped }: ReportModel): ReportFile[] {
  if (!comparison) return [];
  const ofGroups = grouped && groupTables(grouped.results);
  const protocol = { protocol: describeProtocol(comparison.evaluation.protocol) };
  return [
    ...(ofGroups
      ? [
          textFile('groups.csv', tablesCsv(ofGroups, ofGroups[0].rows, protocol)),
          textFile('groups.md', tablesMarkdown(ofGroups)),
          textFile('groups.tex', tablesLatex(ofGroups)),
        ]
      : []),
    textFile('comparison.csv', comparisonCsv(comparison.evaluation)),
    textFile('comparison.md', comparisonMarkdown(comparison.evaluation)),
    textFile('comparison.tex', comparisonLatex(comparison.evaluation)),
  ];
}

/** The charts of each section that has some. */
const chartsOf = {
  training: trainingCharts,
  results: resultCharts,
  cost: costCharts,
  uncertainty: calibrationCharts,
} as const satisfies Partial<Record<ReportSectionId, (model: ReportModel) => ReportChart[]>>;

function chartFiles(model: ReportModel): ReportFile[] {
  const charts = (Object.keys(chartsOf) as (keyof typeof chartsOf)[])
    .filter((section) => model.sections.includes(section))
    .flatMap((section) => chartsOf[section](model));
  return charts.map(({ name, chart }) => textFile(`${name}.svg`, chartSvg(chart, { style: paperStyle })));
}

function textFile(name: string, text: string): ReportFile {
  return { name, bytes: Buffer.from(text) };
}

async function orNote(pdf: Promise<Uint8Array>, notes: string[]): Promise<Uint8Array | null> {
  try {
    return await pdf;
  } catch (error) {
    notes.push(`There is no PDF: ${describeError(error)}`);
    return null;
  }
}

/** Lists files of an earlier report that this one does not replace, such as its PDF: they would show other numbers. */
function listStale(folder: string, files: readonly ReportFile[]): string[] {
  const isReport = existsSync(join(folder, 'numbers.json')) && existsSync(join(folder, 'report.html'));
  if (!isReport) return [];
  return readdirSync(folder).filter(
    (name) => isReportFile(name) && !files.some((file) => file.name === name),
  );
}

function writeTogether(folder: string, files: readonly ReportFile[], fileSystem: FileSystem): void {
  const isNew = !existsSync(folder);
  const staging = join(folder, createTemporaryName());
  try {
    prepareOutputFolder(folder);
    mkdirSync(staging);
    for (const file of files) writeFileAtomically({ folder: staging, ...file }, fileSystem);
    const stale = listStale(folder, files);
    for (const { name } of files) fileSystem.rename(join(staging, name), join(folder, name));
    for (const name of stale) fileSystem.remove(join(folder, name));
    fileSystem.syncFolder(folder);
  } catch (error) {
    if (isNew) attempt(() => rmSync(folder, { recursive: true, force: true }));
    throw error;
  } finally {
    attempt(() => rmSync(staging, { recursive: true, force: true }));
  }
}
