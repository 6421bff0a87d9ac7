/** The commands that make the runs of a report again, score them and write the report. */

import type { RunConfig, SamplerConfig } from '../../../shared/config/config.ts';
import { usesKeepRatio } from '../../../shared/masks/laws.ts';
import {
  type Evaluation,
  type EvaluationRow,
  maskOfProtocol,
  type Protocol,
} from '../../../shared/metric.ts';
import {
  defaultResult,
  isClassical,
  resultOf,
  type RunRow,
  uniqueNames,
} from '../../../shared/comparison/comparisonOfRuns.ts';
import { formatTrainCommand, quoteWord } from '../../../shared/config/trainCommand.ts';
import type { Grouping } from '../../../shared/runGroups.ts';
import type { ReportRun } from './gatherComparison.ts';
import type { ReportModel } from './reportModel.ts';

/**
 * One line a command: train each run, evaluate each, compare. The data's place is named without its folders. Of groups, all
 * runs are made again.
 */
export function reproduceCommands(model: ReportModel): string[] {
  const { grouped } = model;
  const runs = grouped ? [...new Set(grouped.groups.flatMap((group) => group.runs))] : model.runs;
  const names = grouped ? uniqueNames(runs) : model.names;
  const rows = grouped ? grouped.results.flatMap((result) => result.rows) : (model.comparison?.rows ?? []);
  const named = runs.map((run) => ({ run, name: nameOf(names, run) }));
  return [
    ...named.map(({ run: { config }, name }) =>
      formatTrainCommand({ config, source: config.data.source, name }),
    ),
    ...named.flatMap(({ run, name }) => evaluateCommands(rows, run, name)),
    ...(grouped ? membershipNotes(grouped.by) : []),
    `lab compare ${named.map(({ name }) => quoteWord(name)).join(' ')}${grouped ? ` --group-by ${grouped.by}` : ''} --out report${titleOptions(model)}`,
  ];
}

/** Comments on groups that runs belong to by more than their configuration. */
function membershipNotes(by: Grouping): string[] {
  if (by === 'tag') return ['# Give the runs their tags in the application before they are compared.'];
  if (by === 'sweep')
    return [
      '# Runs that are trained one by one belong to no sweep: train the sweeps with lab sweep instead.',
    ];
  return [];
}

function titleOptions({ title, question }: ReportModel): string {
  return ` --title ${quoteWord(title)}${question === '' ? '' : ` --question ${quoteWord(question)}`}`;
}

/** A name that looks like an option, or like the word for the newest run, cannot be given to a command. */
function nameOf(names: ReadonlyMap<string, string>, { summary }: ReportRun): string {
  const name = names.get(summary.id) ?? summary.id;
  return name.startsWith('-') || name === 'latest' ? `run ${summary.id}` : name;
}

/** One command per evaluation, oldest first: where two measured the same, the newest is in the tables again. */
function evaluateCommands(rows: readonly RunRow[], run: ReportRun, name: string): string[] {
  const ids = rows.flatMap(({ runId, evaluationId }) => (runId === run.summary.id ? [evaluationId] : []));
  return [...new Set(ids)]
    .sort((one, other) => one - other)
    .flatMap((id) => run.evaluations.filter((evaluation) => evaluation.id === id))
    .map((evaluation) => evaluateCommand(evaluation, run.config, name));
}

function evaluateCommand({ protocol, rows }: Evaluation, config: RunConfig, name: string): string {
  const own = rows.filter((row) => !isClassical(row));
  return [
    `lab evaluate ${quoteWord(name)}`,
    ...protocolOptions(protocol, config),
    `--samples ${Math.max(1, ...own.map(({ samples }) => samples))}`,
    ...planOptions(own.filter(isSample)),
    ...samplingOptions(own, config.sampler),
  ].join(' ');
}

function protocolOptions(protocol: Protocol, config: RunConfig): string[] {
  const { source, images, split, maskSeed, keepRatio, noiseSeed } = protocol;
  const { maskLaw, maskMarkSize, maskBlocks, maskMixture, maskPhase, observationNoise = 0 } = protocol;
  return [
    ...(source === config.data.source ? [] : [`--data ${quoteWord(source)}`]),
    `--images ${images}`,
    `--split ${split}`,
    `--mask-law ${maskLaw}`,
    ...(maskMarkSize === undefined ? [] : [`--mark-size ${maskMarkSize}`]),
    ...(maskBlocks === undefined ? [] : [`--blocks ${maskBlocks}`]),
    ...(maskMixture === undefined ? [] : [`--mixture ${quoteWord(maskMixture)}`]),
    ...(maskPhase === undefined ? [] : [`--phase ${maskPhase}`]),
    `--mask-seed ${maskSeed}`,
    ...(usesKeepRatio(maskOfProtocol(protocol)) ? [`--keep ${keepRatio}`] : []),
    ...(noiseSeed === null ? [] : [`--seed ${noiseSeed}`]),
    ...noiseOptions(observationNoise, config),
    // With noise, nothing is pasted in any case.
    ...(protocol.pasted || observationNoise > 0 ? [] : ['--no-paste']),
  ];
}

/** Noise as in the run is the default. */
function noiseOptions(noise: number, { mask }: RunConfig): string[] {
  return noise === mask.observationNoise ? [] : [`--noise ${noise}`];
}

/** The posterior mean has its own plan, independent of the solver. */
function isSample({ method }: EvaluationRow): boolean {
  return !resultOf(method).startsWith(defaultResult);
}

function planOptions(sampled: readonly EvaluationRow[]): string[] {
  const known = sampled.filter(({ solver, solverSteps }) => solver !== null && solverSteps !== null);
  const unique = <Value>(values: readonly Value[]) => [...new Set(values)];
  const solvers = unique(known.map(({ solver }) => solver));
  const steps = unique(known.map(({ solverSteps }) => solverSteps));
  if (known.length === 0) return [];
  if (solvers.length === 1 && steps.length === 1) return [`--solver ${solvers[0]}`, `--steps ${steps[0]}`];
  return [`--curve ${steps.join(',')}`, `--solvers ${solvers.join(',')}`];
}

/** What was chosen otherwise than the run was set up. */
function samplingOptions(own: readonly EvaluationRow[], sampler: SamplerConfig): string[] {
  const sampled = own.find((row) => row.sampling !== null && isSample(row))?.sampling;
  const mean = own.find((row) => row.sampling !== null && !isSample(row))?.sampling;
  const option = (name: string, chosen: string | number | undefined, usual: string | number) =>
    chosen === undefined || chosen === usual ? [] : [`--${name} ${chosen}`];
  const weights = (sampled ?? mean)?.weights ?? null;
  return [
    ...option('grid', sampled?.grid, sampler.grid),
    ...option('eta', sampled?.eta, sampler.eta),
    ...option('tolerance', sampled?.tolerance, sampler.tolerance),
    ...option('corrections', sampled?.corrections, sampler.correctorSteps),
    ...option('symmetries', mean?.symmetries, sampler.symmetries),
    ...(weights === null ? [] : [`--ema ${weights}`]),
  ];
}
