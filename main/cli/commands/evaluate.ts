/** lab evaluate */

import { comparisonText } from '../../reports/comparisonTable.ts';
import { insertEvaluation } from '../../store/evaluations.ts';
import type { Command } from '../command.ts';
import { newestCheckpoint, runOf, withStore } from '../lab.ts';
import { readInteger, valueOption } from '../options.ts';
import { dataOptions, readSamplingJob, samplerOptions } from '../samplingOptions.ts';
import { evaluateInProcess } from '../resultSession.ts';

export const evaluate: Command = {
  name: 'evaluate',
  summary: 'Score a run beside the classical methods on the same images and masks.',
  usage: '<run> [--data SOURCE] [--images N] [--solver heun --steps 50] [--samples K]',
  options: {
    images: valueOption('N', 'Images from the start of the split (default 100).'),
    ...dataOptions,
    ...samplerOptions,
  },
  positionals: { min: 1, max: 1 },
  run: (invocation) =>
    withStore(invocation, async (store) => {
      const { values, output } = invocation;
      const run = runOf(store, invocation);
      const { path, step } = newestCheckpoint(store, run);
      const job = { ...readSamplingJob(values, run, path), images: readInteger(values, 'images') ?? 100 };
      const evaluation = await evaluateInProcess(job, output);
      insertEvaluation(store.db, { ...evaluation, runId: run.id, step });
      output.json({ run: run.id, step, ...evaluation });
      output.text(`Run ${run.id} "${run.name}" at step ${step}\n${comparisonText(evaluation)}`);
      return 0;
    }),
};
