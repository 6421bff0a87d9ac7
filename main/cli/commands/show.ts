/** lab show */

import { describeMessage } from '../../../shared/text/describeError.ts';
import { compareConfigs } from '../../../shared/config/configParameters.ts';
import {
  formatDecibels,
  formatDevice,
  formatDuration,
  formatSignificant,
  formatMoment,
  formatPlural,
} from '../../../shared/text/format.ts';
import { findPreset, resolvePreset } from '../../../shared/config/presets.ts';
import { findAnyPreset } from '../../../shared/config/savedPresets.ts';
import { describeIdentity } from '../../../shared/dataset.ts';
import type { RunRecord } from '../../../shared/run.ts';
import { comparisonText } from '../../reports/comparisonTable.ts';
import { listCheckpointRows } from '../../store/runs/checkpoints.ts';
import { iterateEvaluations } from '../../store/runs/evaluations.ts';
import { iterateMetrics } from '../../store/runs/metrics.ts';
import { listPreviews } from '../../store/runs/previews.ts';
import { listSegments } from '../../store/runs/segments.ts';
import { type CommandDefinition, runArguments } from '../command.ts';
import { readLibrary } from '../configOptions.ts';
import { formatColumns, formatSteps } from '../format.ts';
import { runOf, withStore } from '../labStore.ts';

export const show: CommandDefinition = {
  usage: '<run|preset>',
  arguments: runArguments,
  options: {},
  positionals: { min: 1, max: 1 },
  isListing: true,
  run: (invocation) =>
    withStore(invocation, async (store) => {
      const { output } = invocation;
      const run = runOf(store, invocation);
      const checkpoints = listCheckpointRows(store.db, run.id);
      if (output.isJson) {
        await output.jsonFields({
          run,
          metrics: iterateMetrics(store.db, run.id),
          checkpoints,
          evaluations: iterateEvaluations(store.db, run.id),
          previews: listPreviews(store.db, run.id),
          segments: listSegments(store.db, run.id),
        });
        return 0;
      }
      output.text(formatColumns(describeRun(run, store.runFolder(run.id))));
      output.text(`\n${formatChanges(run)}`);
      output.text(
        `\nCheckpoints: ${checkpoints.map(({ step, isBest }) => `${step}${isBest ? ' (best)' : ''}`).join(', ') || 'none yet'}`,
      );
      const { value: evaluation } = iterateEvaluations(store.db, run.id).next();
      if (evaluation) {
        output.text(`\nNewest evaluation, at step ${evaluation.step}:\n${comparisonText(evaluation)}`);
      }
      return 0;
    }),
};

function describeRun(run: RunRecord, folder: string): string[][] {
  const { backend, dataset } = run;
  return [
    ['run', `${run.id} "${run.name}"`],
    ['status', run.error ? `${run.status}: ${describeMessage(run.error)}` : run.status],
    ...(run.warning ? [['warning', describeMessage(run.warning)]] : []),
    ['preset', run.preset],
    ...describeUnit(run),
    ['data', dataset ? `${dataset.source}, ${formatPlural(dataset.count, 'image')}` : run.config.data.source],
    ...(dataset?.changes ?? []).map(({ step, split, from, to }) => [
      'data changed',
      `at step ${step}: ${describeIdentity(to, split)} instead of ${describeIdentity(from, split)}`,
    ]),
    ['computed with', backend ? formatDevice(backend) : 'not started yet'],
    ['steps', `${formatSteps(run)} (epoch ${run.epoch})`],
    ['training time', formatDuration(run.processSeconds)],
    ['loss', formatSignificant(run.loss)],
    ['best evaluation', formatDecibels(run.bestPsnr)],
    ['created', formatMoment(run.createdAt)],
    ['folder', folder],
  ];
}

/** The measured deviation from the classical estimate, if the run counts in it. */
function describeUnit({ config }: RunRecord): string[][] {
  const { unit, measured } = config.path;
  if (unit === 'colours') return [];
  const value = measured
    ? `${formatSignificant(measured.residual, 3)} (${formatPlural(measured.images, 'image')})`
    : 'measured at the start';
  return [['residual', value]];
}

/** A heading, and one line per parameter: its path, the run's value and the preset's value. */
function formatChanges({ preset: name, config }: RunRecord): string {
  const ofProgram = findPreset(name);
  const preset = ofProgram ?? findAnyPreset(name, readLibrary().presets);
  const heading = `Parameters that differ from the preset${preset && !ofProgram ? `, as your preset "${name}" is now` : ''}:`;
  if (!preset) return `${heading}\n  (there is no preset "${name}" on this machine)`;
  const lines = compareConfigs(resolvePreset(preset), config).map(
    ({ parameter, from, to }) =>
      `  ${parameter.path} = ${JSON.stringify(to)} (preset ${JSON.stringify(from)})`,
  );
  return [heading, ...(lines.length > 0 ? lines : ['  none'])].join('\n');
}
