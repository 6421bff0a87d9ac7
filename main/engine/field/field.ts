/** What every network of the laboratory is: named parameters, an encoding of the context, a prediction at the queries. */

import type { Tensor } from '@tensorflow/tfjs-core';
import type { Dropout } from './dropout.ts';
import type { NamedTensors, ParameterSpec } from './parameters.ts';

/** What a field knows before the path starts. Coordinates are (x, y) in [0, 1], colours RGB in [0, 1]. */
export interface Context {
  /** [B, Ni, 2]; one pixel stands for them where the field reads no list. */
  readonly observedCoords: Tensor;
  /** [B, Ni, 3], likewise. */
  readonly observedValues: Tensor;
  /** [B, Nq, 2] */
  readonly queryCoords: Tensor;
  /** Classical estimate at the queries, [B, Nq, 3]; present when the field asks for it. */
  readonly estimate?: Tensor;
  /** Neighbourhood of each query in the classical estimate, [B, Nq, patch² · 4]; present when the field asks for it. */
  readonly patch?: Tensor;
  /**
   * [B, H, W, 4]: 1 and the colour where a pixel is observed, zeros elsewhere; present for fields on a grid, whose queries
   * are all pixels, row by row.
   */
  readonly observedGrid?: Tensor;
  /**
   * [B, Nq, k, 5]: the observed pixels nearest to each query, as offset (x, y) in mean distances of observed pixels, and
   * colour; present when the field asks for it.
   */
  readonly neighbours?: Tensor;
}

/** A point of the path: state x_t [B, Nq, 3] at time t [B], t = 0 noise, t = 1 data. */
export interface PathPoint {
  readonly state: Tensor;
  readonly time: Tensor;
  /** How far the next step goes, [B]; 0: the flow at this point. Only for fields that are told steps. */
  readonly step?: Tensor;
}

export interface Field {
  /** Whether its points have a `step`; false where it is left out. */
  readonly isToldSteps?: boolean;
  /** Fewest images that a graph may compute at a time; default 1. */
  readonly smallestPart?: number;
  readonly parameters: readonly ParameterSpec[];
  /** Everything that does not depend on the state or the time: computed once per sampling. */
  encode(parameters: NamedTensors, context: Context, dropout: Dropout): NamedTensors;
  /** The prediction [B, Nq, 3]: velocity or data, as the path says; with a step the mean velocity on it, in such words. */
  predict(parameters: NamedTensors, encoded: NamedTensors, point: PathPoint, dropout: Dropout): Tensor;
}
