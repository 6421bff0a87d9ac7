/** The sections of a report in their order; empty ones are left out. */

import { chartSvg, paperStyle } from '../../../shared/charts/chartSvg.ts';
import { isClassical } from '../../../shared/comparison/comparisonOfRuns.ts';
import { type ReportSectionId, reportSectionTitles } from '../../../shared/comparison/comparison.ts';
import {
  type ComparedGroup,
  differenceHeadings,
  differenceLines,
  differencesNote,
  groupDifferences,
  groupMetrics,
  groupTables,
} from '../../../shared/comparison/comparisonOfGroups.ts';
import { comparisonTables } from '../../../shared/comparison/comparisonTables.ts';
import { describeProtocol } from '../../../shared/comparison/commonProtocols.ts';
import { parameterDifferences } from '../../../shared/comparison/parameterDifferences.ts';
import { titleOfNetwork } from '../../../shared/config/networks/registry.ts';
import { titleOfPreset } from '../../../shared/config/presets.ts';
import { checkpointSha256 } from '../../../shared/figureOrigin.ts';
import type { RunSummary } from '../../../shared/runList.ts';
import {
  formatCount,
  formatDevice,
  formatDuration,
  formatMoment,
  formatPlural,
} from '../../../shared/text/format.ts';
import type { ReportRun } from './gatherComparison.ts';
import { comparisonTableHtml, html, markdownHtml, type Markup, svgMarkup, textTableHtml } from './html.ts';
import { describeVerdict, pairHeadings, pairLines } from './pairTexts.ts';
import {
  calibratedRows,
  calibrationCharts,
  costCharts,
  type ReportChart,
  resultCharts,
  trainingCharts,
} from './reportCharts.ts';
import { pairsOfRuns, pairsToClassical, type ReportModel } from './reportModel.ts';
import { reproduceCommands } from './reproduceCommands.ts';

export interface ReportSection {
  /** Id of its anchor. */
  readonly id: ReportSectionId | 'introduction';
  readonly title: string;
  readonly body: Markup;
}

/** A section without its title. */
type SectionBody = Omit<ReportSection, 'title'> & { readonly id: ReportSectionId };

/** The figure of a report. */
export interface ReportFigure {
  /** PNG; null if no run has kept images. */
  readonly png: Uint8Array | null;
  /** What the figure shows, or why there is none. */
  readonly note: string;
}

export function reportSections(model: ReportModel, figure: ReportFigure): ReportSection[] {
  const bodies = [
    questionSection(model),
    protocolSection(model),
    resultSection(model),
    baselineSection(model),
    trainingSection(model),
    figureSection(figure),
    calibrationSection(model),
    costSection(model),
    configurationSection(model),
    provenanceSection(model),
    reproduceSection(model),
    allResultsSection(model),
  ].filter((section) => section !== null);
  return [
    ...introductionSection(model),
    ...bodies
      .filter(({ id }) => model.sections.includes(id))
      .map((section) => ({ ...section, title: reportSectionTitles[section.id] })),
  ];
}

function introductionSection({ introduction }: ReportModel): ReportSection[] {
  if (introduction === '') return [];
  return [{ id: 'introduction', title: 'Introduction', body: markdownHtml(introduction) }];
}

const runHeadings = ['Run', 'preset', 'method', 'network', 'data', 'computed with', 'steps', 'training'];

function questionSection(model: ReportModel): SectionBody {
  const { grouped } = model;
  const lines = grouped
    ? grouped.groups.flatMap(groupLines)
    : model.runs.map(({ summary }) => [
        model.names.get(summary.id) ?? summary.id,
        titleOfPreset(summary.preset),
        summary.method,
        titleOfNetwork(summary.field),
        summary.source,
        describeDevice(summary),
        formatCount(summary.step),
        describeTraining(summary),
      ]);
  return {
    id: 'question',
    body: html` ${model.question === '' ? null : html`<p class="question">${model.question}</p>`}
      <p class="verdict">${describeVerdict(model)}</p>
      ${grouped ? textTableHtml(groupHeadings, lines, 3) : textTableHtml(runHeadings, lines, 6)}`,
  };
}

const groupHeadings = ['Run', 'group', 'computed with', 'seed', 'steps', 'training'];

function groupLines({ name, runs }: ComparedGroup<ReportRun>): string[][] {
  return runs.map(({ summary, config }) => [
    `${summary.name} (${summary.id})`,
    name,
    describeDevice(summary),
    String(config.seed),
    formatCount(summary.step),
    describeTraining(summary),
  ]);
}

