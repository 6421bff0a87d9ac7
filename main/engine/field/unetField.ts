/**
 * A U-Net on the picture's grid: Ronneberger et al. 2015, with residual blocks that the time modulates (FiLM, Perez et al.
 * 2018). It sees the state at every pixel, which pixels are observed and the classical estimate, and predicts every pixel.
 */

import * as tf from '@tensorflow/tfjs-core';
import type { FieldConfig } from '../../../shared/config/config.ts';
import {
  convolutionSpecs,
  convolve,
  joinSquares,
  smallestConvolvedPart,
  splitSquares,
} from './convolution.ts';
import type { Context, Field, PathPoint } from './field.ts';
import { linear, relu } from './layers.ts';
import { linearSpecs, type NamedTensors, type ParameterSpec } from './parameters.ts';
import { norm } from './perceiver.ts';
import { adaptiveTimeScale, stepVectorSpecs, timeVector, timeVectorSpecs } from './timeEmbedding.ts';

/** State, estimate or observed colours, and which pixels are observed. */
const inputChannels = 7;
/** Colours in [0, 1] become numbers of about unit variance. */
const colourScale = 4;

/** Build the field for a configuration; it holds no tensors. */
export function createUnetField(config: FieldConfig): Field {
  return {
    isToldSteps: config.stepConditioning,
    smallestPart: smallestConvolvedPart,
    parameters: unetSpecs(config),
    encode: (_parameters, context) => knownOf(config, context),
    predict: (parameters, encoded, point) => predictGrid(config, parameters, { encoded, point }),
  };
}

/** Channels of a level: twice those of the finer one. */
function widthAt(config: FieldConfig, level: number): number {
  return config.dim * 2 ** level;
}

function levelsOf(config: FieldConfig): number[] {
  return Array.from({ length: config.levels }, (_, level) => level);
}

function unetSpecs(config: FieldConfig): ParameterSpec[] {
  const { dim, stride } = config;
  const initial = config.residual === 'none' ? 'uniform' : 'zero';
  const levels = levelsOf(config);
  const changes = levels.slice(0, -1).flatMap((level) => {
    const [fine, coarse] = [widthAt(config, level), widthAt(config, level + 1)];
    return [
      ...linearSpecs(`unet.join.${level}`, { inputs: 4 * fine, outputs: coarse }),
      ...linearSpecs(`unet.split.${level}`, { inputs: coarse, outputs: 4 * fine }),
      ...blockSpecs(config, `unet.up.${level}`, level),
    ];
  });
  return [
    ...timeVectorSpecs(dim),
    ...convolutionSpecs('unet.stem', { side: 3, inputs: inputChannels * stride ** 2, outputs: dim }),
    ...levels.flatMap((level) => blockSpecs(config, `unet.down.${level}`, level)),
    ...changes,
    ...convolutionSpecs('unet.output', { side: 3, inputs: dim, outputs: 3 * stride ** 2, initial }),
    ...stepVectorSpecs(config),
  ];
}

function blockSpecs(config: FieldConfig, name: string, level: number): ParameterSpec[] {
  const width = widthAt(config, level);
  const size = { side: 3, inputs: width, outputs: width };
  return Array.from({ length: config.blocks }, (_, index) => `${name}.${index}`).flatMap((block) => [
    ...convolutionSpecs(`${block}.conv_in`, size),
    ...linearSpecs(`${block}.norm.modulation`, { inputs: config.dim, outputs: 2 * width, initial: 'zero' }),
    ...convolutionSpecs(`${block}.conv_out`, { ...size, initial: 'zero' }),
  ]);
}

/** What does not change along the path; the observed colours stand in the estimate, which is exact there. */
function knownOf({ residual }: FieldConfig, { observedGrid, estimate }: Context): NamedTensors {
  if (!observedGrid)
    throw new Error('This field reads the observed pixels as a grid, and the context has none.');
  if (residual === 'none') return { observedGrid };
  if (!estimate) throw new Error('This field reads a classical estimate, and the context has none.');
  return { observedGrid, estimate };
}

