/** Where the numbers come from: configurations, environment, and the commands that make it all again. */

import { checkpointSha256 } from '../../../shared/figureOrigin.ts';
import { formatMoment } from '../../../shared/text/formatTime.ts';
import { parameterDifferences } from '../../../shared/comparison/parameterDifferences.ts';
import type { ReportRun } from './gatherComparison.ts';
import { html, type Markup } from './html.ts';
import type { ReportModel } from './reportModel.ts';
import type { ReportSection } from './reportSections.ts';
import { reproduceCommands } from './reproduceCommands.ts';
import { describeDevice } from './runWords.ts';
import { wordTableHtml } from './tableSection.ts';

export function configurationSection(model: ReportModel): ReportSection {
  const all = parameterDifferences(model.runs);
  const lines = all
    .filter(({ differs }) => differs)
    .map(({ title, section, texts }) => [`${section}: ${title}`, ...texts]);
  const rest = all.length - lines.length;
  return {
    id: 'configurations',
    title: 'Configurations',
    body: html` ${lines.length > 0 ? wordTableHtml(['Parameter', ...model.names.values()], lines) : html`<p>The runs have one configuration.</p>`}
      <p>
        ${rest} other parameters are the same in all runs; every one stands in the numbers at the end of this
        file.
      </p>`,
  };
}

export function provenanceSection(model: ReportModel): ReportSection {
  return {
    id: 'provenance',
    title: 'Environment and provenance',
    body: html` <p>
        Written by Sparse Field Lab ${model.version} at
        <time datetime="${model.createdAt}">${formatMoment(model.createdAt)}</time>.
      </p>
      ${model.runs.map((run) => runHtml(model, run))}`,
  };
}

export function reproduceSection(model: ReportModel): ReportSection {
  return {
    id: 'reproduce',
    title: 'How to make it again',
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

/** Lines break between options only; what is copied is the command. */
function commandHtml(command: string): Markup {
  const words = command.split(/ (?=--)/).map((word) => html`<span>${word}</span> `);
  return html`<p>${words}</p>`;
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
    ['Training data', dataset ? `${dataset.images} images, SHA-256 ${dataset.checksum}` : 'not known'],
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
