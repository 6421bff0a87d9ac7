/** Notices that a run learns nothing, so that it never ends as if all were well. */

import type { RunConfig } from '../../../shared/config/config.ts';
import { classicalMethods } from '../../../shared/inpainting.ts';
import { type Gain, roundingVariance } from '../../engine/metrics/gain.ts';

/** Evaluations in a row without a gain until the run carries a warning: a single one may be chance, or too early. */
const patience = 2;

export interface LearningWatch {
  /**
   * Judges the evaluation after `step` steps. Returns the warning that the run carries from now on, null for none,
   * undefined to keep the one it has. `isCounted`: false for an evaluation between those of the cadence, which may
   * withdraw a warning but not give one, because pausing often is no sign of a run that learns nothing.
   */
  judge(gain: Gain, step: number, isCounted?: boolean): string | null | undefined;
}

type Settings = Pick<RunConfig, 'optim' | 'path' | 'field'>;

/** Creates the watch of a run or of its continuation; an earlier warning stays until there is a gain. */
export function watchLearning(config: Settings): LearningWatch {
  let withoutGain = 0;
  return {
    judge(gain, step, isCounted = true) {
      if (!gain.isGain && !isCounted) return undefined;
      withoutGain = gain.isGain ? 0 : withoutGain + 1;
      if (gain.isGain) return null;
      return withoutGain < patience ? undefined : describeStandstill(config, gain, step);
    },
  };
}

function describeStandstill(config: Settings, gain: Gain, step: number): string {
  const { mse, classicalMse, isClassical } = gain;
  const estimate = classicalMethods[config.path.estimate].scoredAs;
  // A smaller error of the classical estimate leaves nothing to learn.
  if (classicalMse <= roundingVariance)
    return `There is nothing to learn: the ${estimate} reconstructs the validation images as exactly as 8 bits can. Choose images with more detail, or a smaller mask.keepRatio.`;
  const advice = `start a new run with ${describeOtherStep(config)}`;
  if (isClassical)
    return `The network’s output is zero: after ${step} steps its result still equals the ${estimate}. Do not wait for it to recover: ${advice}.`;
  return `The network has not learned anything useful: after ${step} steps its mean squared error on the validation images is ${format(mse)}, and that of the ${estimate} ${format(classicalMse)}. Train longer, or ${advice}.`;
}

/** Learning rates below this one hardly move a network within an evaluation. */
const slowRate = 1e-5;

function describeOtherStep({ optim, path, field }: Settings): string {
  if (optim.learningRate < slowRate)
    return `a larger learning rate (optim.learningRate), such as 0.0005 instead of ${optim.learningRate}`;
  const smaller = Number((optim.learningRate / 4).toPrecision(1));
  const step = `a smaller learning rate (optim.learningRate), such as ${smaller} instead of ${optim.learningRate}`;
  return path.unit === 'colours' && field.residual !== 'none' ? `${step}, and path.unit = residual` : step;
}

function format(value: number): string {
  return String(Number(value.toPrecision(3)));
}
