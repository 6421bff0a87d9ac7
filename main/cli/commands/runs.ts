/** lab runs */

import { formatDecibels, formatDuration, formatMoment } from '../../../shared/text/format.ts';
import { truncateEnd } from '../../../shared/text/terminalText.ts';
import { describeSource } from '../../../shared/dataset.ts';
import { runStatuses } from '../../../shared/run.ts';
import { iterateRuns, listRuns } from '../../store/runs/runs.ts';
import type { CommandDefinition, OptionValues } from '../command.ts';
import { formatColumns, formatSteps } from '../format.ts';
import { withStore } from '../labStore.ts';
import { flagOption, readChoice, readFlag, readText, valueOption } from '../options.ts';

/** Terminal columns; `lab show` prints the full name. */
const widestName = 40;
const widestData = 24;

export const runs: CommandDefinition = {
  usage: '[--status STATUS] [--find TEXT]',
  options: {
    status: valueOption('STATUS', `Only runs of this status: ${runStatuses.join(', ')}.`),
    find: valueOption('TEXT', 'Only runs whose name, ID or preset contains this text.'),
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

function explainNone(values: OptionValues, dataFolder: string): string {
  if (readText(values, 'status') !== undefined || readText(values, 'find') !== undefined) {
    return 'No matching runs. "lab runs" without options lists all.';
  }
  if (readFlag(values, 'trash')) return 'The trash is empty.';
  return `No runs yet in ${dataFolder}. "npm run demo" trains one in minutes; "lab train" trains your own.`;
}
