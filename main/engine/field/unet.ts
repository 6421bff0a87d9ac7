/**
 * A U-Net on the grid of the image: Ronneberger et al. 2015, with residual blocks modulated by time (FiLM, Perez et al.
 * 2018). It sees the state at every pixel, the observed pixels and the classical estimate, and predicts every pixel.
 */

import * as tf from '@tensorflow/tfjs-core';
import { countInputs, type UnetConfig } from '../../../shared/config/networks/unet.ts';
import type { Context } from '../context/context.ts';
import type { NamedTensors } from '../tensors.ts';
import { norm } from './blocks.ts';
import { convolutionSpecs, convolve, joinBlocks, smallestConvolvedPart, splitBlocks } from './convolution.ts';
import { adaptiveTimeScale, stepVectorSpecs, timeVector, timeVectorSpecs } from './embeddings.ts';
import type { Field, PathPoint } from './field.ts';
import { linear, relu } from './layers.ts';
import { linearSpecs, type ParameterSpec } from './parameters.ts';

/** Scales colours in [0, 1] to about unit variance. */
const colourScale = 4;

type UnetEncoding = {
  /** [B, H, W, 4 or 6]: see `Context`. */
  readonly observedGrid: tf.Tensor;
  /** [B, H · W, 3] */
  readonly estimate?: tf.Tensor;
};

/** Creates the network of a configuration; it holds no tensors. */
export function createUnetField(config: UnetConfig): Field<UnetEncoding> {
  return {
    takesStepSize: config.stepConditioning,
    smallestPart: smallestConvolvedPart,
    parameters: unetSpecs(config),
    encode: (_parameters, context) => checkContext(config, context),
    predict: (parameters, encoded, point) => predictGrid(config, parameters, { encoded, point }),
  };
}

/** Returns the channels of a level: twice those of the next finer one. */
function widthAt(config: UnetConfig, level: number): number {
  return config.dim * 2 ** level;
}

function levelsOf(config: UnetConfig): number[] {
  return Array.from({ length: config.levels }, (_, level) => level);
}

function unetSpecs(config: UnetConfig): ParameterSpec[] {
  const { dim, stride } = config;
  const initial = config.residual === 'none' ? 'uniform' : 'zero';
  const levels = levelsOf(config);
  const changes = levels.slice(0, -1).flatMap((level) => {
    const fine = widthAt(config, level);
    const coarse = widthAt(config, level + 1);
    return [
      ...linearSpecs(`unet.join.${level}`, { inputs: 4 * fine, outputs: coarse }),
      ...linearSpecs(`unet.split.${level}`, { inputs: coarse, outputs: 4 * fine }),
      ...blockSpecs(config, `unet.up.${level}`, level),
    ];
  });
  return [
    ...timeVectorSpecs(dim),
    ...convolutionSpecs('unet.stem', { side: 3, inputs: countInputs(config) * stride ** 2, outputs: dim }),
    ...levels.flatMap((level) => blockSpecs(config, `unet.down.${level}`, level)),
    ...changes,
    ...convolutionSpecs('unet.output', { side: 3, inputs: dim, outputs: 3 * stride ** 2, initial }),
    ...stepVectorSpecs(config),
  ];
}

function blockSpecs(config: UnetConfig, name: string, level: number): ParameterSpec[] {
  const width = widthAt(config, level);
  const size = { side: 3, inputs: width, outputs: width };
  return Array.from({ length: config.blocks }, (_, index) => `${name}.${index}`).flatMap((block) => [
    ...convolutionSpecs(`${block}.conv_in`, size),
    ...linearSpecs(`${block}.norm.modulation`, { inputs: config.dim, outputs: 2 * width, initial: 'zero' }),
    ...convolutionSpecs(`${block}.conv_out`, { ...size, initial: 'zero' }),
  ]);
}

