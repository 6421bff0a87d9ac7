/** lab evaluate */

import type { Evaluation } from '../../../shared/metric.ts';
import { parseDataSource } from '../../../shared/dataset.ts';
import type { RunRecord } from '../../../shared/run.ts';
import { summariseProtocols, summaryLines } from '../protocolSummary.ts';
import { curveCsv, curveLines, qualityCurve } from '../../../shared/comparison/qualityCurve.ts';
import { describeTime } from '../../../shared/text/timeRange.ts';
import { estimateEvaluation } from '../../ipc/requests/estimateTimes.ts';
import type { EvaluateJob } from '../../compute/protocol.ts';
import { comparisonText } from '../../reports/comparisonTable.ts';
import { requestedExitCode } from '../../runtime/processEnd.mjs';
import { measureSlowness } from '../../runtime/processorSpeed.ts';
import {
  UsageError,
  type CommandDefinition,
  interruptedCode,
  type Invocation,
  type OptionValues,
  runArguments,
} from '../command.ts';
import { formatColumns } from '../format.ts';
import { newestCheckpoint, runOf, withStore } from '../labStore.ts';
import { changedDataOption, readInteger, readText, valueOption } from '../options.ts';
import type { Output } from '../output.ts';
import { checkOutFolder } from '../typedPaths.ts';
import {
  curveOptions,
  protocolOptions,
  readCurve,
  readProtocols,
  dataOptions,
  checkScoredMasks,
  readSamplingJob,
  samplerOptions,
} from '../samplingOptions.ts';
import { evaluateInProcess } from '../resultSession.ts';
import { writeTables } from '../reportFiles.ts';
import { stringifyJson } from '../../../shared/numbers/nonFinite.ts';

export const evaluate: CommandDefinition = {
  usage: '<run|preset> [--data SOURCE] [--images N] [--samples K] [--mask-seeds 42,43,44] [--curve 1,2,4,8]',
  arguments: runArguments,
  options: {
    images: valueOption('N', 'Number of images, from the start of the split.', '100'),
    ...dataOptions,
    ...changedDataOption,
    ...protocolOptions,
    ...samplerOptions,
    ...curveOptions,
    reference: valueOption('METHOD', 'Row that paired differences are measured against.', 'thin plate'),
    out: valueOption('FOLDER', 'Folder to also write the tables to, as Markdown, CSV and JSON.'),
  },
  positionals: { min: 1, max: 1 },
  run: (invocation) =>
    withStore(invocation, async (store) => {
      const { values, output } = invocation;
      const out = readText(values, 'out');
      const folder = out === undefined ? undefined : checkOutFolder(out);
      const run = runOf(store, invocation);
      const { path, step } = newestCheckpoint(store, run);
      const evaluations: Evaluation[] = [];
      let isInterrupted = false;
      for (const job of readEvaluateJobs(values, run, path)) {
        const time = estimateEvaluation(
          { db: store.db, report: null, slowness: measureSlowness },
          run.config,
          job,
        );
        output.note(`Time: ${describeTime(time)}. ${time.explanation}`);
        const onPartial = () => {
          isInterrupted = true;
          output.note('Interrupted. The sampling settings computed so far are kept.');
        };
        const evaluation = await evaluateInProcess(job, output, { store, runId: run.id, step, onPartial });
        noteOtherImages(run, evaluation.protocol, output);
        evaluations.push(evaluation);
        if (isInterrupted) break;
      }
      output.text(`Run ${run.id} "${run.name}" at step ${step}`);
      report(evaluations, invocation);
      output.json(describeJson({ run: run.id, step }, evaluations, invocation));
      if (folder !== undefined)
        output.text(writeTables(folder, tableFiles(evaluations, invocation)).join('\n'));
      return isInterrupted ? (requestedExitCode() ?? interruptedCode) : 0;
    }),
};

/** Returns one job per protocol for the checkpoint at `path`. A curve has a single protocol, as its table has. */
export function readEvaluateJobs(values: OptionValues, run: RunRecord, path: string): EvaluateJob[] {
  const job = { ...readSamplingJob(values, run, path), images: readInteger(values, 'images') ?? 100 };
  const jobs = readProtocols(values, job);
  jobs.forEach(({ protocol }) => checkScoredMasks(run.config.field, protocol));
  const curve = readCurve(values, jobs[0]);
  if (curve === undefined) return jobs;
  if (jobs.length > 1)
    throw new UsageError(
      '--curve takes one mask seed and one keep ratio. Leave out --mask-seeds and --keep-ratios.',
    );
  return [curve];
}

/** Notes that a folder given in place of the run's own holds other images. */
function noteOtherImages(
  { config, dataset }: RunRecord,
  { source, split, datasetChecksum }: Evaluation['protocol'],
  output: Output,
): void {
  const known = split === 'train' ? dataset : dataset?.splits?.test;
  const kindOf = (text: string) => parseDataSource(text).kind;
  const isReplacement = source !== config.data.source && kindOf(source) === kindOf(config.data.source);
  if (!known || !isReplacement || known.checksum === datasetChecksum) return;
  output.note(
    `${source} does not hold the run's own ${split} images: found checksum ${datasetChecksum.slice(0, 12)}, expected ${known.checksum.slice(0, 12)}.`,
  );
}

function report(evaluations: readonly Evaluation[], { values, output }: Invocation): void {
  const reference = readText(values, 'reference');
  for (const evaluation of evaluations) output.text(comparisonText(evaluation, reference));
  if (evaluations.length > 1) {
    const summary = summariseProtocols(evaluations);
    output.text(`Mean ± standard deviation over the mask seeds ${summary.maskSeeds.join(', ')}:`);
    output.text(formatColumns(summaryLines(summary)));
  }
  if (values['curve'] !== undefined) output.text(formatColumns(curveLines(qualityCurve(evaluations[0]))));
}

/** A single evaluation as one flat object, several as a list with their summary. */
function describeJson(
  of: { run: string; step: number },
  evaluations: readonly Evaluation[],
  { values }: Invocation,
): object {
  const [first, ...more] = evaluations;
  if (more.length > 0) return { ...of, evaluations, summary: summariseProtocols(evaluations) };
  return { ...of, ...first, ...(values['curve'] === undefined ? {} : { curve: qualityCurve(first) }) };
}

function tableFiles(evaluations: readonly Evaluation[], { values }: Invocation) {
  const curve =
    values['curve'] === undefined
      ? []
      : [
          { name: 'curve.csv', text: curveCsv(evaluations[0]) },
          { name: 'curve.json', text: stringifyJson(qualityCurve(evaluations[0]), 2) },
        ];
  return { evaluations, reference: readText(values, 'reference'), more: curve };
}
