/** What was asked, of which runs, and how the numbers were measured. */

import { describeProtocol } from '../../../shared/comparison/describeProtocol.ts';
import { formatCount } from '../../../shared/text/format.ts';
import { html } from './html.ts';
import { describeVerdict } from './pairWords.ts';
import type { ReportModel } from './reportModel.ts';
import type { ReportSection } from './reportSections.ts';
import { describeDevice, describeTraining } from './runWords.ts';
import { wordTableHtml } from './tableSection.ts';

const runHeadings = ['Run', 'preset', 'method', 'network', 'data', 'computed with', 'steps', 'training'];

export function questionSection(model: ReportModel): ReportSection {
  const lines = model.runs.map(({ summary }) => [
    model.names.get(summary.id) ?? summary.id,
    ...[summary.preset, summary.method, summary.field, summary.source],
    describeDevice(summary),
    formatCount(summary.step),
    describeTraining(summary),
  ]);
  return {
    id: 'question',
    title: 'Question and answer',
    body: html` ${model.question === '' ? null : html`<p class="question">${model.question}</p>`}
      <p class="verdict">${describeVerdict(model)}</p>
      ${wordTableHtml(runHeadings, lines, 6)}`,
  };
}

export function protocolSection(model: ReportModel): ReportSection {
  const { group, otherGroups } = model;
  const members = new Set(group?.members.map(({ runId }) => runId));
  const missing = model.runs.filter(({ summary }) => !members.has(summary.id));
  const words = missing.map(({ summary }) => `“${model.names.get(summary.id) ?? summary.id}”`).join(', ');
  return {
    id: 'protocol',
    title: 'Protocol',
    body: html` ${group ? html`<p>${describeProtocol(group.protocol)}</p>` : html`<p class="badge">No run was evaluated yet: there are no numbers to compare.</p>`}
    ${
      group && missing.length > 0
        ? html`<p class="badge">
            Not evaluated by this protocol, and so without numbers here: ${words}. Evaluate all runs on a
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
