/**
 * Queries of a local network mix with the queries around them, so that what is drawn at one pixel has a say in the next: a
 * depthwise convolution over their grid, then one of the channels (Liu et al. 2022, "A ConvNet for the 2020s", with the
 * block's own feed-forward behind it). Offsets alone count, so that it works at any resolution.
 */

import * as tf from '@tensorflow/tfjs-core';
import type { FieldConfig } from '../../../shared/config/config.ts';
import { queriesOf } from '../../../shared/config/fieldTraits.ts';
import { convolveChannels, depthwiseSpecs } from './convolution.ts';
import type { Context } from './field.ts';
import { linear } from './layers.ts';
import { linearSpecs, type NamedTensors, type ParameterSpec } from './parameters.ts';
import { norm, normSpecs } from './perceiver.ts';

/** Whether queries of this network mix. */
function canMix(config: FieldConfig): boolean {
  return queriesOf(config) === 'grid';
}

/** None where queries do not mix. All that add to a query start at zero: the network starts as it does without mixing. */
export function mixingSpecs(config: FieldConfig): ParameterSpec[] {
  if (!canMix(config)) return [];
  const { dim, readBlocks, mixing } = config;
  const blocks = Array.from({ length: readBlocks }, (_, index) => `local.read.${index}`);
  return [
    ...linearSpecs('local.observed_in', { inputs: 1, outputs: dim, initial: 'zero' }),
    ...blocks.flatMap((block) => [
      ...normSpecs(`${block}.mix_norm`, dim, true),
      ...depthwiseSpecs(`${block}.mix_around`, { side: mixing, channels: dim }),
      ...linearSpecs(`${block}.mix_out`, { inputs: dim, outputs: dim, initial: 'zero' }),
    ]),
  ];
}

/**
 * `observed` [B, H, W, 1], 1 where a pixel is observed: the grid of the queries; nothing where they do not mix.
 * @throws Error when the context has no grid.
 */
export function encodeGrid(config: FieldConfig, { observedGrid }: Context): NamedTensors {
  if (!canMix(config)) return {};
  if (!observedGrid)
    throw new Error(
      'This field mixes the queries of a grid, and the context has no grid of observed pixels.',
    );
  return { observed: tf.slice(observedGrid, [0, 0, 0, 0], [-1, -1, -1, 1]) };
}

/** Queries [B, H · W, dim] that know whether they are observed. */
export function markObserved(parameters: NamedTensors, x: tf.Tensor, observed: tf.Tensor): tf.Tensor {
  const [batch, queries] = x.shape;
  return tf.add(x, linear(parameters, 'local.observed_in', tf.reshape(observed, [batch, queries, 1])));
}

/** x + Linear(DepthwiseConv(norm(x))), x [B, H · W, dim] on the grid of `observed` [B, H, W, 1], the norm with the time [B, dim]. */
export function mixQueries(
  parameters: NamedTensors,
  block: string,
  { x, time, observed }: { x: tf.Tensor; time: tf.Tensor; observed: tf.Tensor },
): tf.Tensor {
  const [batch, height, width] = observed.shape;
  const [, queries, dim] = x.shape;
  const normed = norm(parameters, `${block}.mix_norm`, { x, time });
  const grid = tf.reshape(normed, [batch, height, width, dim]);
  const around = tf.reshape(convolveChannels(parameters, `${block}.mix_around`, grid), [batch, queries, dim]);
  return tf.add(x, linear(parameters, `${block}.mix_out`, around));
}
