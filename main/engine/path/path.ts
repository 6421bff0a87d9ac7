/** What a path is: how noise becomes data, and how one statement about a point of it becomes another. */

import type { Tensor } from '@tensorflow/tfjs-core';
import type { PathConfig } from '../../../shared/config/config.ts';

/** What the network says about a point of the path. */
export type Prediction = PathConfig['prediction'];

/** A factor for every image, [B, 1, 1], or one for all. */
export type Factor = Tensor | number;

/** The path x_t = α x₁ + σ x₀ at some times, with the derivatives of α and σ. */
export interface Coefficients {
  readonly alpha: Factor;
  readonly sigma: Factor;
  readonly alphaRate: Factor;
  readonly sigmaRate: Factor;
}

/** A point of the path and what it was made from. Start, data and state are [B, N, 3], time is [B]. */
export interface PathSample {
  readonly state: Tensor;
  readonly time: Tensor;
  readonly start: Tensor;
  readonly data: Tensor;
}

export interface Path {
  /** At times [B]. */
  coefficients(time: Tensor): Coefficients;
  /** True where dx/dt has no bound at t = 1, whatever the network predicts. */
  readonly isSteepAtEnd: boolean;
}
