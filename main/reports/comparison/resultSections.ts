/** Results with their intervals, run against run and run against the classical methods. */

import { paperLook, chartSvg } from '../../../shared/charts/chartSvg.ts';
import { isClassical } from '../../../shared/comparison/comparisonOfRuns.ts';
import { comparisonTables } from '../../../shared/comparison/comparisonTables.ts';
import { html, type Markup, svgPicture } from './html.ts';
import { pairHeadings, pairLines } from './pairWords.ts';
import { type ReportChart, resultCharts } from './reportCharts.ts';
import { pairsOfRuns, pairsToClassical, type ReportModel } from './reportModel.ts';
import type { ReportSection } from './reportSections.ts';
import { comparisonTableHtml, wordTableHtml } from './tableSection.ts';

const allTitle = 'All results';
/** Title of the table that stands with the calibration instead. */
export const distributionTitle = 'Distribution';

/** Classical methods and the row that stands for each run. */
export function resultSection(model: ReportModel): ReportSection | null {
  const { comparison } = model;
  if (!comparison) return null;
  const rows = comparison.evaluation.rows.filter(isClassical);
  rows.push(...comparison.chosen.map(({ row }) => row));
  const tables = comparisonTables(rows);
  const isPart = rows.length < comparison.evaluation.rows.length;
  const lines = pairLines((metric) => pairsOfRuns(model, metric));
  return {
    id: 'results',
    title: 'Results',
    body: html` ${tables.filter(({ title }) => title !== distributionTitle).map(comparisonTableHtml)}
      <p class="note">
        Bold: the best of its
        column.${isPart ? ` Every way in which the runs were sampled stands under “${allTitle}”.` : null}
      </p>
      ${lines.length > 0 ? pairedTable(lines) : null} ${resultCharts(model).map(chartHtml)}`,
  };
}

/** Every row; null where the results have them all. */
export function allResultsSection({ comparison }: ReportModel): ReportSection | null {
  if (!comparison || comparison.rows.length === comparison.chosen.length) return null;
  const tables = comparisonTables(comparison.evaluation.rows);
  return { id: 'all', title: allTitle, body: html`${tables.map(comparisonTableHtml)}` };
}

export function baselineSection(model: ReportModel): ReportSection | null {
  const lines = pairLines((metric) => pairsToClassical(model, metric), ['psnr']);
  if (lines.length === 0) return null;
  return {
    id: 'baselines',
    title: 'Against classical methods',
    body: html` <p>
        Each run against interpolation that learns nothing, image by image on the same masks, by PSNR.
      </p>
      ${wordTableHtml(pairHeadings, lines, 2)}`,
  };
}

/** On white, so that it prints as it is read. */
export function chartHtml({ chart }: ReportChart): Markup {
  return html`<figure>${svgPicture(chartSvg(chart, { width: 720, height: 290, look: paperLook }))}</figure>`;
}

function pairedTable(lines: readonly (readonly string[])[]): Markup {
  return html`<h3>Run against run</h3>
    <p>
      Differences are paired image by image; positive is better for PSNR and SSIM. The interval is a bootstrap
      of the mean; the sign test is exact and two-sided.
    </p>
    ${wordTableHtml(pairHeadings, lines, 2)}`;
}
