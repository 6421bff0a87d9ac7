/** A trained field beside the classical methods: the rows of a comparison and, where wanted, the images behind them. */

import { methodOf } from '../../shared/config/config.ts';
import type { EvaluationRow } from '../../shared/metric.ts';
import { evaluateClassical } from '../engine/classical/evaluateClassical.ts';
import type { SamplingPlan } from '../engine/solver/sampleField.ts';
import { evaluatePlan, type PlannedRows, type PlanOptions } from './evaluatePlan.ts';
import type { LoadedModel } from './modelCheckpoint.ts';

export interface EvaluateOptions extends PlanOptions {
  /** Each makes a row of one sample and, where samples > 1, a row of their mean. */
  readonly plans: readonly SamplingPlan[];
  readonly samples: number;
  /** The posterior mean is averaged over so many symmetries of the picture: 1 (default), 2 or 8. Samples never are. */
  readonly symmetries?: number;
}

/** One step from the start to the data expected there: the field's estimate of the posterior mean. */
export const meanPlan: SamplingPlan = { solver: 'ddim', steps: 1, grid: 'uniform', eta: 0 };

/** Classical rows, then posterior mean (1 NFE, or one a symmetry), and for each plan one sample and the mean of N samples where N > 1. */
export async function evaluateModel(model: LoadedModel, options: EvaluateOptions): Promise<EvaluationRow[]> {
  const { data } = options;
  const rows = evaluateClassical({
    ...data,
    onProgress: (done, total, method) => options.onProgress({ phase: method, done, total }),
    onReconstructed: options.onReconstructed,
  });
  const name = [methodOf(model.config.path), model.weightsName && `(${model.weightsName})`]
    .filter(Boolean)
    .join(' ');
  const { symmetries = 1 } = options;
  const turned = symmetries === 1 ? '' : symmetries === 2 ? ' (mirrored)' : ' (mirrored and turned)';
  const single = `${name} · posterior mean${turned}`;
  const posteriorMean = { plan: meanPlan, symmetries, single, mean: null };
  for (const planned of [posteriorMean, ...planRows(name, options, watchedPlan(model, options.plans))]) {
    rows.push(...(await evaluatePlan(model, planned, options)));
  }
  return rows;
}

/** The plan whose states are worth keeping: the only one, or of several the run's own; -1: none. */
function watchedPlan({ config }: LoadedModel, plans: readonly SamplingPlan[]): number {
  if (plans.length === 1) return 0;
  return plans.findIndex(
    ({ solver, steps }) => solver === config.sampler.solver && steps === config.sampler.steps,
  );
}

/** Several plans tell their rows apart by solver and steps. */
function planRows(name: string, { plans, samples }: EvaluateOptions, watched: number): PlannedRows[] {
  return plans.map((plan, index) => {
    const how = plans.length > 1 ? `${plan.solver} ${plan.steps}` : plan.solver;
    const mean = `${name} · mean of ${samples} samples${plans.length > 1 ? ` (${how})` : ''}`;
    return {
      plan,
      single: `${name} · one sample (${how})`,
      mean: samples > 1 ? { name: mean, samples } : null,
      isWatched: index === watched,
    };
  });
}
