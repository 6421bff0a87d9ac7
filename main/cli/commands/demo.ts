/** lab demo: trains, compares, reconstructs and reports, within minutes. */

import { quoteWord } from '../../../shared/config/trainCommand.ts';
import { dataSourceForms, demoSource } from '../../../shared/dataset.ts';
import { titleOfObserved } from '../../../shared/metric.ts';
import type { RunRecord } from '../../../shared/run.ts';
import { comparisonText } from '../../reports/comparisonTable.ts';
import { requestedExitCode } from '../../runtime/processEnd.mjs';
import type { CommandDefinition } from '../command.ts';
import { newestCheckpoint, withCreatedStore } from '../labStore.ts';
import { checkOutFolder } from '../typedPaths.ts';
import { readPositive, readText, valueOption } from '../options.ts';
import { writeReport } from '../reportFiles.ts';
import { readSamplingJob } from '../samplingOptions.ts';
import { evaluateInProcess, reconstructInProcess } from '../resultSession.ts';
import { reportEnd, trainNewRun } from '../trainingSession.ts';
import { resolveConfig } from './train.ts';

/** Leaves time for the comparison within four minutes on two cores. */
const trainingMinutes = 2;
const evaluationImages = 100;

const figureIndices = [0, 1, 2, 3, 4, 5];

export const demo: CommandDefinition = {
  usage: '[--data SOURCE] [--minutes M] [--out FOLDER]',
  options: {
    data: valueOption('SOURCE', `Images: ${dataSourceForms}.`, demoSource),
    minutes: valueOption('M', 'Minutes of training.', String(trainingMinutes)),
    out: valueOption('FOLDER', 'Folder of the report.', 'out/demo-<run>'),
  },
  positionals: { min: 0, max: 0 },
  run: (invocation) => {
    const { values, output } = invocation;
    const out = readText(values, 'out');
    if (out !== undefined) checkOutFolder(out);
    const minutes = readPositive(values, 'minutes') ?? trainingMinutes;
    const config = resolveConfig({ data: values['data'] ?? demoSource, minutes: String(minutes) });
    return withCreatedStore(invocation, async (store) => {
      const announce = ({ id, name }: RunRecord) =>
        output.note(`Run ${id} "${name}": preset ${config.preset}, ${minutes} minutes of training.`);
      const run = await trainNewRun(store, { name: 'demo', config }, { output, announce });
      if (run.status !== 'finished') return reportEnd(run, output) || (requestedExitCode() ?? 1);
      output.note(`Trained ${run.step} steps. Comparing on up to ${evaluationImages} test images.`);
      const { path, step } = newestCheckpoint(store, run);
      const job = readSamplingJob({}, run, path);
      const evaluation = await evaluateInProcess({ ...job, images: evaluationImages }, output, {
        store,
        runId: run.id,
        step,
      });
      // A small folder may have fewer images in its test split.
      const indices = figureIndices.filter((index) => index < evaluation.protocol.images);
      const reconstruction = await reconstructInProcess({ ...job, indices }, output);
      const folder = checkOutFolder(out ?? `out/demo-${run.id}`);
      const title = titleOfObserved(evaluation.protocol);
      const files = await writeReport({ ...reconstruction, evaluation }, { folder, title, indices });
      output.text(comparisonText(evaluation));
      output.text(Object.values(files).join('\n'));
      output.text(describeNextSteps(run.id, readText(values, 'data-dir')));
      output.json({ event: 'done', run, ...evaluation, files });
      return 0;
    });
  },
};

/** What to do after the demo, one command a line. `dataFolder`: the one of the demo, unless it is the default. */
function describeNextSteps(id: string, dataFolder: string | undefined): string {
  const place = dataFolder === undefined ? '' : ` --data-dir ${quoteWord(dataFolder)}`;
  const steps = [
    [`lab show ${id}${place}`, 'scores and checkpoints of this run'],
    [`lab resume ${id} --minutes 10${place}`, 'train it for longer: ten minutes in all'],
    ['lab inpaint --method biharmonic photo.jpg --mask hole.png', 'fill in a photograph'],
    [`lab train --data folder:PATH${place}`, 'train on your images'],
    [`lab compare ${id} OTHER${place}`, 'compare two evaluated runs; "lab report" writes it down'],
    [`lab app${place}`, 'all of this in a window or browser'],
  ];
  const width = Math.max(...steps.map(([command]) => command.length));
  const lines = steps.map(([command, meaning]) => `  ${command.padEnd(width)}  ${meaning}`);
  return [`Run ${id} was kept. What next:`, ...lines].join('\n');
}
