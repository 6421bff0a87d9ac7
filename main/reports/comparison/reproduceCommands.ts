/** The commands that make the runs of a report again, score them and write the report. */

import type { EvaluationRow, Protocol } from '../../../shared/metric.ts';
import { formatTrainCommand, quoteWord } from '../../../shared/pure/trainCommand.ts';
import type { ReportRun } from './gatherComparison.ts';
import type { ReportModel } from './reportModel.ts';

/** One line a command: train each run, evaluate each, compare. The data's place is named without its folders. */
export function reproduceCommands(model: ReportModel): string[] {
  const named = model.runs.map((run) => ({ run, name: nameOf(model, run) }));
  return [
    ...named.map(({ run: { config }, name }) =>
      formatTrainCommand({ config, source: config.data.source, name }),
    ),
    ...named.flatMap(({ run, name }) => evaluateCommands(model, run, name)),
    `lab compare ${named.map(({ name }) => quoteWord(name)).join(' ')} --out report${titleOptions(model)}`,
  ];
}

function titleOptions({ title, question }: ReportModel): string {
  return ` --title ${quoteWord(title)}${question === '' ? '' : ` --question ${quoteWord(question)}`}`;
}

/** A name that looks like an option, or like the word for the newest run, cannot be given to a command. */
function nameOf({ names }: ReportModel, { summary }: ReportRun): string {
  const name = names.get(summary.id) ?? summary.id;
  return name.startsWith('-') || name === 'latest' ? `run ${summary.id}` : name;
}

/** One command for all ways of sampling where a run has them, as the rows tell. */
function evaluateCommands({ comparison }: ReportModel, run: ReportRun, name: string): string[] {
  if (!comparison) return [];
  const rows = comparison.rows.filter(({ runId }) => runId === run.summary.id).map(({ row }) => row);
  if (rows.length === 0) return [];
  const { protocol } = comparison.evaluation;
  return [
    [
      `lab evaluate ${quoteWord(name)}`,
      ...protocolOptions(protocol),
      `--samples ${Math.max(...rows.map(({ samples }) => samples))}`,
      ...solverOptions(rows),
      ...(protocol.noiseSeed === null ? [] : [`--seed ${protocol.noiseSeed}`]),
    ].join(' '),
  ];
}

function protocolOptions(protocol: Protocol): string[] {
  return [
    `--images ${protocol.images}`,
    `--split ${protocol.split}`,
    `--mask-law ${protocol.maskLaw}`,
    `--mask-seed ${protocol.maskSeed}`,
    `--keep ${protocol.keepRatio}`,
    ...(protocol.pasted ? [] : ['--no-paste']),
  ];
}

/** The posterior mean takes one evaluation whatever the solver: it tells nothing where there are other rows. */
function solverOptions(rows: readonly EvaluationRow[]): string[] {
  const sampled = rows.filter(
    ({ nfe, solver, solverSteps }) => nfe > 1 && solver !== null && solverSteps !== null,
  );
  const unique = <Value>(values: readonly Value[]) => [...new Set(values)];
  const solvers = unique(sampled.map(({ solver }) => solver));
  const steps = unique(sampled.map(({ solverSteps }) => solverSteps));
  if (sampled.length === 0) return [];
  if (solvers.length === 1 && steps.length === 1) return [`--solver ${solvers[0]}`, `--steps ${steps[0]}`];
  return [`--curve ${steps.join(',')}`, `--solvers ${solvers.join(',')}`];
}
