/** lab reconstruct */

import { titleOfObserved } from '../../../shared/metric.ts';
import { comparisonText } from '../../reports/comparisonTable.ts';
import { type CommandDefinition, UsageError, runArguments } from '../command.ts';
import { newestCheckpoint, runOf, withStore } from '../labStore.ts';
import { checkOutFolder } from '../typedPaths.ts';
import { changedDataOption, readIndices, readText, valueOption } from '../options.ts';
import { writeReport } from '../reportFiles.ts';
import { dataOptions, readSamplingJob, samplerOptions } from '../samplingOptions.ts';
import { reconstructInProcess } from '../resultSession.ts';

export const reconstruct: CommandDefinition = {
  usage: '<run|preset> --index i,j,k --out FOLDER [--data SOURCE]',
  arguments: runArguments,
  options: {
    index: valueOption('i,j,k', 'Indices of the images in the split, counted from 0.', '0,1,2,3'),
    out: valueOption('FOLDER', 'Folder of the files; created if missing.'),
    ...dataOptions,
    ...changedDataOption,
    ...samplerOptions,
  },
  positionals: { min: 1, max: 1 },
  run: (invocation) =>
    withStore(invocation, async (store) => {
      const { values, output } = invocation;
      const out = readText(values, 'out');
      if (out === undefined) throw new UsageError('The folder for the files is missing. Add --out FOLDER.');
      const folder = checkOutFolder(out);
      const run = runOf(store, invocation);
      const { path, step } = newestCheckpoint(store, run);
      const indices = readIndices(values, 'index') ?? [0, 1, 2, 3];
      const job = { ...readSamplingJob(values, run, path), indices };
      const reconstruction = await reconstructInProcess(job, output);
      const title = `${run.name}: ${titleOfObserved(reconstruction.evaluation.protocol)}`;
      const files = await writeReport(reconstruction, { folder, title, indices });
      output.json({ run: run.id, step, ...reconstruction.evaluation, files });
      output.text(`${comparisonText(reconstruction.evaluation)}\n\n${Object.values(files).join('\n')}`);
      return 0;
    }),
};
