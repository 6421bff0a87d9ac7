/** What a path is: how noise becomes data, and how what a network predicts becomes a velocity. */

import type { Tensor } from '@tensorflow/tfjs-core';
import type { PathConfig } from '../../../shared/config.ts';

/** What the network says about a point of the path. */
export type Prediction = PathConfig['prediction'];

/** A point of the path and what it was made from. Start, data and state are [B, N, 3], time is [B]. */
export interface PathSample {
  readonly state: Tensor;
  readonly time: Tensor;
  readonly start: Tensor;
  readonly data: Tensor;
}

export interface Path {
  /** x_t from its ends. */
  sample(ends: { start: Tensor; data: Tensor; time: Tensor }): PathSample;
  /** What a perfect network would predict at the sample's point. */
  target(sample: PathSample, prediction: Prediction): Tensor;
  /** The velocity dx/dt that a prediction stands for. */
  toVelocity(predicted: Tensor, prediction: Prediction, point: { state: Tensor; time: Tensor }): Tensor;
}
