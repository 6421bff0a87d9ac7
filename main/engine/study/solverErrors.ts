/** How far solvers end from the exact solution of the same equation, from the same noise. */

import { fineSteps, studiedBudgets, studiedSolvers } from '../../../shared/study.ts';
import { runEagerly, type RunFunction } from '../runFunction.ts';
import type { SamplingProblem } from '../solver/fieldView.ts';
import type { SamplingPlan } from '../solver/route.ts';
import { sampleField } from '../solver/sampleField.ts';
import { takeValues } from '../tensors.ts';

/**
 * The fine solution that others are compared with. The steps are short at both ends: paths bend most near the data, and one
 * whose velocity is undefined at t = 1 is followed up to t = 0.9994. A solver that chooses its own steps would take
 * thousands of them for a network that is not smooth.
 */
export const finePlan: SamplingPlan = { solver: 'rk4', steps: fineSteps, grid: 'cosine' };

/** Returns the plans of a study: every solver at every number of evaluations that is a whole number of its steps. */
export function studiedPlans(budgets: readonly number[] = studiedBudgets): SamplingPlan[] {
  return Object.entries(studiedSolvers).flatMap(([solver, perStep]) =>
    budgets
      .filter((budget) => budget % perStep === 0)
      .map((budget) => {
        const name = solver as keyof typeof studiedSolvers;
        return { solver: name, steps: budget / perStep, grid: 'uniform', eta: 0 } as const;
      }),
  );
}

/** The end of a plan's solution. */
export interface SolverEnd {
  /** x(1), B × N × 3 numbers, not clamped. */
  readonly values: Float32Array;
  /** Evaluations of the network, the mean over the rows of the batch. */
  readonly nfe: number;
}

/** Solves the problem by a plan. */
export async function solveByPlan(
  problem: SamplingProblem,
  plan: SamplingPlan,
  run: RunFunction = runEagerly,
): Promise<SolverEnd> {
  let nfe = 0;
  const onEvaluations = (counts: readonly number[]) => {
    nfe = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  };
  const sampled = await sampleField(problem, plan, { run, onEvaluations });
  return { values: Float32Array.from(await takeValues(sampled)), nfe };
}
