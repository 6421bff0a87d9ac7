/**
 * A training step on a card: gradients operation by operation, then one fused update. State is neither uploaded nor read
 * back between steps, and the two numbers of a report arrive when the card has come that far.
 */

import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import { keptAverages } from '../../../shared/config/keptAverages.ts';
import { isDecayed } from '../../engine/optim/adamw.ts';
import {
  samplingParameters,
  selectState,
  type StateKind,
  type StateLayout,
} from '../../engine/train/state.ts';
import type { StepHalves, Stepper, StepReport } from '../../engine/train/step.ts';
import type { UpdateScalars } from '../../engine/train/trainingBatch.ts';
import { assertDeviceComputes, awaitDeviceFailure } from './device.ts';
import { createFusedUpdate, type PackedState, type UpdateNumbers } from './fusedUpdate.ts';

/** Bytes of a float32. */
const floatBytes = 4;

/** Creates the stepper of a run and takes ownership of its state. */
export function createFusedStepper(
  backend: WebGPUBackend,
  { gradientsOf, layout, optim, readsAverage }: StepHalves,
  initial: readonly tf.Tensor[],
): Stepper<Promise<StepReport>> {
  const packing = packLayout(layout);
  const averages = keptAverages(optim).map(({ kind }) => kind);
  const update = createFusedUpdate(backend, { ...optim, ...packing, averages: averages.length });
  const placeOf = createPlaces(update.state, packing, averages);
  const read = createReportReader(backend.device);
  // Of the state itself only what the network reads stays as tensors.
  const isRead = (kind: StateKind) =>
    kind === 'param' || kind === 'buffer' || (readsAverage && kind === averages[0]);
  const tensors = initial.map((tensor, index) => (isRead(layout[index].kind) ? tensor : null));
  const { bufferOf, record, copyIn, copyOut } = createCopier(backend);
  const places = layout.map((entry) =>
    entry.kind === 'buffer' ? null : placeOf(entry.kind, entry.parameter),
  );
  copyIn(initial.flatMap((tensor, index) => pairOf(tensor, places[index])));
  backend.submitQueue();
  tf.dispose(initial.filter((_, index) => tensors[index] === null));
  const parameters = layout.filter(({ kind }) => kind === 'param').map(({ parameter }) => parameter);
  const gradientPlaces = parameters.map((parameter) => placeOf('gradients', parameter));
  const lent = tensors.map((tensor, index) => tensor ?? initial[index]);
  return {
    step(batch) {
      const weights = {
        trained: selectState(lent, layout, ['param', 'buffer']),
        teacher: samplingParameters(lent, layout),
      };
      const { loss, gradients } = tf.tidy(() => gradientsOf(weights, batch));
      copyIn(gradients.map((gradient, index) => [gradient, gradientPlaces[index]]));
      record((encoder) => update.encode(encoder, numbersOf(batch.update)));
      copyOut(tensors.flatMap((tensor, index) => (tensor ? pairOf(tensor, places[index]) : [])));
      const lossBuffer = bufferOf(loss);
      const staging = read.take();
      record((encoder) => {
        encoder.copyBufferToBuffer(lossBuffer, 0, staging, 0, floatBytes);
        encoder.copyBufferToBuffer(update.state.norm, 0, staging, floatBytes, floatBytes);
      });
      backend.submitQueue();
      tf.dispose([loss, ...gradients]);
      return read.report(staging);
    },
    async withState(use) {
      const state = layout.map(({ shape }, index) => {
        const tensor = tensors[index];
        if (tensor && places[index] === null) return tf.clone(tensor);
        const info = backend.makeTensorInfo([...shape], 'float32');
        backend.uploadToGPU(info.dataId);
        return tf.engine().makeTensorFromTensorInfo(info);
      });
      copyOut(state.flatMap((tensor, index) => pairOf(tensor, places[index])));
      backend.submitQueue();
      try {
        return await use(state);
      } finally {
        tf.dispose(state);
      }
    },
    dispose() {
      tf.dispose(tensors.filter((tensor) => tensor !== null));
      update.dispose();
      read.dispose();
    },
  };
}

type Pairs = readonly (readonly [tf.Tensor, Place])[];

