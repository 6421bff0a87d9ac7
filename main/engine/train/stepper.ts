/** What the loop drives: something that holds a run's state and takes steps with it. */

import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensors } from '../field/parameters.ts';
import type { StepFn } from './step.ts';

export interface StepReport {
  readonly loss: number;
  /** Before clipping. */
  readonly gradNorm: number;
}

export interface Stepper {
  /** One step; the batch stays the caller's. */
  step(batch: NamedTensors): StepReport;
  /** Lends the state as it is now, by the layout: read it, do not keep or dispose it. */
  withState<Result>(use: (state: readonly tf.Tensor[]) => Promise<Result>): Promise<Result>;
  dispose(): void;
}

/** Runs the step operation by operation. Ownership of the state passes to the stepper. */
export function eagerStepper(stepFn: StepFn, initial: readonly tf.Tensor[]): Stepper {
  let state = initial;
  return {
    step(batch) {
      const { state: next, report } = tf.tidy(() => stepFn(state, batch));
      tf.dispose([...state]);
      state = next;
      const [loss, gradNorm] = [report['loss'], report['gradNorm']].map((tensor) => tensor.dataSync()[0]);
      tf.dispose(report);
      return { loss, gradNorm };
    },
    withState: (use) => use(state),
    dispose: () => tf.dispose([...state]),
  };
}
