/**
 * The seam between what is computed and how it is run. The engine hands over pure functions of tensors; whoever calls the
 * engine decides whether they run operation by operation or as one compiled graph.
 */

import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensors } from './field/parameters.ts';

/** One call of a pure function: results depend on parameters and inputs alone; anything closed over is constant. */
export interface FunctionCall {
  /** Weights: the same from call to call until they are replaced as a whole. */
  readonly parameters: NamedTensors;
  readonly inputs: NamedTensors;
  readonly work: (parameters: NamedTensors, inputs: NamedTensors) => NamedTensors;
  /** true: inputs and results have one row an image, and no row depends on another. Then a graph may compute it in parts. */
  readonly isByRows?: boolean;
  /** Fewest rows that a graph may compute at a time: a smaller batch is filled up with copies. Default 1. */
  readonly smallestPart?: number;
}

/** Runs a function. One name means one function for the life of a runner. The caller owns the results. */
export type RunFunction = (name: string, call: FunctionCall) => NamedTensors;

/** Operation by operation, as written. */
export const runEagerly: RunFunction = (_name, { parameters, inputs, work }) =>
  tf.tidy(() => work(parameters, inputs));