/** Records copies between tensors and the packed state among the operations of a backend. */
function createCopier(backend: WebGPUBackend) {
  const record = (work: (encoder: GPUCommandEncoder) => void) => {
    backend.ensureCommandEncoderReady();
    backend.endComputePassEncoder();
    work(backend['commandEncoder']);
  };
  const bufferOf = (tensor: tf.Tensor): GPUBuffer => {
    backend.uploadToGPU(tensor.dataId);
    return backend.tensorMap.get(tensor.dataId).resource as GPUBuffer;
  };
  // Uploads before anything is recorded, because an upload ends the recording of a pass.
  const resolve = (pairs: Pairs) => pairs.map(([tensor, place]) => ({ buffer: bufferOf(tensor), ...place }));
  return {
    bufferOf,
    record,
    copyIn(pairs: Pairs): void {
      const copies = resolve(pairs);
      record((encoder) =>
        copies.forEach(({ buffer, packed, offset, bytes }) =>
          encoder.copyBufferToBuffer(buffer, 0, packed, offset, bytes),
        ),
      );
    },
    copyOut(pairs: Pairs): void {
      const copies = resolve(pairs);
      record((encoder) =>
        copies.forEach(({ buffer, packed, offset, bytes }) =>
          encoder.copyBufferToBuffer(packed, offset, buffer, 0, bytes),
        ),
      );
    },
  };
}

/** Where a tensor of the state is in the packed buffers. */
interface Place {
  readonly packed: GPUBuffer;
  /** Both in bytes. */
  readonly offset: number;
  readonly bytes: number;
}

function pairOf(tensor: tf.Tensor, place: Place | null): (readonly [tf.Tensor, Place])[] {
  return place === null ? [] : [[tensor, place]];
}

interface LayoutPacking {
  readonly count: number;
  readonly decayed: number;
  /** First number and length of each parameter. */
  readonly ranges: ReadonlyMap<string, { readonly first: number; readonly length: number }>;
}

/** Packs the trainable parameters, those that decay first. */
function packLayout(layout: StateLayout): LayoutPacking {
  const trained = layout.filter(({ kind }) => kind === 'param');
  const decays = ({ parameter, shape }: StateLayout[number]) => isDecayed({ name: parameter, shape });
  const ordered = [...trained.filter(decays), ...trained.filter((entry) => !decays(entry))];
  const ranges = new Map<string, { first: number; length: number }>();
  let [count, decayed] = [0, 0];
  for (const entry of ordered) {
    const length = entry.shape.reduce((product, size) => product * size, 1);
    ranges.set(entry.parameter, { first: count, length });
    count += length;
    if (decays(entry)) decayed = count;
  }
  return { count, decayed, ranges };
}

function createPlaces(state: PackedState, { ranges, count }: LayoutPacking, averages: readonly StateKind[]) {
  return (kind: StateKind | 'gradients', parameter: string): Place => {
    const range = ranges.get(parameter);
    if (!range) throw new Error(`The state has no trainable parameter "${parameter}".`);
    const buffers: Partial<Record<StateKind | 'gradients', GPUBuffer>> = {
      param: state.values,
      'adam.first': state.firsts,
      'adam.second': state.seconds,
      gradients: state.gradients,
    };
    const number = averages.findIndex((average) => average === kind);
    const packed = buffers[kind] ?? state.averages;
    const first = range.first + Math.max(0, number) * count;
    return { packed, offset: first * floatBytes, bytes: range.length * floatBytes };
  };
}

/** Reads the scalars of a batch, which are still in main memory. */
function numbersOf({ stepSize, secondCorrection, weightsKept, averageDecays }: UpdateScalars): UpdateNumbers {
  const numberOf = (scalar: tf.Tensor) => scalar.dataSync()[0];
  return {
    stepSize: numberOf(stepSize),
    secondCorrection: numberOf(secondCorrection),
    weightsKept: weightsKept ? numberOf(weightsKept) : 1,
    averageDecays: averageDecays.map(numberOf),
  };
}

/** Reads the loss and the norm of steps through small buffers that are used again. */
function createReportReader(device: GPUDevice) {
  const free: GPUBuffer[] = [];
  const all: GPUBuffer[] = [];
  const create = () => {
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    const buffer = device.createBuffer({ label: 'report', size: 2 * floatBytes, usage });
    all.push(buffer);
    return buffer;
  };
  return {
    take: () => free.pop() ?? create(),
    async report(staging: GPUBuffer): Promise<StepReport> {
      try {
        await staging.mapAsync(GPUMapMode.READ);
      } catch (error) {
        throw (await awaitDeviceFailure()) ?? error;
      }
      assertDeviceComputes();
      const [loss, gradNorm] = new Float32Array(staging.getMappedRange().slice(0));
      staging.unmap();
      free.push(staging);
      return { loss, gradNorm };
    },
    dispose: () => all.forEach((buffer) => buffer.destroy()),
  };
}
