/** The U-Net: parameters, traits, cost and tiling. Its computation is in main/engine/field/unet.ts. */

import { z } from 'zod';
import { about, flag } from '../configLeaf.ts';
import {
  commonShape,
  countLinear,
  evenWidth,
  type Network,
  type NetworkCount,
  networkName,
  shortestRamp,
} from './network.ts';

const title = 'U-Net';

const schema = z
  .strictObject({
    kind: networkName('unet', title),
    ...commonShape,
    levels: z
      .int()
      .min(1)
      .max(5)
      .default(2)
      .meta({
        title: 'Resolutions',
        ...about('Each is half of the last; more: the network sees further.', '3', 'Ronneberger et al. 2015'),
      }),
    stride: z
      .int()
      .min(1)
      .max(4)
      .default(1)
      .meta({
        title: 'Block side',
        unit: 'pixels',
        ...about(
          'Side of the blocks of pixels that are read as one; larger: the network is faster and sees further.',
          '1, or 2 for photographs',
        ),
      }),
    channelMask: flag(
      'Mask per channel',
      false,
      about(
        'Reads for each channel which pixels are known, as Bayer patterns need.',
        'off, unless the mask law is bayer',
      ),
    ),
  })
  .check(evenWidth);
export type UnetConfig = z.infer<typeof schema>;

/** Returns the channels of the input: state, estimate or observed colours, and which pixels or channels are observed. */
export function countInputs({ channelMask }: Pick<UnetConfig, 'channelMask'>): number {
  return channelMask ? 9 : 7;
}

/** Smallest and largest side of a tile, in pixels; a larger overlap makes tiles larger. */
const smallestTile = 64;
const largestTile = 256;

export const unet = {
  schema,
  traits: {
    title,
    queries: 'grid',
    mixesBy: null,
    readsList: false,
    reads: [],
    isResolutionFree: true,
    takesAnyKeepRatio: true,
    cost: 'pixels',
    description: 'Convolutions over mask, estimate and state, at several resolutions.',
  },
  count: (field, _points, side) => countUnet(field, side),
  planTiling(field, { products }) {
    const multiple = field.stride * 2 ** (field.levels - 1);
    // Beyond half of its reach, the influence of a pixel on a trained network is below the rounding to bytes.
    const margin = Math.ceil(reachOf(field) / 2);
    const overlap = Math.ceil((2 * margin + shortestRamp) / multiple) * multiple;
    const affordable = Math.floor(largestTile * Math.sqrt(products / countUnet(field, largestTile).products));
    const smallestSide = Math.max(smallestTile, 2 * overlap);
    const side = Math.max(smallestSide, Math.min(largestTile, affordable));
    return { side, smallestSide, overlap, multiple, margin };
  },
} satisfies Network<UnetConfig>;

function countUnet(field: UnetConfig, side: number): NetworkCount {
  const { dim, levels, stride, blocks } = field;
  const multiple = stride * 2 ** (levels - 1);
  const pixels = ((Math.ceil(side / multiple) * multiple) / stride) ** 2;
  const all = Array.from({ length: levels }, (_, level) => {
    const width = dim * 2 ** level;
    const area = pixels / 4 ** level;
    const isBottom = level === levels - 1;
    const passes = blocks * (isBottom ? 1 : 2);
    // Between this level and the next coarser one, four pixels are joined, and split again on the way up.
    const down = countLinear(4 * width, 2 * width);
    const up = countLinear(2 * width, 4 * width);
    const block = 2 * countConvolution(width, width) + countLinear(dim, 2 * width);
    return {
      parameters: passes * block + (isBottom ? 0 : down + up),
      products: area * (passes * 18 * width ** 2 + (isBottom ? 0 : 4 * width ** 2)),
      kept: area * width * (passes * 5 + (isBottom ? 0 : 4)),
    };
  });
  const sum = (of: 'parameters' | 'products' | 'kept') => all.reduce((total, level) => total + level[of], 0);
  const inputs = countInputs(field) * stride ** 2;
  const outputs = 3 * stride ** 2;
  return {
    parameters:
      2 * countLinear(dim, dim) +
      countConvolution(inputs, dim) +
      sum('parameters') +
      countConvolution(dim, outputs),
    buffers: 0,
    // The first layer passes no gradient to its input: it takes two thirds of the work of the others.
    products: sum('products') + 9 * pixels * dim * ((2 / 3) * inputs + outputs),
    kept: sum('kept') + pixels * (2 * inputs + 3 * dim + 2 * outputs),
  };
}

/** Counts weights and biases of a 3 × 3 convolution. */
function countConvolution(inputs: number, outputs: number): number {
  return 9 * inputs * outputs + outputs;
}

/** Returns the distance in pixels beyond which nothing influences an output: two 3 × 3 convolutions per block, one before and one after the blocks. */
function reachOf({ levels, blocks, stride }: UnetConfig): number {
  const steps = Array.from({ length: levels }, (_, level) => {
    const passes = level === levels - 1 ? 1 : 2;
    return passes * blocks * 2 * 2 ** level;
  });
  // Joined pixels reach as far as the block that they are joined in.
  return stride * (2 + steps.reduce((sum, step) => sum + step, 0) + 2 ** (levels - 1));
}