function protocolSection(model: ReportModel): SectionBody {
  const { group, otherGroups } = model;
  const members = new Set(group?.members.map(({ runId }) => runId));
  const missing = model.runs.filter(({ summary }) => !members.has(summary.id));
  const names = missing.map(({ summary }) => `“${model.names.get(summary.id) ?? summary.id}”`).join(', ');
  return {
    id: 'protocol',
    body: html` ${group ? html`<p>${describeProtocol(group.protocol)}</p>` : html`<p class="badge">No run was evaluated yet: there are no numbers to compare.</p>`}
    ${
      group && missing.length > 0
        ? html`<p class="badge">
            Not evaluated by this protocol, and so without numbers here: ${names}. Evaluate all runs on a
            common protocol.
          </p>`
        : null
    }
    ${
      otherGroups.length > 0
        ? html`<p>
            Numbers of other protocols do not compare with these and are left out:
            ${otherGroups.map(({ difference }) => difference).join('; ')}.
          </p>`
        : null
    }`,
  };
}

/** Title of the table that stands with the calibration instead. */
const distributionTitle = 'Distribution';

/** Classical methods and the row that represents each run. */
function resultSection(model: ReportModel): SectionBody | null {
  const { comparison } = model;
  if (!comparison) return null;
  const rows = comparison.evaluation.rows.filter(isClassical);
  rows.push(...comparison.chosen.map(({ row }) => row));
  const tables = comparisonTables(rows);
  const isPart = rows.length < comparison.evaluation.rows.length;
  const lines = pairLines((metric) => pairsOfRuns(model, metric));
  return {
    id: 'results',
    body: html` ${groupsHtml(model)}
      ${tables.filter(({ title }) => title !== distributionTitle).map((table) => comparisonTableHtml(table))}
      <p class="note">
        Bold: the best of its
        column.${isPart && model.sections.includes('all') ? ` All sampling settings are listed under “${reportSectionTitles.all}”.` : null}
      </p>
      ${lines.length > 0 ? pairedTable(lines) : null} ${resultCharts(model).map(chartHtml)}`,
  };
}

/** The groups with their two intervals, and their differences over seeds. */
function groupsHtml({ grouped }: ReportModel): Markup | null {
  if (!grouped || grouped.results.length === 0) return null;
  const lines = groupMetrics.flatMap((metric) => differenceLines(groupDifferences(grouped.results, metric)));
  const differences = html`<h3>Group against group</h3>
    <p>${differencesNote}</p>
    ${textTableHtml(differenceHeadings, lines, 2)}`;
  return html`${groupTables(grouped.results).map((table) => comparisonTableHtml(table, 'Group'))}
    ${lines.length > 0 ? differences : null}
    <h3>One run of each group</h3>
    <p>
      Classical methods, and the run with the smallest seed of each group, which also represents it in images,
      charts and the sections below. Its intervals are over images, and its comparison with others holds for
      that run alone.
    </p>`;
}

/** Every row; null if the results section has them all. */
function allResultsSection({ comparison }: ReportModel): SectionBody | null {
  if (!comparison || comparison.rows.length === comparison.chosen.length) return null;
  const tables = comparisonTables(comparison.evaluation.rows);
  return { id: 'all', body: html`${tables.map((table) => comparisonTableHtml(table))}` };
}

function baselineSection(model: ReportModel): SectionBody | null {
  const lines = pairLines((metric) => pairsToClassical(model, metric), ['psnr']);
  if (lines.length === 0) return null;
  return {
    id: 'baselines',
    body: html` <p>
        Each run against interpolation that learns nothing, image by image on the same masks, by PSNR.
      </p>
      ${textTableHtml(pairHeadings, lines, 2)}`,
  };
}

/** Renders a chart on white, so that print and screen agree. */
function chartHtml({ chart }: ReportChart): Markup {
  return html`<figure>${svgMarkup(chartSvg(chart, { width: 720, height: 290, style: paperStyle }))}</figure>`;
}

function pairedTable(lines: readonly (readonly string[])[]): Markup {
  return html`<h3>Run against run</h3>
    <p>
      Differences are paired image by image; positive is better for PSNR and SSIM. The interval is a bootstrap
      of the mean; the sign test is exact and two-sided.
    </p>
    ${textTableHtml(pairHeadings, lines, 2)}`;
}

function trainingSection(model: ReportModel): SectionBody | null {
  const charts = trainingCharts(model).map(chartHtml);
  return charts.length === 0 ? null : { id: 'training', body: html`${charts}` };
}

