/** lab compare */

import { basename, dirname } from 'node:path';
import {
  type ComparedRun,
  comparisonNameSchema,
  mostGroupedRuns,
  mostGroups,
  reportRequestSchema,
  reportSectionIds,
  type SavedComparison,
} from '../../../shared/comparison/comparison.ts';
import { describeProtocol } from '../../../shared/comparison/commonProtocols.ts';
import {
  differenceHeadings,
  differenceLines,
  differencesNote,
  groupComparedRuns,
  groupDifferences,
  groupMetrics,
  groupNumbers,
  groupTables,
} from '../../../shared/comparison/comparisonOfGroups.ts';
import { configurationWords, type Grouping, namedGroupings } from '../../../shared/runGroups.ts';
import { formatMoment, formatPlural } from '../../../shared/text/format.ts';
import { comparisonText, tableLines, wrapText } from '../../reports/comparisonTable.ts';
import { gatherComparison } from '../../reports/comparison/gatherComparison.ts';
import { describeVerdict, pairHeadings, pairLines } from '../../reports/comparison/pairTexts.ts';
import {
  createReportModel,
  type GroupedReport,
  pairsOfRuns,
  type ReportModel,
} from '../../reports/comparison/reportModel.ts';
import { writeComparisonReport, type WrittenReport } from '../../reports/comparison/writeComparisonReport.ts';
import { archiveReport, listReports } from '../../reports/reportList.ts';
import { printByChromium } from '../../runtime/chromium.ts';
import { insertReport, listComparisons, listStoredReports, saveComparison } from '../../store/comparisons.ts';
import { writeFileAtomically } from '../../store/files/atomicFile.ts';
import { readComparedRun } from '../../store/runs/evaluations.ts';
import { listMemberRuns, listSweeps } from '../../store/sweeps.ts';
import { createShortId } from '../../store/dataFolder.ts';
import type { Store } from '../../store/store.ts';
import {
  UsageError,
  type CommandDefinition,
  type Invocation,
  type OptionValues,
  readVersion,
} from '../command.ts';
import { readGrouping } from '../configOptions.ts';
import { formatColumns } from '../format.ts';
import { findNamedRun, withStore } from '../labStore.ts';
import type { Output } from '../output.ts';
import { flagOption, readFlag, readText, valueOption } from '../options.ts';
import { checkOutFolder } from '../typedPaths.ts';

/** The runs of a comparison and its report, as arguments. */
export const comparedArguments = {
  '<run>': 'Run ID, the start of one, a name, latest, or a preset for its newest run; 2 to 10 of them.',
  '<sweep>':
    'With --group-by also the ID or the name of a sweep, for all of its runs; up to 200 runs in 10 groups.',
  '<saved>': 'Name of a saved comparison.',
};

/** Groups runs that are compared. */
export const groupByOption = valueOption(
  'WHAT',
  `Compare groups of runs, with their seeds as repeats: ${namedGroupings.join(', ')}, or a parameter such as optim.learningRate. Runs of one setting differ in their seed only.`,
);

/** Options of a report, apart from its folder. */
export const reportOptions = {
  title: valueOption('TEXT', 'Title of the report.', 'the names of the runs'),
  question: valueOption('TEXT', 'The question that the report answers.'),
  introduction: valueOption('TEXT', 'Text before the first section, in Markdown.'),
  sections: valueOption('a,b', `Sections of the report, of ${reportSectionIds.join(', ')}.`, 'every section'),
  pdf: flagOption('Also print the report as a PDF, with a Chromium found on this machine.'),
  zip: flagOption('Also write the report as one archive, FOLDER.zip.'),
};

export const compare: CommandDefinition = {
  usage:
    '<run> <run>… | <saved> | <sweep>… --group-by setting [--out FOLDER] [--sections a,b] [--introduction TEXT] [--save NAME]',
  arguments: comparedArguments,
  options: {
    out: valueOption('FOLDER', 'Folder to write the report to: HTML, tables, numbers, figure, charts.'),
    ...reportOptions,
    'group-by': groupByOption,
    save: valueOption('NAME', 'Save the comparison under a name, for the next time and for the application.'),
    list: flagOption('List the saved comparisons and the reports, and where they were written.'),
  },
  positionals: { min: 0, max: mostGroupedRuns },
  run: (invocation) => {
    const { values, output } = invocation;
    if (readFlag(values, 'list')) return withStore(invocation, (store) => listSaved(store, output));
    const out = readText(values, 'out');
    const folder = out === undefined ? null : checkOutFolder(out);
    checkReportOptions(values, folder);
    return printComparison(invocation, folder);
  },
};

