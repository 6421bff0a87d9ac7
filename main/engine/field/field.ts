/** The interface of every network: named parameters, an encoding of the context, a prediction at the queries. */

import type { Tensor } from '@tensorflow/tfjs-core';
import type { Context } from '../context/context.ts';
import type { NamedTensors } from '../tensors.ts';
import type { Dropout } from './dropout.ts';
import type { ParameterSpec } from './parameters.ts';

/** A point of the path: state x_t [B, Nq, 3] at time t [B], t = 0 noise, t = 1 data. */
export interface PathPoint {
  readonly state: Tensor;
  readonly time: Tensor;
  /** Size of the next step, [B], 0 for the flow at this point; only for networks conditioned on it. */
  readonly step?: Tensor;
}

/** The encoding of a context, one row per image. Each network has a record of its own; outside of it the members have no meaning. */
export type Encoding = Readonly<Record<string, Tensor | undefined>>;

/** A network; it holds no tensors. */
export interface Field<Encoded extends Encoding = Encoding> {
  /** Whether it is conditioned on the size of the step; default false. */
  readonly takesStepSize?: boolean;
  /** Fewest images that a graph may compute at a time; default 1. */
  readonly smallestPart?: number;
  readonly parameters: readonly ParameterSpec[];
  /** Computes everything that depends on neither state nor time: once per sampling. */
  encode(parameters: NamedTensors, context: Context, dropout: Dropout): Encoded;
  /**
   * Returns the output [B, Nq, 3] at a point of the path: the quantity that the path's configuration names, or with a step
   * its mean over the step.
   */
  predict(parameters: NamedTensors, encoded: Encoded, point: PathPoint, dropout: Dropout): Tensor;
}