function figureSection({ png, note }: ReportFigure): SectionBody {
  const address = png && `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
  const image = address && html`<figure><img src="${address}" alt="Reconstructions side by side" /></figure>`;
  return {
    id: 'images',
    body: html`<p>${note}</p>
      ${image}`,
  };
}

function calibrationSection(model: ReportModel): SectionBody | null {
  const tables = comparisonTables(calibratedRows(model).map(({ row }) => row));
  const distribution = tables.find(({ title }) => title === distributionTitle);
  if (!distribution) return null;
  return {
    id: 'uncertainty',
    body: html`${comparisonTableHtml(distribution)}${calibrationCharts(model).map(chartHtml)}`,
  };
}

function costSection(model: ReportModel): SectionBody | null {
  const charts = costCharts(model).map(chartHtml);
  if (charts.length === 0) return null;
  return {
    id: 'cost',
    body: html`<p>
        Each dot is a solver with one number of steps. Colours distinguish runs, dashes distinguish solvers.
      </p>
      ${charts}`,
  };
}

function configurationSection(model: ReportModel): SectionBody {
  const all = parameterDifferences(model.runs);
  const lines = all
    .filter(({ differs }) => differs)
    .map(({ title, section, texts }) => [`${section}: ${title}`, ...texts]);
  const rest = all.length - lines.length;
  return {
    id: 'configurations',
    body: html` ${lines.length > 0 ? textTableHtml(['Parameter', ...model.names.values()], lines) : html`<p>The runs have one configuration.</p>`}
      <p>
        ${rest} other parameters are the same in all runs; each is in the numbers at the end of this file.
      </p>`,
  };
}

function provenanceSection(model: ReportModel): SectionBody {
  return {
    id: 'provenance',
    body: html` <p>
        Written by Sparse Field Lab ${model.version} at
        <time datetime="${model.createdAt}">${formatMoment(model.createdAt)}</time>.
      </p>
      ${model.runs.map((run) => runHtml(model, run))}`,
  };
}

function reproduceSection(model: ReportModel): SectionBody {
  return {
    id: 'reproduce',
    body: html` <p>
        Data sources stand without the folders above them: give the place on your machine. The names are those
        of the runs here.${hasUnknownSampling(model) ? ` ${unknownSampling}` : null}
      </p>
      <pre>${reproduceCommands(model).map(commandHtml)}</pre>`,
  };
}

const unknownSampling =
  'Some evaluations are older than the note of their time grid and weights: their commands take those of the run.';

function hasUnknownSampling({ comparison }: ReportModel): boolean {
  return comparison?.rows.some(({ row }) => row.sampling === null) ?? false;
}

/** Renders a command that wraps between options only; the copied text is the command. */
function commandHtml(command: string): Markup {
  const parts = command.split(/ (?=--)/).map((part) => html`<span>${part}</span> `);
  return html`<p>${parts}</p>`;
}

function runHtml(model: ReportModel, run: ReportRun): Markup {
  const { summary, segments, dataset } = run;
  const steps = new Set(
    model.comparison?.rows.flatMap((row) => (row.runId === summary.id ? [row.step] : [])),
  );
  const lines = [
    ['Run', summary.id],
    ['Created', formatMoment(summary.createdAt)],
    ['Status', `${summary.status} at step ${summary.step}`],
    ['Computed with', describeDevice(summary)],
    ...(segments.length > 0 ? [['Segments', segments.map(describeSegment).join(', ')]] : []),
    [
      'Training data',
      dataset ? `${formatPlural(dataset.images, 'image')}, SHA-256 ${dataset.checksum}` : 'not known',
    ],
    ...[...steps].map((step) => [`Weights scored, step ${step}`, describeCheckpoint(run, step)]),
  ];
  return html`<h3>${model.names.get(summary.id) ?? summary.id}</h3>
    <dl>
      ${lines.map(
        ([term, text]) =>
          html`<dt>${term}</dt>
            <dd>${text}</dd>`,
      )}
    </dl>`;
}

function describeSegment({ fromStep, toStep }: ReportRun['segments'][number]): string {
  return `${fromStep}–${toStep ?? 'running'}`;
}

function describeCheckpoint({ checkpoints }: ReportRun, step: number): string {
  const sha256 = checkpointSha256(checkpoints, step);
  return sha256 ? `SHA-256 ${sha256}` : 'the checkpoint is not kept any more';
}

function describeDevice({ backend, step }: RunSummary): string {
  if (backend) return formatDevice(backend);
  return step > 0 ? 'not known' : 'not started';
}

function describeTraining({ processSeconds, step }: RunSummary): string {
  return processSeconds === 0 && step > 0 ? 'not known' : formatDuration(processSeconds);
}
