/** How the runs trained, what their results look like, what they know of their errors, and what they cost. */

import { comparisonTables } from '../../../shared/comparison/comparisonTables.ts';
import { html } from './html.ts';
import { costCharts, trainingCharts } from './reportCharts.ts';
import { calibratedRows, calibrationCharts } from './calibrationCharts.ts';
import type { ReportModel } from './reportModel.ts';
import type { ReportPictures, ReportSection } from './reportSections.ts';
import { chartHtml, distributionTitle } from './resultSections.ts';
import { comparisonTableHtml } from './tableSection.ts';

export function trainingSection(model: ReportModel): ReportSection | null {
  const charts = trainingCharts(model).map(chartHtml);
  return charts.length === 0 ? null : { id: 'training', title: 'Training', body: html`${charts}` };
}

export function pictureSection({ figure, note }: ReportPictures): ReportSection {
  const address = figure && `data:image/png;base64,${Buffer.from(figure).toString('base64')}`;
  const picture =
    address && html`<figure><img src="${address}" alt="Reconstructions side by side" /></figure>`;
  return {
    id: 'pictures',
    title: 'Side by side',
    body: html`<p>${note}</p>
      ${picture}`,
  };
}

export function calibrationSection(model: ReportModel): ReportSection | null {
  const tables = comparisonTables(calibratedRows(model).map(({ row }) => row));
  const distribution = tables.find(({ title }) => title === distributionTitle);
  if (!distribution) return null;
  return {
    id: 'uncertainty',
    title: 'Uncertainty',
    body: html`${comparisonTableHtml(distribution)}${calibrationCharts(model).map(chartHtml)}`,
  };
}

export function costSection(model: ReportModel): ReportSection | null {
  const charts = costCharts(model).map(chartHtml);
  if (charts.length === 0) return null;
  return {
    id: 'cost',
    title: 'Quality against cost',
    body: html`<p>A dot is one number of steps of a solver: colours tell the runs, dashes the solvers.</p>
      ${charts}`,
  };
}
