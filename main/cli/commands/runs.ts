/** lab runs */

import { formatCount, formatDecibels, formatDuration, formatMoment } from '../../../shared/text/format.ts';
import { truncateEnd } from '../../../shared/text/terminalText.ts';
import { describeSource } from '../../../shared/dataset.ts';
import { runStatuses } from '../../../shared/run.ts';
import {
  configurationWords,
  describeStatuses,
  type Grouping,
  namedGroupings,
} from '../../../shared/runGroups.ts';
import { formatRepeatedMean } from '../../../shared/comparison/seedStatistics.ts';
import { listRunGroups } from '../../store/runs/runGroups.ts';
import { iterateRuns, listRuns, type RunFilter } from '../../store/runs/runs.ts';
import type { Store } from '../../store/store.ts';
import type { CommandDefinition, Invocation, OptionValues } from '../command.ts';
import { formatColumns, formatSteps } from '../format.ts';
import { withStore } from '../labStore.ts';
import { readGrouping } from '../configOptions.ts';
import { flagOption, readChoice, readFlag, readText, valueOption } from '../options.ts';

/** Terminal columns; `lab show` prints the full name. */
const widestName = 40;
const widestData = 24;

export const runs: CommandDefinition = {
  usage: '[--status STATUS] [--find TEXT] [--group-by sweep|setting|tag|data|PARAMETER]',
  options: {
    status: valueOption('STATUS', `Only runs of this status: ${runStatuses.join(', ')}.`),
    find: valueOption('TEXT', 'Only runs whose name, ID or preset contains this text.'),
    'group-by': valueOption(
      'WHAT',
      `Count and average groups of runs instead: ${namedGroupings.join(', ')}, or a parameter such as optim.learningRate. Runs of one setting differ in their seed only.`,
    ),
    trash: flagOption('List the deleted runs; "lab delete <run> --undo" restores one.'),
  },
  positionals: { min: 0, max: 0 },
  isListing: true,
  run: (invocation) =>
    withStore(invocation, async (store) => {
      const { values, output } = invocation;
      const filter = {
        status: readChoice(values, 'status', runStatuses),
        text: readText(values, 'find'),
        trashed: readFlag(values, 'trash'),
      };
      const by = readGrouping(values, 'group-by');
      if (by !== undefined) return printGroups(store, by, { filter, invocation });
      if (output.isJson) {
        await output.jsonFields({ runs: iterateRuns(store.db, filter) });
        return 0;
      }
      const found = listRuns(store.db, filter);
      if (found.length === 0) output.text(explainNone(values, store.dataFolder));
      else {
        const headings = ['id', 'name', 'status', 'preset', 'data', 'step', 'best', 'trained', 'created'];
        const rows = found.map((run) => [
          run.id,
          truncateEnd(run.name, widestName),
          run.warning ? `${run.status}, warning` : run.status,
          run.preset,
          // Scores of other data do not compare.
          truncateEnd(describeSource(run.config.data.source), widestData),
          formatSteps(run),
          formatDecibels(run.bestPsnr),
          formatDuration(run.processSeconds),
          formatMoment(run.createdAt),
        ]);
        output.text(formatColumns([headings, ...rows]));
      }
      return 0;
    }),
};

/** Prints one line for each group, its scores with the 95 % interval of the mean over runs. Returns the exit code. */
function printGroups(
  store: Store,
  by: Grouping,
  { filter, invocation: { values, output } }: { filter: RunFilter; invocation: Invocation },
): number {
  const ids = listRuns(store.db, filter).map(({ id }) => id);
  const groups = listRunGroups(store.db, ids, { by, sort: [] }, configurationWords);
  output.json({ groupBy: by, groups });
  if (groups.length === 0) {
    output.text(explainNone(values, store.dataFolder));
    return 0;
  }
  const headings = [by, 'runs', 'status', 'PSNR dB', 'gain dB', 'SSIM', 'averaged', 'trained'];
  const rows = groups.map(({ title, ids: own, statuses, scores, processSeconds }) => [
    truncateEnd(title, widestName),
    formatCount(own.length),
    describeStatuses(statuses),
    formatRepeatedMean(scores?.psnr, 2),
    formatRepeatedMean(scores?.gain, 2),
    formatRepeatedMean(scores?.ssim, 3),
    scores === null ? '–' : `${scores.averaged} of ${scores.scored}`,
    formatDuration(processSeconds),
  ]);
  output.text(formatColumns([headings, ...rows]));
  output.text(`\n± is half of the 95 % interval of the mean over runs (Student's t).`);
  const bases = new Map(
    groups.flatMap(({ scores }) => (scores ? [[scores.basis.key, scores.basis.label]] : [])),
  );
  if (groups.some(({ scores }) => scores !== null && scores.averaged < scores.scored))
    output.text('Runs of a group that were scored on other data or masks are not averaged with the others.');
  if (bases.size > 1)
    output.text(
      ['These groups were scored on different data or masks, and do not compare:']
        .concat(groups.flatMap(({ title, scores }) => (scores ? [`  ${title}: ${scores.basis.label}`] : [])))
        .join('\n'),
    );
  return 0;
}

function explainNone(values: OptionValues, dataFolder: string): string {
  if (readText(values, 'status') !== undefined || readText(values, 'find') !== undefined) {
    return 'No matching runs. "lab runs" without options lists all.';
  }
  if (readFlag(values, 'trash')) return 'The trash is empty.';
  return `No runs yet in ${dataFolder}. "npm run demo" trains one in minutes; "lab train" trains your own.`;
}