/** Compares the runs of the arguments, and writes their report if there is a folder for it. Returns the exit code. */
export function printComparison(invocation: Invocation, folder: string | null): Promise<number> {
  const { output } = invocation;
  return withStore(invocation, async (store) => {
    const written = await compareRuns(store, { invocation, folder });
    output.text(describeComparison(written.model));
    for (const note of written.notes) output.note(note);
    save(store, written, { invocation, folder });
    output.json(describeJson(written, folder));
    return 0;
  });
}

/** Saves the comparison, and names and packs the files of the report, as requested. */
function save(
  store: Store,
  { model, files }: WrittenReport,
  { invocation: { values, output }, folder }: { invocation: Invocation; folder: string | null },
): void {
  const name = readText(values, 'save');
  if (name !== undefined) {
    const parsed = comparisonNameSchema.safeParse(name);
    if (!parsed.success) throw new UsageError(`--save: ${parsed.error.issues[0].message}.`);
    const { grouped } = model;
    const runs = grouped?.groups.flatMap((group) => group.runs) ?? model.runs;
    const runIds = [...new Set(runs.map(({ summary }) => summary.id))];
    const groupBy = grouped?.by ?? null;
    saveComparison(store.db, { name: parsed.data, runIds, groupBy });
    output.text(`\nSaved as "${parsed.data}". Compare these runs again with: lab compare "${parsed.data}"`);
  }
  if (folder === null) return;
  output.text(`\nReport: ${folder} (${files.map((file) => file.name).join(', ')})`);
  if (!readFlag(values, 'zip')) return;
  const archive = `${folder}.zip`;
  writeFileAtomically({
    folder: dirname(archive),
    name: basename(archive),
    bytes: archiveReport(folder),
  });
  output.text(`Archive: ${archive}`);
}

async function compareRuns(
  store: Store,
  { invocation, folder }: { invocation: Invocation; folder: string | null },
): Promise<WrittenReport> {
  const { positionals, values } = invocation;
  const { ids, groupBy } = findRuns(store, positionals, readGrouping(values, 'group-by') ?? null);
  const request = readRequest({
    ids,
    groupBy,
    introduction: readText(values, 'introduction'),
    sections: readText(values, 'sections')
      ?.split(',')
      .map((name) => name.trim()),
    title: readText(values, 'title'),
    question: readText(values, 'question'),
    pdf: readFlag(values, 'pdf'),
  });
  const made = { version: readVersion(), createdAt: new Date().toISOString() };
  if (folder !== null) {
    checkGroups(
      request.ids.map((id) => readComparedRun(store.db, id)),
      groupBy,
    );
    const written = await writeComparisonReport(store, {
      ...made,
      request,
      folder,
      printPdf: printByChromium,
    });
    const isTaken = (candidate: string) => listStoredReports(store.db).some(({ id }) => id === candidate);
    const { title } = written.model;
    const id = createShortId(isTaken);
    insertReport(store.db, { id, title, createdAt: made.createdAt, folder, runIds: request.ids });
    return written;
  }
  const { runs } = await gatherComparison(store, request.ids);
  checkGroups(runs, groupBy);
  return { model: createReportModel(runs, { ...made, ...request }), files: [], notes: [] };
}

const needFolder = ['pdf', 'zip', 'introduction', 'sections'] as const;

/** @throws UsageError for options of a report without its folder. */
function checkReportOptions(values: OptionValues, folder: string | null): void {
  const given = needFolder.find((name) => values[name] !== undefined && values[name] !== false);
  if (folder === null && given !== undefined)
    throw new UsageError(`--${given} needs a report. Add its folder, such as --out report.`);
}

/**
 * Returns the runs named one by one, or those of a saved comparison that still exist, with what they are grouped by: `by`, or
 * what they were saved with.
 * @throws UsageError for a single name that is not that of a saved comparison, and for runs and sweeps that do not exist.
 */
