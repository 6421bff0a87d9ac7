/** How the engine's functions run in this process: as compiled graphs on native TensorFlow, or eagerly. */

import * as tf from '@tensorflow/tfjs-core';
import { availableParallelism } from 'node:os';
import type { RunConfig } from '../../shared/config/config.ts';
import type { ExecutionKind } from '../../shared/run.ts';
import { runEagerly, type RunFunction } from '../engine/runFunction.ts';
import {
  awaitedStepper,
  eagerStepper,
  type StepFn,
  type Stepper,
  type TrainingStep,
} from '../engine/train/step.ts';
import { createCompiledFunctions } from './graph/compiledFunctions.ts';
import { createCompiledStepper } from './graph/compiledStepper.ts';
import { findNativeBackend } from './graph/nativeBackend.ts';
import { type BatchShape, batchShapeOf } from './sampling/imageBatches.ts';
import { findWebgpuBackend } from './webgpu/device.ts';
import { createFusedStepper } from './webgpu/fusedStepper.ts';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';

export interface Execution {
  /** `compiled` if everything that can be traced runs as a graph. */
  readonly kind: ExecutionKind;
  /** Parts that a batch is split into; they are computed in parallel. */
  readonly parts: number;
  /** How the images of a configuration's network are batched when they are sampled. */
  readonly batchShape: (config: RunConfig) => BatchShape;
  /** Runs pure functions of tensors, such as those of the sampler. */
  readonly run: RunFunction;
  /** Takes ownership of the state. */
  createStepper(stepFn: StepFn | TrainingStep, state: tf.Tensor[]): Stepper;
  /** Releases the graphs that `run` has compiled. */
  close(): void;
}

/** Receives how something is run, and the reason if it is run eagerly. */
export type OnExecution = (what: string, kind: ExecutionKind, reason: string | null) => void;

/** The environment variable that switches graphs off. */
const switchName = 'SPARSE_FIELD_LAB_EXECUTION';

/**
 * Why graphs are switched off in this process: by the user, for comparison or debugging, or by the parent, after a
 * compute process has crashed. null: they are not.
 */
function whySwitchedOff(): string | null {
  const value = process.env[switchName];
  if (value === 'eager') return `${switchName} is eager`;
  return value === 'after-crash' ? 'the previous compute process crashed' : null;
}

/** Whether graphs are switched off in this process. */
export function runsEagerly(): boolean {
  return whySwitchedOff() !== null;
}

/**
 * Chooses compiled graphs on native TensorFlow, unless they are switched off, and eager execution otherwise. `onCompiled`
 * receives the time that compiling a function of `run` took.
 */
export function chooseExecution(
  onExecution: OnExecution,
  onCompiled: (milliseconds: number) => void = () => undefined,
): Execution {
  const webgpu = findWebgpuBackend(tf);
  if (webgpu) return executeOnCard(webgpu, onExecution);
  const backend = findNativeBackend();
  const isGraphics = backend?.isUsingGpuDevice ?? false;
  const reason = backend ? whySwitchedOff() : 'graphs need native TensorFlow';
  if (!backend || reason !== null) {
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
  const functions = createCompiledFunctions(backend, { parts, onEager, onCompiled });
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

/** On a card, operations are queued one by one, and the update of the weights is fused. */
function executeOnCard(backend: WebGPUBackend, onExecution: OnExecution): Execution {
  return {
    kind: 'eager',
    parts: 1,
    batchShape: (config) => batchShapeOf(config, { isNative: true, isGraphics: true, parts: 1 }),
    run: runEagerly,
    createStepper(stepFn, state) {
      onExecution('training step', 'eager', null);
      const halves = 'halves' in stepFn ? stepFn.halves : undefined;
      return halves ? createFusedStepper(backend, halves, state) : awaitedStepper(stepFn, state);
    },
    close: () => undefined,
  };
}

/**
 * How graphs use TensorFlow's threads: the parts of a batch run in parallel, one thread each. Most operations are too small
 * to gain from being split among threads themselves.
 */
interface Threads {
  /** Parts of a batch that run at the same time. */
  readonly parts: number;
  /** Threads that one operation may use. */
  readonly perOperation: number;
}

/** More parts make a graph longer without making it faster. */
const mostParts = 4;

function chooseThreads(cores: number = availableParallelism()): Threads {
  const parts = Math.min(cores, mostParts);
  return { parts, perOperation: Math.ceil(cores / parts) };
}

/** Sets TensorFlow's numbers of threads for this process, unless the user has; call it before TensorFlow is loaded. */
export function useGraphThreads(environment: NodeJS.ProcessEnv = process.env): void {
  const { parts, perOperation } = chooseThreads();
  environment.TF_NUM_INTEROP_THREADS ??= String(parts);
  environment.TF_NUM_INTRAOP_THREADS ??= String(perOperation);
}
