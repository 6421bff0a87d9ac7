/** Several runs on one protocol as one table: classical rows once, then the rows of each run under its own name. */

import { titleOfSolver } from '../config/samplerConfig.ts';
import type { ComparedEvaluation, ComparedRun } from './comparison.ts';
import type { Evaluation, EvaluationRow } from '../metric.ts';
import type { ProtocolGroup } from './commonProtocols.ts';
import { titleOfMethod } from './comparisonColumns.ts';

/** The result that represents a run by default. */
export const defaultResult = 'posterior mean';

/** A row of the table with where it comes from. */
export interface RunRow {
  readonly runId: string;
  readonly evaluationId: number;
  /** The step whose weights were evaluated. */
  readonly step: number;
  /** What of the run it is, without the run's name, e.g. `mean of 8 samples`. */
  readonly result: string;
  /** Name of the method, as in the sheets of the evaluation. */
  readonly method: string;
  /** As in the table: its method is `run name · result`. */
  readonly row: EvaluationRow;
  /** Whether it represents its run. */
  readonly isChosen: boolean;
}

export interface ComparisonOfRuns {
  /** For tables: classical methods, then the runs in their order. */
  readonly evaluation: Evaluation;
  /** The runs' own rows; every `row` is also in `evaluation.rows`. */
  readonly rows: readonly RunRow[];
  /** The row that represents each evaluated run, in the order of the runs. */
  readonly chosen: readonly RunRow[];
  /** Results that can be chosen: those that every one of these runs has. */
  readonly results: readonly string[];
}

/**
 * Of each run the newest weights that were evaluated by the group's protocol; of equal rows the newest.
 * `result`: the row that represents a run; without it the posterior mean or the first row does.
 */
export function comparisonOfRuns(
  runs: readonly ComparedRun[],
  group: ProtocolGroup,
  result: string = defaultResult,
): ComparisonOfRuns {
  const names = uniqueNames(runs);
  const perRun = group.members.map(({ runId, evaluations }) =>
    chooseRow(newestRows(runId, evaluations, names.get(runId) ?? runId), result),
  );
  const rows = perRun.flat();
  const counts = new Map<string, number>();
  for (const own of perRun)
    for (const name of new Set(own.map((each) => each.result))) counts.set(name, (counts.get(name) ?? 0) + 1);
  return {
    evaluation: {
      protocol: group.protocol,
      rows: [...classicalRows(group), ...rows.map(({ row }) => row)],
    },
    rows,
    chosen: rows.filter(({ isChosen }) => isChosen),
    results: [...counts].filter(([, count]) => count === perRun.length).map(([name]) => name),
  };
}

/** Returns names by run id; runs with the same name get their id appended. */
export function uniqueNames(runs: readonly ComparedRun[]): Map<string, string> {
  const all = runs.map(({ summary }) => summary.name);
  return new Map(
    runs.map(({ summary: { id, name } }) => [
      id,
      all.filter((other) => other === name).length > 1 ? `${name} (${id})` : name,
    ]),
  );
}

function newestRows(runId: string, evaluations: readonly ComparedEvaluation[], name: string): RunRow[] {
  const step = Math.max(...evaluations.map((evaluation) => evaluation.step));
  const found = new Map<string, RunRow>();
  for (const { id, rows } of evaluations.filter((evaluation) => evaluation.step === step)) {
    for (const row of rows) {
      const key = JSON.stringify([row.method, row.solver, row.solverSteps, row.samples]);
      if (isClassical(row) || found.has(key)) continue;
      const result = resultOf(row.method);
      const named = { ...row, method: `${name} · ${result}` };
      const place = { runId, evaluationId: id, step, result, method: row.method };
      found.set(key, { ...place, row: named, isChosen: false });
    }
  }
  return tellApart([...found.values()]);
}

/** Rows of one method with other steps of the solver carry them in their names. */
function tellApart(rows: readonly RunRow[]): RunRow[] {
  return rows.map((each) => {
    const isAlone = rows.filter(({ method }) => method === each.method).length === 1;
    if (isAlone) return each;
    const steps = `, ${titleOfSolver(each.row.solver ?? 'solver')} ${each.row.solverSteps ?? ''}`.trimEnd();
    return { ...each, result: each.result + steps, row: { ...each.row, method: each.row.method + steps } };
  });
}

/** `flow · one sample (heun)` → `one sample (Heun)`; weights other than the run's own are kept: `flow (x) · y` → `y, x`. */
export function resultOf(method: string): string {
  const [kind, ...rest] = titleOfMethod(method).split(' · ');
  if (rest.length === 0) return method;
  const weights = /\((.*)\)$/.exec(kind)?.[1];
  return weights ? `${rest.join(' · ')}, ${weights}` : rest.join(' · ');
}

function chooseRow(rows: readonly RunRow[], result: string): RunRow[] {
  const chosen =
    // Addresses and comparisons of earlier versions have the solvers' names, which differ in case from their titles.
    rows.find((row) => row.result.toLowerCase() === result.toLowerCase()) ??
    rows.find((row) => row.result.startsWith(defaultResult)) ??
    rows.at(0);
  return rows.map((row) => ({ ...row, isChosen: row === chosen }));
}

/** Returns the newest row of each classical method: these do not depend on the run. */
function classicalRows({ members }: ProtocolGroup): EvaluationRow[] {
  const newestFirst = members
    .flatMap(({ evaluations }) => evaluations)
    .sort((one, other) => other.id - one.id);
  const found = new Map<string, EvaluationRow>();
  for (const row of newestFirst.flatMap(({ rows }) => rows)) {
    if (isClassical(row) && !found.has(row.method)) found.set(row.method, row);
  }
  return [...found.values()];
}

/** Classical methods evaluate no field. */
export function isClassical({ nfe }: Pick<EvaluationRow, 'nfe'>): boolean {
  return nfe === 0;
}
