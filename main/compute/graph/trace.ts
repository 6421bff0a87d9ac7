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
  /** Describes a tensor as far as the shapes of later results depend on it, by id; absent: they might depend on its values. */
  readonly signatures: Map<number, string>;
  /** Outputs of operations that were executed, by their signature. */
  readonly known: Map<string, readonly Omit<NativeOutput, 'id'>[]>;
  readonly placeholders: TracedTensors;
}

function startRecording(backend: NativeBackend, inputs: readonly tf.Tensor[]) {
  const { binding } = backend;
  const recording: Recording = {
    nodes: [],
    constants: [],
    sources: new Map(),
    signatures: new Map(),
    known: new Map(),
    placeholders: createTracedTensors(binding),
  };
  backend.getInputTensorIds(inputs).forEach((id, index) => {
    recording.sources.set(id, { kind: 'input', index });
    if (inputs[index].dtype === 'float32') recording.signatures.set(id, describeFloats(inputs[index].shape));
  });
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

/**
 * Replaces the binding while tracing: operations are recorded, and executed unless an equal one has shown what comes out. The
 * parts of a batch and the blocks of a network repeat each other, so most of a trace costs nothing.
 */
function createRecorder(binding: NativeBinding, recording: Recording): Partial<NativeBinding> {
  const { nodes, constants, sources, signatures, placeholders } = recording;
  return {
    executeOp(operation, attributes, ids, outputCount): NativeOutput[] {
      const inputs = ids.map((id) => sourceOf(recording, id));
      const execute = () =>
        binding.executeOp(operation, attributes, ids.map(placeholders.realOf), outputCount);
      const signature = signatureOf(recording, { operation, attributes, ids, outputCount });
      const outputs = findOutputs(recording, signature) ?? execute().map(placeholders.exchange);
      if (signature !== null && outputs.every(({ dtype }) => dtype === dataTypes.float32))
        recording.known.set(signature, outputs);
      const index =
        nodes.push({ operation, attributes, inputs, shapes: outputs.map(({ shape }) => shape) }) - 1;
      outputs.forEach(({ id, shape, dtype }, output) => {
        sources.set(id, { kind: 'node', index, output });
        if (dtype === dataTypes.float32) signatures.set(id, describeFloats(shape));
      });
      return outputs;
    },
    createTensor(shape, dtype, values): number {
      const id = binding.createTensor(shape, dtype, values);
      const index = constants.push({ shape: [...shape], dtype, values }) - 1;
      sources.set(id, { kind: 'constant', index });
      const signature = describeConstant(constants[index]);
      if (signature !== null) signatures.set(id, signature);
      return id;
    },
    tensorDataSync(): never {
      throw new TraceError('The traced function reads the values of a tensor, which a graph cannot.');
    },
  };
}

function describeFloats(shape: readonly number[]): string {
  return `floats[${shape.join(',')}]`;
}

/** Constants of at most this many numbers may be shapes, axes or paddings, on which the shapes of results depend. */
const mostShapeNumbers = 32;

function describeConstant({ shape, dtype, values }: TracedConstant): string | null {
  const count = shape.reduce((product, length) => product * length, 1);
  if (count > mostShapeNumbers) return dtype === dataTypes.float32 ? describeFloats(shape) : null;
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return `constant ${dtype}[${shape.join(',')}] ${bytes.toString('base64')}`;
}

/** Returns a text that two operations share only if their results have equal shapes; null if values might decide. */
function signatureOf(
  { signatures }: Recording,
  call: {
    readonly operation: string;
    readonly attributes: readonly NativeAttribute[];
    readonly ids: readonly number[];
    readonly outputCount: number;
  },
): string | null {
  const inputs = call.ids.map((id) => signatures.get(id));
  if (inputs.includes(undefined)) return null;
  return JSON.stringify([call.operation, call.attributes, call.outputCount, inputs]);
}

/** Returns tensors like those that an equal operation returned; null if there was none. */
function findOutputs({ known, placeholders }: Recording, signature: string | null): NativeOutput[] | null {
  const outputs = signature === null ? undefined : known.get(signature);
  return outputs?.map(({ shape, dtype }) => placeholders.represent({ shape: [...shape], dtype })) ?? null;
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
  /** Returns a tensor of the type and shape of an earlier result under a new id. */
  represent(output: Omit<NativeOutput, 'id'>): NativeOutput;
  /** Returns the id of the tensor to compute with for an id returned by `exchange`; other ids stay as they are. */
  realOf(id: number): number;
  /** Frees the tensors; the caller deletes the ids that `exchange` returned. */
  release(): void;
}

function createTracedTensors(binding: NativeBinding): TracedTensors {
  const realOfShape = new Map<string, number>();
  const realOfId = new Map<number, number>();
  const represent = (output: Omit<NativeOutput, 'id'>): NativeOutput => {
    const id = binding.createTensor([], dataTypes.float32, new Float32Array(1));
    const real = realOfShape.get(output.shape.join());
    if (real !== undefined) realOfId.set(id, real);
    return { ...output, id };
  };
  return {
    represent,
    exchange(output) {
      // Integer tensors are few, and may be shapes and axes that later results depend on.
      if (output.dtype !== dataTypes.float32) return output;
      const shape = output.shape.join();
      const real = realOfShape.get(shape) ?? output.id;
      if (real !== output.id) binding.deleteTensor(output.id);
      realOfShape.set(shape, real);
      return represent(output);
    },
    realOf: (id) => realOfId.get(id) ?? id,
    release: () => realOfShape.forEach((id) => binding.deleteTensor(id)),
  };
}