/** Returns the parts of the context that the network reads; with an estimate, which is exact at observed pixels, their colours are redundant. */
function checkContext({ residual }: UnetConfig, { observedGrid, estimate }: Context): UnetEncoding {
  if (!observedGrid)
    throw new Error('A U-Net reads the observed pixels as a grid, and the context has none.');
  if (residual === 'none') return { observedGrid };
  if (!estimate) throw new Error('This U-Net reads a classical estimate, and the context has none.');
  return { observedGrid, estimate };
}

function predictGrid(
  config: UnetConfig,
  parameters: NamedTensors,
  { encoded, point }: { encoded: UnetEncoding; point: PathPoint },
): tf.Tensor {
  const { observedGrid, estimate } = encoded;
  const [batch, height, width] = observedGrid.shape;
  const input = joinBlocks(padGrid(config, inputOf(point.state, observedGrid, estimate)), config.stride);
  const time = timeVector(parameters, point, { dim: config.dim, scale: adaptiveTimeScale }); // [B, dim]
  const features = passLevels(config, parameters, { x: convolve(parameters, 'unet.stem', input), time });
  const output = splitBlocks(convolve(parameters, 'unet.output', relu(features)), config.stride);
  const predicted = tf.reshape(cropGrid(output, height, width), [batch, height * width, 3]);
  return estimate ? tf.add(predicted, estimate) : predicted;
}

/** Returns [B, H, W, 7 or 9]: state, known colours and which pixels or channels are observed; colours are centred at zero. */
function inputOf(state: tf.Tensor, observedGrid: tf.Tensor, estimate: tf.Tensor | undefined): tf.Tensor {
  const [batch, height, width, entries = 0] = observedGrid.shape;
  const [mask, colours] = tf.split(observedGrid, [entries - 3, 3], 3);
  const grid = (x: tf.Tensor) => tf.reshape(x, [batch, height, width, 3]);
  const centred = (x: tf.Tensor) => tf.mul(tf.sub(x, 0.5), colourScale);
  const known = estimate
    ? [tf.mul(tf.sub(grid(state), grid(estimate)), colourScale), centred(grid(estimate))]
    : [grid(state), tf.mul(centred(colours), mask)];
  return tf.concat([...known, mask], 3);
}

/** Pads with zeros on the right and below, up to sides that can be halved at every level. */
function padGrid({ levels, stride }: UnetConfig, x: tf.Tensor): tf.Tensor {
  const [, height, width] = x.shape;
  const multiple = stride * 2 ** (levels - 1);
  const paddingOf = (side: number) => Math.ceil(side / multiple) * multiple - side;
  const below = paddingOf(height);
  const right = paddingOf(width);
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

/** Passes x [B, H, W, C] down to the coarsest level and up again; the result has its shape. */
function passLevels(
  config: UnetConfig,
  parameters: NamedTensors,
  { x, time }: { x: tf.Tensor; time: tf.Tensor },
  level = 0,
): tf.Tensor {
  const fine = passBlocks(config, parameters, { name: `unet.down.${level}`, x, time });
  if (level === config.levels - 1) return fine;
  const joined = linear(parameters, `unet.join.${level}`, joinBlocks(fine, 2));
  const coarse = passLevels(config, parameters, { x: joined, time }, level + 1);
  const split = splitBlocks(linear(parameters, `unet.split.${level}`, coarse), 2);
  return passBlocks(config, parameters, { name: `unet.up.${level}`, x: tf.add(fine, split), time });
}

function passBlocks(
  config: UnetConfig,
  parameters: NamedTensors,
  input: { name: string; x: tf.Tensor; time: tf.Tensor },
): tf.Tensor {
  let { x } = input;
  for (let index = 0; index < config.blocks; index++) {
    x = passBlock(parameters, `${input.name}.${index}`, { x, time: input.time });
  }
  return x;
}

/** Returns x + Conv(ReLU(FiLM(norm(Conv(x)), t))), [B, H, W, C]. */
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