function predictGrid(
  config: FieldConfig,
  parameters: NamedTensors,
  { encoded, point }: { encoded: NamedTensors; point: PathPoint },
): tf.Tensor {
  const { observedGrid, estimate } = encoded;
  const [batch, height, width] = observedGrid.shape;
  const input = joinSquares(padGrid(config, inputOf(point.state, observedGrid, estimate)), config.stride);
  const time = timeVector(parameters, point, { dim: config.dim, scale: adaptiveTimeScale }); // [B, dim]
  const features = passLevels(config, parameters, { x: convolve(parameters, 'unet.stem', input), time });
  const output = splitSquares(convolve(parameters, 'unet.output', relu(features)), config.stride);
  const predicted = tf.reshape(cropGrid(output, height, width), [batch, height * width, 3]);
  return estimate ? tf.add(predicted, estimate) : predicted;
}

/** [B, H, W, 7]: state, known colours, which pixels are observed; colours around zero. */
function inputOf(state: tf.Tensor, observedGrid: tf.Tensor, estimate: tf.Tensor | undefined): tf.Tensor {
  const [batch, height, width] = observedGrid.shape;
  const [mask, colours] = tf.split(observedGrid, [1, 3], 3);
  const grid = (x: tf.Tensor) => tf.reshape(x, [batch, height, width, 3]);
  const centred = (x: tf.Tensor) => tf.mul(tf.sub(x, 0.5), colourScale);
  const known = estimate
    ? [tf.mul(tf.sub(grid(state), grid(estimate)), colourScale), centred(grid(estimate))]
    : [grid(state), tf.mul(centred(colours), mask)];
  return tf.concat([...known, mask], 3);
}

/** Zeros on the right and below, up to sides that can be halved at every level. */
function padGrid({ levels, stride }: FieldConfig, x: tf.Tensor): tf.Tensor {
  const [, height, width] = x.shape;
  const multiple = stride * 2 ** (levels - 1);
  const [below, right] = [height, width].map((side) => Math.ceil(side / multiple) * multiple - side);
  const margins: [number, number][] = [
    [0, 0],
    [0, below],
    [0, right],
    [0, 0],
  ];
  return below + right === 0 ? x : tf.pad(x, margins);
}

function cropGrid(x: tf.Tensor, height: number, width: number): tf.Tensor {
  const isWhole = x.shape[1] === height && x.shape[2] === width;
  return isWhole ? x : tf.slice(x, [0, 0, 0, 0], [-1, height, width, -1]);
}

/** Down and up again: [B, H, W, dim] → [B, H, W, dim]. */
function passLevels(
  config: FieldConfig,
  parameters: NamedTensors,
  { x, time }: { x: tf.Tensor; time: tf.Tensor },
  level = 0,
): tf.Tensor {
  const fine = passBlocks(config, parameters, { name: `unet.down.${level}`, x, time });
  if (level === config.levels - 1) return fine;
  const joined = linear(parameters, `unet.join.${level}`, joinSquares(fine, 2));
  const coarse = passLevels(config, parameters, { x: joined, time }, level + 1);
  const split = splitSquares(linear(parameters, `unet.split.${level}`, coarse), 2);
  return passBlocks(config, parameters, { name: `unet.up.${level}`, x: tf.add(fine, split), time });
}

function passBlocks(
  config: FieldConfig,
  parameters: NamedTensors,
  input: { name: string; x: tf.Tensor; time: tf.Tensor },
): tf.Tensor {
  let { x } = input;
  for (let index = 0; index < config.blocks; index++) {
    x = passBlock(parameters, `${input.name}.${index}`, { x, time: input.time });
  }
  return x;
}

/** x + Conv(ReLU(FiLM(norm(Conv(x)), t))) */
function passBlock(
  parameters: NamedTensors,
  name: string,
  { x, time }: { x: tf.Tensor; time: tf.Tensor },
): tf.Tensor {
  const [batch, height, width, channels] = x.shape;
  const rows = tf.reshape(convolve(parameters, `${name}.conv_in`, x), [batch, height * width, channels]);
  const modulated = norm(parameters, `${name}.norm`, { x: rows, time });
  const hidden = tf.reshape(relu(modulated), [batch, height, width, channels]);
  return tf.add(x, convolve(parameters, `${name}.conv_out`, hidden));
}
