/** The table that compares ways of training and sampling: one line a method, every number measured. */

import type { RunConfig } from '../../shared/config/config.ts';
import type { EvaluationRow } from '../../shared/metric.ts';
import { usualResult } from '../../shared/comparison/comparisonOfRuns.ts';
import { formatDuration } from '../../shared/text/format.ts';
import { formatFixed } from '../../shared/numbers/nonFinite.ts';
import { formatPsnr } from '../../shared/numbers/psnrMean.ts';

/** A trained method and its rows of one common protocol. */
export interface MethodResult {
  /** What it is called in the comparison, e.g. `denoiser`. */
  readonly name: string;
  readonly config: RunConfig;
  readonly trainingSeconds: number;
  /** Rows of the field alone. */
  readonly rows: readonly EvaluationRow[];
}

/** Headings and one line a method, as words. */
export function methodLines(results: readonly MethodResult[]): string[][] {
  const samples = Math.max(1, ...results.flatMap(({ rows }) => rows.map((row) => row.samples)));
  return [
    [
      ...['Method', 'Objective', 'Sampler', 'NFE', 'posterior mean', 'one sample', `mean of ${samples}`],
      ...['SSIM', 'CRPS', 'seconds'],
    ],
    ...results.map(methodLine),
  ];
}

/** The table as Markdown; names and objectives are this program's own words. */
export function methodsMarkdown(results: readonly MethodResult[]): string {
  const [head, ...lines] = methodLines(results).map((line) => `| ${line.join(' | ')} |`);
  const rule = `| :--- | :--- | :--- |${' ---: |'.repeat(7)}`;
  return `${[head, rule, ...lines].join('\n')}\n\n${methodsNote(results)}\n`;
}

/** What the columns mean, and how long each method was trained. */
export function methodsNote(results: readonly MethodResult[]): string {
  const trained = results.map(({ name, trainingSeconds }) => `${name} ${formatDuration(trainingSeconds)}`);
  return [
    'PSNR in dB of the posterior mean (1 NFE where it says no other), of one sample and of the mean of all; SSIM of that mean.',
    `Seconds are those of one sample of every image. Trained: ${trained.join(', ')}.`,
  ].join(' ');
}

/** The rows under the method's own name, so that rows of several runs stand in one table. */
export function renameRows({ name, rows }: Pick<MethodResult, 'name' | 'rows'>): EvaluationRow[] {
  return rows.map((row) => ({ ...row, method: row.method.replace(/^[^·]*/, `${name} `) }));
}

function methodLine({ name, config, rows }: MethodResult): string[] {
  const single = rows.findLast(({ samples }) => samples === 1);
  const mean = rows.find(({ distribution }) => distribution !== null);
  const posterior = rows.find(({ method }) => method.includes(usualResult));
  return [
    name,
    describeObjective(config),
    `${single?.solver ?? '–'} ${single?.solverSteps ?? ''}`.trim(),
    String(single?.nfe ?? '–'),
    posterior && posterior.nfe > 1 ? `${decibels(posterior)} (${posterior.nfe} NFE)` : decibels(posterior),
    decibels(single),
    decibels(mean),
    formatFixed(mean?.ssim ?? null, 3),
    formatFixed(mean?.distribution?.crps ?? null, 4),
    formatFixed(single?.seconds ?? null, 1),
  ];
}

function decibels(row: EvaluationRow | undefined): string {
  if (row === undefined) return '–';
  return formatPsnr(row.psnr, row.exactImages);
}

const predictionWords: Readonly<Record<string, string>> = {
  velocity: 'velocity',
  data: 'image',
  noise: 'noise',
  v: 'v',
};

const pathWords: Readonly<Record<string, string>> = {
  linear: 'straight path',
  cosine: 'cosine path',
  'variance-preserving': 'VP path',
};

/** e.g. `image, straight path`; words of the configuration that have no better ones stand as they are. */
function describeObjective({ path }: RunConfig): string {
  return `${predictionWords[path.prediction] ?? path.prediction}, ${pathWords[path.kind] ?? path.kind}`;
}
