/** Evaluations of a run as tables: one a protocol, because numbers of different protocols do not compare. */

import type { Evaluation, EvaluationRow, Protocol } from '../../../shared/metric.ts';
import { protocolKey } from '../../../shared/comparison/commonProtocols.ts';
import { isClassical } from '../../../shared/comparison/comparisonOfRuns.ts';
import type { RunEvaluation } from '../../../shared/runDetail.ts';

export interface EvaluationLine {
  readonly row: EvaluationRow;
  /** Step of the run that was evaluated; null for classical methods, which know no steps. */
  readonly step: number | null;
  readonly createdAt: string;
}

export interface EvaluationGroup {
  readonly protocol: Protocol;
  /** Classical methods first, then the run's own rows, newest evaluation first. */
  readonly lines: readonly EvaluationLine[];
}

/** Groups by protocol, in the order of the newest evaluation of each. `evaluations`: newest first. */
export function groupEvaluations(evaluations: readonly RunEvaluation[]): EvaluationGroup[] {
  const groups = new Map<string, RunEvaluation[]>();
  for (const evaluation of evaluations) {
    const key = protocolKey(evaluation.protocol);
    groups.set(key, [...(groups.get(key) ?? []), evaluation]);
  }
  return [...groups.values()].map((members) => ({
    protocol: members[0].protocol,
    lines: mergeLines(members),
  }));
}

/** The group for a paper: rows of several steps carry their step in the method's name. */
export function groupAsEvaluation({ protocol, lines }: EvaluationGroup): Evaluation {
  const steps = new Set(lines.flatMap(({ step }) => (step === null ? [] : [step])));
  const rows = lines.map(({ row, step }) =>
    step === null || steps.size < 2 ? row : { ...row, method: `${row.method}, step ${step}` },
  );
  return { protocol, rows };
}

/** A classical method does not depend on the run: its newest row stands for all. */
function mergeLines(evaluations: readonly RunEvaluation[]): EvaluationLine[] {
  const lines = evaluations.flatMap(({ rows, step, createdAt }) =>
    rows.map((row) => ({ row, step: isClassical(row) ? null : step, createdAt })),
  );
  const classical = new Map<string, EvaluationLine>();
  for (const line of lines) {
    if (line.step === null && !classical.has(line.row.method)) classical.set(line.row.method, line);
  }
  const own = new Map<string, EvaluationLine>();
  for (const line of lines) {
    const key = JSON.stringify([line.row.method, line.row.nfe, line.row.samples, line.step]);
    if (line.step !== null && !own.has(key)) own.set(key, line);
  }
  return [...classical.values(), ...own.values()];
}
