/** The table of lab compare-methods: one line per trained method, every number measured. */

import type { RunConfig } from '../../shared/config/config.ts';
import { titleOfSolver } from '../../shared/config/samplerConfig.ts';
import type { EvaluationRow } from '../../shared/metric.ts';
import { defaultResult } from '../../shared/comparison/comparisonOfRuns.ts';
import { formatDuration } from '../../shared/text/format.ts';
import { formatFixed } from '../../shared/numbers/nonFinite.ts';
import { formatPsnr } from '../../shared/numbers/psnrMean.ts';

/** A trained method and its rows under the common protocol. */
export interface MethodResult {
  /** Name in the comparison, e.g. `denoiser`. */
  readonly name: string;
  readonly config: RunConfig;
  readonly trainingSeconds: number;
  /** Rows of the field, without those of the classical methods. */
  readonly rows: readonly EvaluationRow[];
}

/** Returns the headings and one line of text per method. */
export function methodLines(results: readonly MethodResult[]): string[][] {
  const samples = Math.max(1, ...results.flatMap(({ rows }) => rows.map((row) => row.samples)));
  return [
    [
      'Method',
      'Objective',
      'Sampler',
      'NFE',
      'posterior mean',
      'one sample',
      `mean of ${samples}`,
      'SSIM',
      'CRPS',
      'seconds, any load',
    ],
    ...results.map(methodLine),
  ];
}

/** Returns the table as Markdown. Names and objectives are the program's own and need no escaping. */
export function methodsMarkdown(results: readonly MethodResult[]): string {
  const [head, ...lines] = methodLines(results).map((line) => `| ${line.join(' | ')} |`);
  const rule = `| :--- | :--- | :--- |${' ---: |'.repeat(7)}`;
  return `${[head, rule, ...lines].join('\n')}\n\n${methodsNote(results)}\n`;
}

/** Explains the columns and gives the training time of each method. */
export function methodsNote(results: readonly MethodResult[]): string {
  const trained = results.map(({ name, trainingSeconds }) => `${name} ${formatDuration(trainingSeconds)}`);
  return [
    'PSNR in dB of the posterior mean (1 NFE unless stated), of one sample and of the mean of all samples; SSIM of that mean.',
    `Seconds are the time for one sample of every image, with whatever else the machine computed: compare NFE rather than seconds. Training time: ${trained.join(', ')}.`,
  ].join(' ');
}

/** Renames rows after the method, so that rows of several runs fit into one table. */
export function renameRows({ name, rows }: Pick<MethodResult, 'name' | 'rows'>): EvaluationRow[] {
  return rows.map((row) => ({ ...row, method: row.method.replace(/^[^·]*/, `${name} `) }));
}

function methodLine({ name, config, rows }: MethodResult): string[] {
  const single = rows.findLast(({ samples }) => samples === 1);
  const mean = rows.find(({ distribution }) => distribution !== null);
  const posterior = rows.find(({ method }) => method.includes(defaultResult));
  return [
    name,
    describeObjective(config),
    ...describeSampler(single),
    posterior && posterior.nfe > 1 ? `${decibels(posterior)} (${posterior.nfe} NFE)` : decibels(posterior),
    decibels(single),
    decibels(mean),
    ...describeMean(mean),
    formatFixed(single?.seconds ?? null, 1),
  ];
}

/** Solver with its steps, and NFE. */
function describeSampler(row: EvaluationRow | undefined): string[] {
  if (row === undefined) return ['–', '–'];
  return [`${titleOfSolver(row.solver ?? '–')} ${row.solverSteps ?? ''}`.trim(), String(row.nfe)];
}

/** SSIM and CRPS. */
function describeMean(row: EvaluationRow | undefined): string[] {
  return [formatFixed(row?.ssim ?? null, 3), formatFixed(row?.distribution?.crps ?? null, 4)];
}

function decibels(row: EvaluationRow | undefined): string {
  if (row === undefined) return '–';
  return formatPsnr(row.psnr, row.exactImages);
}

const predictionNames: Readonly<Record<string, string>> = {
  velocity: 'velocity',
  data: 'image',
  noise: 'noise',
  v: 'v',
};

const pathNames: Readonly<Record<string, string>> = {
  linear: 'straight path',
  cosine: 'cosine path',
  'variance-preserving': 'VP path',
};

/** e.g. `image, straight path`; values without a name of their own are printed as configured. */
function describeObjective({ path }: RunConfig): string {
  return `${predictionNames[path.prediction] ?? path.prediction}, ${pathNames[path.kind] ?? path.kind}`;
}
