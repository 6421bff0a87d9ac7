/** Runs a function of tensors once and records every native operation that it executes, as the nodes of a graph. */

import * as tf from '@tensorflow/tfjs-core';
import {
  dataTypes,
  type NativeAttribute,
  type NativeBackend,
  type NativeBinding,
  type NativeOutput,
} from './nativeBackend.ts';

/** The source of a value: an input of the function, a constant, or an output of an earlier node. */
export type ValueSource =
  | { readonly kind: 'input'; readonly index: number }
  | { readonly kind: 'constant'; readonly index: number }
  | { readonly kind: 'node'; readonly index: number; readonly output: number };

export interface TracedNode {
  readonly operation: string;
  readonly attributes: readonly NativeAttribute[];
  readonly inputs: readonly ValueSource[];
  /** Shapes of its outputs. */
  readonly shapes: readonly (readonly number[])[];
}

export interface TracedConstant {
  readonly shape: readonly number[];
  /** TensorFlow's number of the type. */
  readonly dtype: number;
  readonly values: ArrayBufferView;
}

export interface Trace {
  readonly nodes: readonly TracedNode[];
  readonly constants: readonly TracedConstant[];
  /** The results of the function, in order. */
  readonly results: readonly ValueSource[];
}

/** An operation that cannot become part of a graph. */
export class TraceError extends Error {}

/**
 * Traces `run`, which may use the `inputs` and tensors that it creates from them. It must not read the values of a tensor,
 * because a graph cannot. The results of `run` are disposed, unless they are inputs.
 * @throws TraceError naming the operation or tensor that cannot be traced.
 */
export function traceFunction(
  backend: NativeBackend,
  inputs: readonly tf.Tensor[],
  run: () => readonly tf.Tensor[],
): Trace {
  const recording = startRecording(backend, inputs);
  try {
    const results = run();
    const sources = backend.getInputTensorIds(results).map((id) => recording.sourceOf(id));
    tf.dispose(results.filter((result) => !inputs.includes(result)));
    return { ...recording.finished(), results: sources };
  } finally {
    recording.stop();
  }
}

interface Recording {
  readonly nodes: TracedNode[];
  readonly constants: TracedConstant[];
  /** By tensor id. The addon never reuses an id, so those of disposed tensors may stay here. */
  readonly sources: Map<number, ValueSource>;
  readonly placeholders: TracedTensors;
}

function startRecording(backend: NativeBackend, inputs: readonly tf.Tensor[]) {
  const { binding } = backend;
  const recording: Recording = {
    nodes: [],
    constants: [],
    sources: new Map(),
    placeholders: createTracedTensors(binding),
  };
  backend
    .getInputTensorIds(inputs)
    .forEach((id, index) => recording.sources.set(id, { kind: 'input', index }));
  backend.binding = overlay(binding, createRecorder(binding, recording));
  return {
    sourceOf: (id: number) => sourceOf(recording, id),
    finished: () => ({ nodes: recording.nodes, constants: recording.constants }),
    stop() {
      backend.binding = binding;
      recording.placeholders.release();
    },
  };
}

/** Replaces the binding while tracing: operations are executed as usual, and recorded. */
function createRecorder(binding: NativeBinding, recording: Recording): Partial<NativeBinding> {
  const { nodes, constants, sources, placeholders } = recording;
  return {
    executeOp(operation, attributes, ids, outputCount): NativeOutput[] {
      const inputs = ids.map((id) => sourceOf(recording, id));
      const outputs = binding
        .executeOp(operation, attributes, ids.map(placeholders.realOf), outputCount)
        .map(placeholders.exchange);
      const index =
        nodes.push({ operation, attributes, inputs, shapes: outputs.map(({ shape }) => shape) }) - 1;
      outputs.forEach(({ id }, output) => sources.set(id, { kind: 'node', index, output }));
      return outputs;
    },
    createTensor(shape, dtype, values): number {
      const id = binding.createTensor(shape, dtype, values);
      const index = constants.push({ shape: [...shape], dtype, values }) - 1;
      sources.set(id, { kind: 'constant', index });
      return id;
    },
    tensorDataSync(): never {
      throw new TraceError('The traced function reads the values of a tensor, which a graph cannot.');
    },
  };
}

function sourceOf({ sources }: Recording, id: number): ValueSource {
  const source = sources.get(id);
  if (source) return source;
  throw new TraceError(
    'The traced function uses a tensor that is neither an input nor created by it: pass it as an input.',
  );
}

/** The binding's own properties are read-only, so the recorder is a child object of it. */
function overlay(binding: NativeBinding, recorder: Partial<NativeBinding>): NativeBinding {
  const descriptors = Object.entries(recorder).map(
    ([name, value]) => [name, { value, enumerable: true }] as const,
  );
  return Object.create(binding, Object.fromEntries(descriptors)) as NativeBinding;
}

/**
 * The tensors that a trace computes with. Only types and shapes matter, so the first result of a shape serves for all later
 * ones, and a trace holds one tensor per shape instead of everything that a step computes.
 */
interface TracedTensors {
  /** Takes ownership of a result; returns one of the same type and shape under a new id that needs no memory. */
  exchange(output: NativeOutput): NativeOutput;
  /** Returns the id of the tensor to compute with for an id returned by `exchange`; other ids stay as they are. */
  realOf(id: number): number;
  /** Frees the tensors; the caller deletes the ids that `exchange` returned. */
  release(): void;
}

function createTracedTensors(binding: NativeBinding): TracedTensors {
  const realOfShape = new Map<string, number>();
  const realOfId = new Map<number, number>();
  return {
    exchange(output) {
      // Integer tensors are few, and may be shapes and axes that later results depend on.
      if (output.dtype !== dataTypes.float32) return output;
      const shape = output.shape.join();
      const real = realOfShape.get(shape) ?? output.id;
      if (real !== output.id) binding.deleteTensor(output.id);
      realOfShape.set(shape, real);
      const id = binding.createTensor([], dataTypes.float32, new Float32Array(1));
      realOfId.set(id, real);
      return { ...output, id };
    },
    realOf: (id) => realOfId.get(id) ?? id,
    release: () => realOfShape.forEach((id) => binding.deleteTensor(id)),
  };
}