function findRuns(
  store: Store,
  references: readonly string[],
  by: Grouping | null,
): { readonly ids: string[]; readonly groupBy: Grouping | null } {
  const [name] = references;
  const saved =
    references.length === 1
      ? listComparisons(store.db).find((comparison) => comparison.name === name)
      : undefined;
  if (saved) {
    const ids = saved.runs.flatMap((run) => (run.name === null ? [] : [run.id]));
    return { ids, groupBy: by ?? saved.groupBy };
  }
  if (by !== null) return { ids: findGroupedIds(store, references), groupBy: by };
  if (references.length > 1)
    return { ids: references.map((reference) => findNamedRun(store, reference).id), groupBy: null };
  throw new UsageError(
    `Found ${name === undefined ? 'no run' : `only "${name}"`}; expected 2 to 10 runs, or the name of a saved comparison. "lab compare --list" lists those.`,
  );
}

/** Returns runs and the runs of sweeps, each once. @throws UsageError for what is neither. */
function findGroupedIds(store: Store, references: readonly string[]): string[] {
  const ids = references.flatMap((reference) => {
    const sweep = listSweeps(store.db).find(({ id, name }) => id === reference || name === reference);
    return sweep
      ? listMemberRuns(store.db, sweep.id).map(({ runId }) => runId)
      : [findNamedRun(store, reference).id];
  });
  const found = [...new Set(ids)];
  if (found.length >= 2 && found.length <= mostGroupedRuns) return found;
  throw new UsageError(
    `Found ${formatPlural(found.length, 'run')}; expected 2 to ${mostGroupedRuns}. Name runs or sweeps; "lab runs" and "lab sweep list" list them.`,
  );
}

/** @throws UsageError for one group, and for more than a table can show. */
function checkGroups(runs: readonly ComparedRun[], by: Grouping | null): void {
  if (by === null) return;
  const names = groupComparedRuns(runs, by, configurationWords).map(({ name }) => name);
  if (names.length < 2)
    throw new UsageError(
      `All runs are in one group, "${names[0]}"; expected 2 to ${mostGroups}. Group them by something else with --group-by.`,
    );
  if (names.length > mostGroups)
    throw new UsageError(
      `There are ${names.length} groups; expected 2 to ${mostGroups}. Name fewer runs, or group them by something else with --group-by.`,
    );
}

/** Prints the saved comparisons and the reports. Returns the exit code. */
export function listSaved(store: Store, output: Output): number {
  const comparisons = listComparisons(store.db);
  const reports = listReports(store);
  const namesOf = ({ runs, groupBy }: SavedComparison) =>
    groupBy === null
      ? runs.map(({ id, name }) => name ?? id).join(', ')
      : `${formatPlural(runs.length, 'run')} by ${groupBy}`;
  const reportLines = reports.map(({ title, createdAt, folder, isThere }) => [
    formatMoment(createdAt),
    isThere ? folder : `${folder} (no longer there)`,
    title,
  ]);
  output.text(
    comparisons.length === 0
      ? 'No comparison is saved. Save one with --save NAME.'
      : formatColumns([
          ['comparison', 'runs'],
          ...comparisons.map((comparison) => [comparison.name, namesOf(comparison)]),
        ]),
  );
  output.text(
    reports.length === 0
      ? '\nNo report was written. Write one with: lab report <run> <run>'
      : `\n${formatColumns([['report of', 'folder', 'title'], ...reportLines])}`,
  );
  output.json({ comparisons, reports });
  return 0;
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
  if (model.grouped) return describeGrouped(model, model.grouped);
  const lines = pairLines((metric) => pairsOfRuns(model, metric));
  return [
    comparisonText(model.comparison.evaluation),
    ...(lines.length > 0 ? [formatColumns([pairHeadings, ...lines]), ''] : []),
    describeVerdict(model),
  ].join('\n');
}

function describeGrouped(model: ReportModel, { results }: GroupedReport): string {
  const lines = groupMetrics.flatMap((metric) => differenceLines(groupDifferences(results, metric)));
  return [
    ...(model.group ? [wrapText(describeProtocol(model.group.protocol)), ''] : []),
    ...groupTables(results).flatMap((table) => [...tableLines(table), '']),
    '* best of its column',
    '',
    ...(lines.length > 0
      ? [formatColumns([[...differenceHeadings], ...lines]), '', wrapText(differencesNote), '']
      : []),
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
    ...(model.grouped && groupNumbers(model.grouped.results)),
    verdict: describeVerdict(model),
    folder,
    files,
    notes,
  };
}
