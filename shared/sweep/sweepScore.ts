/** How the members of a sweep are scored: one protocol for all, and one number of its table. */

import { evaluationLaw } from '../masks/laws.ts';
import type { Evaluation, EvaluationRow } from '../metric.ts';
import { ensembleMetrics } from '../metric.ts';
import { metricOf, type SweepObjective, type SweepSpec } from './sweep.ts';

/**
 * Returns the evaluation of every member. What the sweep leaves open is taken from its base configuration, so that members
 * whose own masks differ are scored with the same ones.
 */
export function evaluationRequestOf({
  objective,
  base,
}: Pick<SweepSpec, 'objective' | 'base'>): SweepObjective['protocol'] {
  const { protocol } = objective;
  const { mask } = base;
  const { law, ...options } = evaluationLaw(mask);
  const ofBase = { maskLaw: law, ...options };
  return {
    ...(protocol.maskLaw === undefined ? withoutAbsent(ofBase) : {}),
    ...protocol,
    keepRatio: protocol.keepRatio ?? mask.keepRatio,
    observationNoise: protocol.observationNoise ?? mask.observationNoise,
  };
}

function withoutAbsent<Options extends object>(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options;
}

/** The number by which a member is ranked. */
export interface MemberScore {
  /** Finite or infinite. */
  readonly score: number;
  readonly nfe: number;
}

/**
 * Returns the score of an evaluation by the sweep's protocol.
 * @throws Error if it has no such row or number.
 */
export function scoreEvaluation(
  { rows }: Pick<Evaluation, 'rows'>,
  { metric, row }: SweepObjective,
): MemberScore {
  const found = rows.find(({ nfe, method }) => nfe > 0 && method.includes(` · ${rowMarks[row]}`));
  const score = found && readMetric(found, metric);
  if (found && typeof score === 'number') return { score, nfe: found.nfe };
  const names = rows.map(({ method }) => method).join(', ');
  throw new Error(
    `The evaluation has no ${metric} of the ${row}: its rows are ${names || 'none'}. Evaluate with more samples, or optimise another metric.`,
  );
}

const rowMarks = {
  'posterior mean': 'posterior mean',
  'one sample': 'one sample',
  'mean of samples': 'mean of ',
} as const satisfies Record<SweepObjective['row'], string>;

function readMetric(row: EvaluationRow, metric: SweepObjective['metric']): number | null | undefined {
  const values: Readonly<Record<string, unknown>> = Object.hasOwn(ensembleMetrics, metric)
    ? (row.distribution ?? {})
    : row;
  return values[metric] as number | null | undefined;
}

/** Whether a larger score is the better one. */
export function isHigherBetter({ metric }: Pick<SweepObjective, 'metric'>): boolean {
  return metricOf(metric).better === 'higher';
}

/** Compares two scores, the better one first; what diverged is the worst. */
export function compareScores(
  one: number | null,
  other: number | null,
  objective: Pick<SweepObjective, 'metric'>,
): number {
  if (one === other) return 0;
  if (one === null || other === null) return one === null ? 1 : -1;
  return (isHigherBetter(objective) ? -1 : 1) * (one < other ? -1 : 1);
}
