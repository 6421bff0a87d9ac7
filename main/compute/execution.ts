/** How the engine's functions are run in this process: as compiled graphs on native TensorFlow, else eagerly. */

import type * as tf from '@tensorflow/tfjs-core';
import { availableParallelism } from 'node:os';
import type { RunConfig } from '../../shared/config/config.ts';
import type { ExecutionKind } from '../../shared/run.ts';
import { runEagerly, type RunFunction } from '../engine/runFunction.ts';
import type { StepFn } from '../engine/train/step.ts';
import { eagerStepper, type Stepper } from '../engine/train/stepper.ts';
import { createCompiledFunctions } from './graph/compiledFunctions.ts';
import { createCompiledStepper } from './graph/compiledStepper.ts';
import { findNativeBackend } from './graph/nativeBackend.ts';
import { type BatchShape, batchShapeOf } from './sampling/imageBatches.ts';

export interface Execution {
  /** How everything is run that can be run so. */
  readonly kind: ExecutionKind;
  /** Parts that a batch is computed in, side by side. */
  readonly parts: number;
  /** How the images of a configuration's network are batched when they are sampled. */
  readonly batchShape: (config: RunConfig) => BatchShape;
  /** Runs pure functions, e.g. of the sampler. */
  readonly run: RunFunction;
  /** Takes ownership of the state. */
  createStepper(stepFn: StepFn, state: tf.Tensor[]): Stepper;
  /** Gives back what `run` has compiled. */
  close(): void;
}

/** Hears how something is run, and why where it is eagerly. */
export type OnExecution = (what: string, kind: ExecutionKind, reason: string | null) => void;

/** The environment variable that switches graphs off, for comparing and for debugging. */
const switchName = 'SPARSE_FIELD_LAB_EXECUTION';

/** Whether the user has switched graphs off. */
export function runsEagerly(): boolean {
  return process.env[switchName] === 'eager';
}

export function chooseExecution(onExecution: OnExecution): Execution {
  const backend = findNativeBackend();
  const isGraphics = backend?.isUsingGpuDevice ?? false;
  if (!backend || runsEagerly()) {
    const reason = backend ? `${switchName} is eager` : 'graphs need native TensorFlow';
    return {
      kind: 'eager',
      parts: 1,
      batchShape: (config) => batchShapeOf(config, { isNative: backend !== null, isGraphics, parts: 1 }),
      run: runEagerly,
      createStepper(stepFn, state) {
        onExecution('training step', 'eager', reason);
        return eagerStepper(stepFn, state);
      },
      close: () => undefined,
    };
  }
  const parts = isGraphics ? 1 : chooseThreads().parts;
  const onEager = (name: string, reason: string) => onExecution(name, 'eager', reason);
  const functions = createCompiledFunctions(backend, { parts, onEager });
  return {
    kind: 'compiled',
    parts,
    batchShape: (config) => batchShapeOf(config, { isNative: true, isGraphics, parts }),
    run: functions.run,
    createStepper: (stepFn, state) =>
      createCompiledStepper(backend, {
        stepFn,
        state,
        onReady: (kind, reason) => onExecution('training step', kind, reason),
      }),
    close: functions.close,
  };
}

interface Threads {
  /** Parts of a batch that run at one time. */
  readonly parts: number;
  /** Threads that share one operation. */
  readonly perOperation: number;
}

/** More parts make a graph longer without making it faster. */
const mostParts = 4;

function chooseThreads(cores: number = availableParallelism()): Threads {
  const parts = Math.min(cores, mostParts);
  return { parts, perOperation: Math.ceil(cores / parts) };
}

/** For this process, before TensorFlow is loaded; what the user has set stays. */
export function useGraphThreads(environment: NodeJS.ProcessEnv = process.env): void {
  const { parts, perOperation } = chooseThreads();
  environment.TF_NUM_INTEROP_THREADS ??= String(parts);
  environment.TF_NUM_INTRAOP_THREADS ??= String(perOperation);
}
