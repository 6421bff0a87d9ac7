/** lab log */

import { runLogKinds, type RunLogKind } from '../../../shared/runLog.ts';
import { formatCount, formatMoment } from '../../../shared/text/format.ts';
import { readRunLog } from '../../store/runs/runLog.ts';
import { type CommandDefinition, type OptionValues, UsageError, runArguments } from '../command.ts';
import { formatColumns } from '../format.ts';
import { runOf, withStore } from '../labStore.ts';
import { readText, valueOption } from '../options.ts';

export const log: CommandDefinition = {
  usage: '<run|preset> [--kind KINDS]',
  arguments: runArguments,
  options: {
    kind: valueOption('KINDS', `Only lines of these kinds, separated by commas: ${runLogKinds.join(', ')}.`),
  },
  positionals: { min: 1, max: 1 },
  isListing: true,
  run: (invocation) =>
    withStore(invocation, async (store) => {
      const { values, output } = invocation;
      const kinds = readKinds(values);
      const run = runOf(store, invocation);
      const lines = readRunLog(store.db, run.id, kinds);
      if (output.isJson) {
        await output.jsonFields({ lines });
        return 0;
      }
      if (lines.length === 0) output.text(`The log of ${run.id} "${run.name}" has no such lines yet.`);
      else {
        const rows = lines.map(({ time, step, kind, text }) => [
          formatMoment(time, 'seconds'),
          formatCount(step),
          kind,
          text,
        ]);
        output.text(formatColumns([['time', 'step', 'kind', 'what happened'], ...rows]));
      }
      return 0;
    }),
};

/** @throws UsageError for a kind that does not exist. */
function readKinds(values: OptionValues): readonly RunLogKind[] {
  const text = readText(values, 'kind');
  if (text === undefined) return runLogKinds;
  return text.split(',').map((name) => {
    const kind = runLogKinds.find((each) => each === name.trim());
    if (!kind)
      throw new UsageError(`--kind: "${name.trim()}" found, one of ${runLogKinds.join(', ')} expected.`);
    return kind;
  });
}
