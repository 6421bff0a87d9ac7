/** lab compare */

import { reportRequestSchema } from '../../../shared/comparison/comparison.ts';
import { comparisonText } from '../../reports/comparisonTable.ts';
import { gatherComparison } from '../../reports/comparison/gatherComparison.ts';
import { describeVerdict, pairHeadings, pairLines } from '../../reports/comparison/pairTexts.ts';
import { createReportModel, pairsOfRuns, type ReportModel } from '../../reports/comparison/reportModel.ts';
import { writeComparisonReport, type WrittenReport } from '../../reports/comparison/writeComparisonReport.ts';
import { printByChromium } from '../../runtime/chromium.ts';
import { findRunId } from '../../store/runs/findRun.ts';
import type { Store } from '../../store/store.ts';
import { UsageError, type CommandDefinition, type Invocation } from '../command.ts';
import { formatColumns } from '../format.ts';
import { withStore, readVersion } from '../labStore.ts';
import { flagOption, readFlag, readText, valueOption } from '../options.ts';
import { checkOutFolder } from '../typedPaths.ts';

export const compare: CommandDefinition = {
  usage: '<run> <run>… [--out FOLDER] [--title TEXT] [--question TEXT] [--pdf]',
  arguments: { '<run>': 'Run ID, the start of one, a name, or latest; 2 to 10 of them.' },
  options: {
    out: valueOption('FOLDER', 'Folder to write the report to: HTML, tables, numbers, figure, charts.'),
    title: valueOption('TEXT', 'Title of the report.', 'the names of the runs'),
    question: valueOption('TEXT', 'The question that the report answers.'),
    pdf: flagOption('Also print the report as a PDF, with a Chromium found on this machine.'),
  },
  positionals: { min: 2, max: 10 },
  run: (invocation) => {
    const { values, output } = invocation;
    const out = readText(values, 'out');
    const folder = out === undefined ? null : checkOutFolder(out);
    if (folder === null && readFlag(values, 'pdf'))
      throw new UsageError('--pdf needs a report. Add its folder, such as --out report.');
    return withStore(invocation, async (store) => {
      const written = await compareRuns(store, { invocation, folder });
      const { model, files, notes } = written;
      output.text(describeComparison(model));
      for (const note of notes) output.note(note);
      if (folder !== null) output.text(`\nReport: ${folder} (${files.map(({ name }) => name).join(', ')})`);
      output.json(describeJson(written, folder));
      return 0;
    });
  },
};

async function compareRuns(
  store: Store,
  { invocation, folder }: { invocation: Invocation; folder: string | null },
): Promise<WrittenReport> {
  const { positionals, values } = invocation;
  const request = readRequest({
    ids: positionals.map((reference) => findRunId(store.db, reference)),
    title: readText(values, 'title'),
    question: readText(values, 'question'),
    pdf: readFlag(values, 'pdf'),
  });
  const made = { version: readVersion(), createdAt: new Date().toISOString() };
  if (folder !== null)
    return writeComparisonReport(store, { ...made, request, folder, printPdf: printByChromium });
  const { runs } = await gatherComparison(store, request.ids);
  return { model: createReportModel(runs, { ...made, ...request }), files: [], notes: [] };
}

function readRequest(input: unknown) {
  const result = reportRequestSchema.safeParse(input);
  if (result.success) return result.data;
  const [{ path, message }] = result.error.issues;
  throw new UsageError(`${path.join('.')}: ${message}. "lab runs" lists the runs.`);
}

function describeComparison(model: ReportModel): string {
  if (!model.comparison)
    return 'None of these runs has been evaluated yet. Score each with "lab evaluate <run>", then compare.';
  const lines = pairLines((metric) => pairsOfRuns(model, metric));
  return [
    comparisonText(model.comparison.evaluation),
    ...(lines.length > 0 ? [formatColumns([pairHeadings, ...lines]), ''] : []),
    describeVerdict(model),
  ].join('\n');
}

function describeJson({ model, files, notes }: WrittenReport, folder: string | null): object {
  return {
    runs: model.runs.map(({ summary: { id, name } }) => ({ id, name })),
    evaluation: model.comparison?.evaluation ?? null,
    pairs: pairsOfRuns(model, 'psnr').map(({ row, reference, statistics }) => {
      return { method: row.method, reference: reference.method, ...statistics };
    }),
    verdict: describeVerdict(model),
    folder,
    files,
    notes,
  };
}
