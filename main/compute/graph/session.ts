/** A graph in a TensorFlow session of its own, run by feeding and fetching tensors. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as tf from '@tensorflow/tfjs-core';
import { type GraphPlan, graphNodes, nodeNames } from './graphDef.ts';
import { encodeSavedModel, graphTag } from './savedModel.ts';
import type { NativeBackend } from './nativeBackend.ts';

export interface GraphSession {
  /** Sets all variables; the caller keeps the tensors. */
  setVariables(values: readonly tf.Tensor[]): void;
  /** Returns copies of the variables; the caller owns them. */
  readVariables(): tf.Tensor[];
  /** Runs the graph once on placeholders and returns the fetched results; the caller owns both. */
  run(placeholders: readonly tf.Tensor[]): tf.Tensor[];
  close(): void;
}

/** @throws Error with TensorFlow's message if it rejects the graph. */
export function openSession(backend: NativeBackend, plan: GraphPlan): GraphSession {
  const { binding } = backend;
  const id = loadGraph(backend, encodeSavedModel(graphNodes(plan, binding)));
  const names = (count: number, nameOf: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => `${nameOf(index)}:0`).join(',');
  const { length: variableCount } = plan.variables;
  const initialNames = names(variableCount, nodeNames.initial);
  const valueNames = names(variableCount, nodeNames.value);
  const placeholderNames = names(plan.placeholders.length, nodeNames.placeholder);
  const fetchNames = names(plan.trace.results.length - plan.updated, nodeNames.fetch);
  const execute = (tensors: readonly tf.Tensor[], inputNames: string, outputNames: string): tf.Tensor[] =>
    binding
      .runSavedModel(id, backend.getInputTensorIds(tensors), inputNames, outputNames)
      .map((output) => backend.createOutputTensor(output));
  return {
    setVariables: (values) =>
      execute(values, initialNames, `${nodeNames.initialised}:0`).forEach((tensor) => tensor.dispose()),
    readVariables: () => execute([], '', valueNames),
    run: (placeholders) => execute(placeholders, placeholderNames, fetchNames),
    close: () => binding.deleteSavedModel(id),
  };
}

/** TensorFlow reads graphs only from folders; the folder is removed after loading. */
function loadGraph({ binding }: NativeBackend, savedModel: Uint8Array): number {
  const folder = mkdtempSync(join(tmpdir(), 'sparse-field-lab-graph-'));
  try {
    writeFileSync(join(folder, 'saved_model.pb'), savedModel);
    return binding.loadSavedModel(folder, graphTag);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
