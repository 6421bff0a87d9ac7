/** The local network: parameters, traits, cost and tiling. Its computation is in main/engine/field/local.ts. */

import { z } from 'zod';
import { about, count, natural } from '../configLeaf.ts';
import {
  attentionShape,
  commonShape,
  countBlock,
  countLinear,
  countNorm,
  evenWidth,
  layerCosts,
  type Network,
  type NetworkCount,
  networkName,
  shortestRamp,
  wholeHeads,
} from './network.ts';

const title = 'Local';

const schema = z
  .strictObject({
    kind: networkName('local', title),
    ...commonShape,
    ...attentionShape,
    neighbours: count(
      'Neighbours per query',
      16,
      about('Nearest known pixels that each query reads.', '16 to 32', 'Zhao et al. 2021'),
    ),
    mixing: natural(
      'Mixing of queries',
      0,
      about(
        'Side of the square over which queries mix; all pixels are then predicted. 0: none.',
        '0, or an odd number from 3 to 7',
        'Liu et al. 2022',
      ),
      'pixels',
    ),
  })
  .check(wholeHeads, evenWidth)
  // Over a side of 1 no query would see another, and every read-out block mixes once.
  .refine(({ mixing, readBlocks }) => mixing === 0 || (mixing % 2 === 1 && mixing > 1 && readBlocks > 0), {
    message: 'mixing must be 0, or odd and at least 3, and needs readBlocks above 0',
    path: ['mixing'],
  });
export type LocalConfig = z.infer<typeof schema>;

/** Neighbours are looked up in the whole image, so that tiles may be small and save memory. */
const smallestTile = 64;

export const local = {
  schema,
  traits: {
    title,
    queries: 'points',
    mixesBy: 'mixing',
    readsList: false,
    reads: ['neighbours'],
    isResolutionFree: true,
    takesAnyKeepRatio: true,
    cost: 'queries × neighbours',
    description:
      'Every query reads the observed pixels nearest to it by their offsets; with field.mixing also the queries around it, and all pixels are predicted.',
  },
  count(field, { observed, queries }) {
    const { dim, heads, blocks, readBlocks } = field;
    const near = Math.min(field.neighbours, observed);
    const { attention, mlp } = layerCosts(dim, heads);
    const tokens = near * queries;
    const mixing = countMixing(field, queries);
    const parameters =
      2 * countLinear(dim, dim) +
      countLinear(6, dim) +
      countLinear(dim, dim) +
      blocks * countBlock(dim, false) +
      countLinear(6, dim) +
      readBlocks * countBlock(dim, true) +
      countNorm(dim, true) +
      countLinear(dim, 3) +
      mixing.parameters;
    const sum = (of: 'products' | 'kept') =>
      blocks * (attention(near, near, queries)[of] + mlp(tokens)[of]) +
      readBlocks * (attention(1, near, queries)[of] + mlp(queries)[of]);
    const products = sum('products') + tokens * (6 + dim) * dim + queries * 9 * dim + mixing.products;
    const kept = sum('kept') + tokens * (12 + 6 * dim) + queries * (12 + 4 * dim) + mixing.kept;
    return { parameters, buffers: 0, products, kept };
  },
  planTiling({ readBlocks, mixing }) {
    // Every read-out block mixes over half a square in each direction; the whole reach gets weight 0, because it is short.
    const margin = mixing > 0 ? (readBlocks * (mixing - 1)) / 2 : 0;
    const overlap = margin > 0 ? 2 * margin + shortestRamp : 0;
    return { side: Math.max(smallestTile, 2 * overlap), overlap, margin };
  },
} satisfies Network<LocalConfig>;

/** Counts what mixing adds: an embedding of the mask, and a norm, a depthwise convolution and a linear layer per read-out block. */
function countMixing(
  { dim, readBlocks, mixing }: LocalConfig,
  queries: number,
): Omit<NetworkCount, 'buffers'> {
  if (mixing === 0) return { parameters: 0, products: 0, kept: 0 };
  const kernel = mixing ** 2 * dim;
  return {
    parameters: countLinear(1, dim) + readBlocks * (countNorm(dim, true) + kernel + countLinear(dim, dim)),
    products: queries * (dim + readBlocks * (kernel + dim ** 2)),
    kept: queries * (1 + readBlocks * 4 * dim),
  };
}
