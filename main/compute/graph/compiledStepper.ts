/** A training step as one native call: traced at the first step, with its state in TensorFlow's variables. */

import * as tf from '@tensorflow/tfjs-core';
import { describeError } from '../../../shared/text/describeError.ts';
import { listTensors } from '../../engine/tensors.ts';
import { eagerStepper, type StepFn, type Stepper, type StepReport } from '../../engine/train/step.ts';
import type { TrainingBatch } from '../../engine/train/trainingBatch.ts';
import { placeholderOf } from './graphDef.ts';
import type { NativeBackend } from './nativeBackend.ts';
import { type GraphSession, openSession } from './session.ts';
import { traceFunction } from './trace.ts';

export interface CompiledStepperOptions {
  readonly stepFn: StepFn;
  /** The stepper takes ownership. */
  readonly state: tf.Tensor[];
  /** Receives how steps run from now on, and the reason if they run eagerly. */
  readonly onReady: (execution: 'compiled' | 'eager', reason: string | null) => void;
}

/** Every batch must have the names and shapes of the first one. */
export function createCompiledStepper(
  backend: NativeBackend,
  options: CompiledStepperOptions,
): Stepper<StepReport> {
  let inner: Stepper<StepReport> | null = null;
  const start = (batch: TrainingBatch): Stepper<StepReport> => {
    try {
      const stepper = compile(backend, options, batch);
      options.onReady('compiled', null);
      return stepper;
    } catch (error) {
      options.onReady('eager', describeError(error));
      return eagerStepper(options.stepFn, options.state);
    }
  };
  return {
    step(batch) {
      inner ??= start(batch);
      return inner.step(batch);
    },
    withState: (use) => (inner ? inner.withState(use) : use(options.state)),
    dispose: () => (inner ? inner.dispose() : tf.dispose(options.state)),
  };
}

function compile(
  backend: NativeBackend,
  options: CompiledStepperOptions,
  batch: TrainingBatch,
): Stepper<StepReport> {
  const { stepFn, state } = options;
  const placeholders = listTensors(batch);
  const trace = traceFunction(backend, [...state, ...placeholders], () =>
    tf.tidy(() => {
      const stepped = stepFn(state, batch);
      return [...stepped.state, stepped.report.loss, stepped.report.gradNorm];
    }),
  );
  const session = openSession(backend, {
    trace,
    variables: state.map((tensor) => tensor.shape),
    placeholders: placeholders.map(placeholderOf),
    updated: state.length,
  });
  session.setVariables(state);
  tf.dispose(state);
  return sessionStepper(session);
}

function sessionStepper(session: GraphSession): Stepper<StepReport> {
  return {
    step(batch) {
      const fetched = session.run(listTensors(batch));
      const [loss, gradNorm] = fetched.map((tensor) => tensor.dataSync()[0]);
      tf.dispose(fetched);
      return { loss, gradNorm };
    },
    async withState(use) {
      const state = session.readVariables();
      try {
        return await use(state);
      } finally {
        tf.dispose(state);
      }
    },
    dispose: () => session.close(),
  };
}
