/** Evaluations of a run as tables, one per protocol, because numbers of different protocols cannot be compared. */

import type { Evaluation, EvaluationRow, Protocol } from '../../../shared/metric.ts';
import { protocolKey } from '../../../shared/comparison/commonProtocols.ts';
import { isClassical } from '../../../shared/comparison/comparisonOfRuns.ts';
import type { RunEvaluation } from '../../../shared/runDetail.ts';

export interface EvaluationLine {
  readonly row: EvaluationRow;
  /** Step of the evaluated checkpoint; null for classical methods. */
  readonly step: number | null;
  readonly createdAt: string;
}

export interface EvaluationGroup {
  readonly protocol: Protocol;
  /** Classical methods first, then the run's own rows, newest evaluation first. */
  readonly lines: readonly EvaluationLine[];
}

/** Groups evaluations (newest first) by protocol, in the order of the newest evaluation of each group. */
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

/** Returns the rows of the newest step that was evaluated, without classical methods. */
export function newestRows({ lines }: EvaluationGroup): EvaluationRow[] {
  const newest = lines.reduce((step, line) => Math.max(step, line.step ?? -1), -1);
  return lines.flatMap(({ row, step }) => (step === newest && step !== -1 ? [row] : []));
}

/** Returns the group as one evaluation; if its rows are of several steps, the method names include the step. */
export function groupAsEvaluation({ protocol, lines }: EvaluationGroup): Evaluation {
  const steps = new Set(lines.flatMap(({ step }) => (step === null ? [] : [step])));
  const rows = lines.map(({ row, step }) =>
    step === null || steps.size < 2 ? row : { ...row, method: `${row.method}, step ${step}` },
  );
  return { protocol, rows };
}

/** Merges rows. A classical method does not depend on the run, so only its newest row is kept. */
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
    const { method, nfe, samples, solver, solverSteps } = line.row;
    const key = JSON.stringify([method, nfe, samples, solver, solverSteps, line.step]);
    if (line.step !== null && !own.has(key)) own.set(key, line);
  }
  return [...classical.values(), ...own.values()];
}
