/** Pure functions of tensors as graphs: traced at the first call, then run as one native call each time. */

import * as tf from '@tensorflow/tfjs-core';
import { describeError } from '../../../shared/text/describeError.ts';
import { fillRows, firstRows, joinRows, partBatch, takeRows } from '../../engine/batchParts.ts';
import { type FunctionCall, runEagerly, type RunFunction } from '../../engine/runFunction.ts';
import { placeholderOf } from './graphDef.ts';
import type { NativeBackend } from './nativeBackend.ts';
import { type GraphSession, openSession } from './session.ts';
import { traceFunction } from './trace.ts';
import { listTensors, type NamedTensors, type TensorRecord } from '../../engine/tensors.ts';

/** Graphs kept at most; the least recently used one is removed first. */
const largestCache = 8;

interface CompiledFunction {
  readonly session: GraphSession;
  readonly resultNames: readonly string[];
  /** The parameters that its variables hold. */
  parameters: NamedTensors;
}

export interface CompiledFunctionsOptions {
  /** Parts that a function by rows is split into; they are computed in parallel. */
  readonly parts: number;
  onEager(name: string, reason: string): void;
  /** Receives the time that compiling a function took. */
  onCompiled?(milliseconds: number): void;
}

export interface CompiledFunctions {
  readonly run: RunFunction;
  close(): void;
}

/**
 * Returns a runner that distinguishes functions by name and input shapes: a new shape is traced again, never padded. A
 * function that cannot be traced runs eagerly from then on, and `onEager` receives the reason.
 */
export function createCompiledFunctions(
  backend: NativeBackend,
  { parts, onEager, onCompiled }: CompiledFunctionsOptions,
): CompiledFunctions {
  const compiled = createCache();
  const eager = new Set<string>();
  const compileTimed: typeof compile = (...call) => {
    const startedAt = performance.now();
    const entry = compile(...call);
    onCompiled?.(performance.now() - startedAt);
    return entry;
  };
  return {
    run(name, call) {
      if (eager.has(name)) return runEagerly(name, call);
      const key = `${name} ${describeShapes(call.inputs)}`;
      try {
        return runCompiled(compiled.find(key) ?? compiled.add(key, compileTimed(backend, call, parts)), call);
      } catch (error) {
        eager.add(name);
        onEager(name, describeError(error));
        return runEagerly(name, call);
      }
    },
    close: compiled.clear,
  };
}

/** The most recently used functions; a map keeps its keys in the order they were set. */
function createCache() {
  const entries = new Map<string, CompiledFunction>();
  return {
    find(key: string): CompiledFunction | undefined {
      const found = entries.get(key);
      if (found) {
        entries.delete(key);
        entries.set(key, found);
      }
      return found;
    },
    add(key: string, entry: CompiledFunction): CompiledFunction {
      entries.set(key, entry);
      const [[oldest, { session }]] = entries;
      if (entries.size > largestCache) {
        session.close();
        entries.delete(oldest);
      }
      return entry;
    },
    clear(): void {
      entries.forEach(({ session }) => session.close());
      entries.clear();
    },
  };
}

function describeShapes<Inputs extends TensorRecord<Inputs>>(inputs: Inputs): string {
  return Object.entries<tf.Tensor | undefined>(inputs)
    .flatMap(([name, tensor]) => (tensor ? [`${name}[${tensor.shape.join(',')}]`] : []))
    .toSorted()
    .join(' ');
}

function compile<Inputs extends TensorRecord<Inputs>, Results extends TensorRecord<Results>>(
  backend: NativeBackend,
  call: FunctionCall<Inputs, Results>,
  parts: number,
): CompiledFunction {
  const { parameters, inputs } = call;
  const weights = Object.values(parameters);
  const tensors = listTensors(inputs);
  let resultNames: string[] = [];
  const trace = traceFunction(backend, [...weights, ...tensors], () =>
    tf.tidy(() => {
      const named = callInParts(call, parts);
      const present = Object.entries<tf.Tensor | undefined>(named).flatMap(([name, tensor]) =>
        tensor ? [{ name, tensor }] : [],
      );
      resultNames = present.map(({ name }) => name);
      return present.map(({ tensor }) => tensor);
    }),
  );
  const session = openSession(backend, {
    trace,
    variables: weights.map((tensor) => tensor.shape),
    placeholders: tensors.map(placeholderOf),
    updated: 0,
  });
  session.setVariables(weights);
  return { session, resultNames, parameters };
}

function callInParts<Inputs extends TensorRecord<Inputs>, Results extends TensorRecord<Results>>(
  call: FunctionCall<Inputs, Results>,
  parts: number,
): Results {
  const { parameters, inputs, work, isByRows, smallestPart } = call;
  if (!isByRows) return work(parameters, inputs);
  const [{ shape }] = listTensors(inputs);
  const rows = shape[0];
  const results = partBatch(rows, parts, smallestPart).map((part) =>
    work(parameters, fillRows(takeRows(inputs, part), part.rows, smallestPart)),
  );
  return firstRows(joinRows(results), rows);
}

/** Runs a compiled function; its results have the names that `work` gave them when it was traced. */
function runCompiled<Inputs extends TensorRecord<Inputs>, Results>(
  entry: CompiledFunction,
  { parameters, inputs }: FunctionCall<Inputs, Results>,
): Results {
  if (entry.parameters !== parameters) {
    entry.session.setVariables(Object.values(parameters));
    entry.parameters = parameters;
  }
  const results = entry.session.run(listTensors(inputs));
  return Object.fromEntries(entry.resultNames.map((name, index) => [name, results[index]])) as Results;
}
