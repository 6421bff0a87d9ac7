/** lab report */

import { mostGroupedRuns } from '../../../shared/comparison/comparison.ts';
import { nameOfTitle } from '../../../shared/config/savedPresets.ts';
import type { CommandDefinition } from '../command.ts';
import { withStore } from '../labStore.ts';
import { readText, valueOption } from '../options.ts';
import { checkOutFolder } from '../typedPaths.ts';
import { comparedArguments, groupByOption, listSaved, printComparison, reportOptions } from './compare.ts';

export const report: CommandDefinition = {
  usage:
    '[<run> <run>… | <saved> | <sweep>… --group-by setting] [--out FOLDER] [--sections a,b] [--introduction TEXT]',
  arguments: comparedArguments,
  options: {
    out: valueOption(
      'FOLDER',
      'Folder to write the report to: HTML, tables, numbers, figure, charts.',
      'out/report-<runs>',
    ),
    ...reportOptions,
    'group-by': groupByOption,
  },
  positionals: { min: 0, max: mostGroupedRuns },
  run(invocation) {
    const { positionals, values, output } = invocation;
    if (positionals.length === 0) return withStore(invocation, (store) => listSaved(store, output));
    const out = readText(values, 'out') ?? `out/report-${nameOfTitle(positionals.join(' '))}`;
    return printComparison(invocation, checkOutFolder(out));
  },
};
