/**
 * The seam between what is computed and how it runs. The engine passes pure functions of tensors; its caller decides
 * whether they run operation by operation or as one compiled graph.
 */

import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensors, TensorRecord } from './tensors.ts';

/** One call of a pure function: results depend on parameters and inputs only; anything closed over is constant. */
export interface FunctionCall<Inputs = NamedTensors, Results = NamedTensors> {
  /** Weights: the same record from call to call until it is replaced as a whole. */
  readonly parameters: NamedTensors;
  readonly inputs: Inputs;
  readonly work: (parameters: NamedTensors, inputs: Inputs) => Results;
  /** True when inputs and results have one row per image and no row depends on another, so that a graph may compute them in parts. */
  readonly isByRows?: boolean;
  /** Fewest rows that a graph may compute at a time; a smaller batch is filled up with copies. Default 1. */
  readonly smallestPart?: number;
}

/** Runs a function. A name identifies one function for the lifetime of a runner. The caller owns the results. */
export type RunFunction = <Inputs extends TensorRecord<Inputs>, Results extends TensorRecord<Results>>(
  name: string,
  call: FunctionCall<Inputs, Results>,
) => Results;

/** Runs a function operation by operation. */
export const runEagerly: RunFunction = (_name, { parameters, inputs, work }) =>
  tf.tidy(() => work(parameters, inputs) as typeof inputs & ReturnType<typeof work>);
