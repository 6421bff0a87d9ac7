/** Inpaintings one after the other, with the model of the last one kept: the next of the same run begins at once. */

import { statSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { describeError } from '../../../shared/text/describeError.ts';
import type { RunConfig } from '../../../shared/config/config.ts';
import type { BackendInfo } from '../../../shared/run.ts';
import type { Field } from '../../engine/field/field.ts';
import type { ComputeLimits } from '../../engine/inpaint/planTiles.ts';
import { chooseExecution, type Execution } from '../execution.ts';
import { inpaintClassically, inpaintImage } from './inpaintImage.ts';
import type { InpaintJob, ComputeEvent, EstimateJob } from '../protocol.ts';
import { type LoadedModel, loadModel, readConfig } from '../modelCheckpoint.ts';
import { assertDeviceComputes, awaitDeviceFailure } from '../webgpu/device.ts';
import { createEstimateCache } from './estimateCache.ts';

export interface InpaintingQueue {
  /** Takes a job; it waits for those before it. */
  add(job: InpaintJob | EstimateJob): void;
  /** Loads backend and model before there is a job; null: neither. A failure is left to the job, which reports it. */
  prepareFor(checkpoint: string | null): void;
  /** Cancels a waiting or active job; others continue. */
  cancel(id: string): void;
  /** Ends all of them. Resolves when the last one has. */
  close(): Promise<void>;
}

export interface InpaintingQueueOptions {
  /** Loads the backend once, when the first job arrives. */
  readonly prepare: (config: RunConfig) => Promise<BackendInfo>;
  readonly emit: (event: ComputeEvent) => void;
  /** Called after a job has failed because the card has: this process cannot compute any more. */
  readonly onDeviceFailure: () => void;
}

/** Multiplications before a message can be heard: a quarter of a second or so. */
const processorProducts = 1.5e10;
const graphicsProducts = 1e11;
const wasmProducts = 3e8;

export function createInpaintingQueue({
  prepare,
  emit,
  onDeviceFailure,
}: InpaintingQueueOptions): InpaintingQueue {
  const controllers = new Map<string, AbortController>();
  const estimates = createEstimateCache();
  const models = createModelShelf(emit);
  let queue: Promise<void> = Promise.resolve();
  const compute = async (job: InpaintJob | EstimateJob, { signal }: AbortController) => {
    if ('method' in job) return inpaintClassically(job, { estimates, emit, signal });
    const backend = await prepare(job.config);
    const { model, execution } = models.take(job.checkpoint);
    const power = powerOf(backend, execution, model.field);
    return inpaintImage(job, { model, power, estimates, emit, signal });
  };
  const work = async (job: InpaintJob | EstimateJob, controller: AbortController) => {
    const { signal } = controller;
    try {
      signal.throwIfAborted();
      const inpainting = await compute(job, controller);
      assertDeviceComputes();
      emit({ type: 'inpainted', id: job.id, inpainting });
    } catch (error) {
      const failure = await awaitDeviceFailure();
      const message = describeError(failure ?? error);
      emit({ type: 'inpaintingEnded', id: job.id, message: signal.aborted ? null : message });
      if (failure !== null) onDeviceFailure();
    } finally {
      controllers.delete(job.id);
    }
  };
  return {
    add(job) {
      const controller = new AbortController();
      controllers.set(job.id, controller);
      queue = queue.then(() => work(job, controller));
    },
    prepareFor(checkpoint) {
      if (checkpoint === null) return;
      const load = async () => {
        await prepare(readConfig(checkpoint));
        models.take(checkpoint);
      };
      queue = queue.then(() => load().catch(() => undefined));
    },
    cancel: (id) => controllers.get(id)?.abort(),
    close() {
      controllers.forEach((controller) => controller.abort());
      return queue;
    },
  };
}

function powerOf(backend: BackendInfo, execution: Execution, field: Field): ComputeLimits {
  const { parts } = execution;
  const smallestPart = execution.kind === 'compiled' ? (field.smallestPart ?? 1) : 1;
  if (backend.device === 'GPU') return { parts, smallestPart, products: graphicsProducts };
  return { parts, smallestPart, products: backend.kind === 'wasm' ? wasmProducts : processorProducts };
}

interface ShelvedModel {
  readonly key: string;
  readonly model: LoadedModel;
  readonly execution: Execution;
}

/** One model: another one takes its place, and its memory. */
function createModelShelf(emit: (event: ComputeEvent) => void) {
  let shelved: ShelvedModel | null = null;
  return {
    take(checkpoint: string): ShelvedModel {
      const { mtimeMs, size } = statSync(checkpoint);
      const key = `${checkpoint} ${mtimeMs} ${size}`;
      if (shelved?.key === key) return shelved;
      if (shelved) {
        tf.dispose(shelved.model.parameters);
        shelved.execution.close();
        shelved = null;
      }
      const execution = chooseExecution((what, kind, reason) =>
        emit({ type: 'execution', what, kind, reason }),
      );
      shelved = { key, execution, model: loadModel(checkpoint, execution) };
      return shelved;
    },
  };
}
