/** The Perceiver: parameters, traits, cost and tiling. Its computation is in main/engine/field/perceiver.ts. */

import { z } from 'zod';
import { about, choice, count, flag } from '../configLeaf.ts';
import {
  attentionShape,
  centredPatch,
  commonShape,
  countAttention,
  countBlock,
  countEmbedding,
  countLinear,
  countNorm,
  evenWidth,
  layerCosts,
  type Network,
  networkName,
  pointWidths,
  positionShape,
  trainedTiling,
  wholeHeads,
} from './network.ts';

const title = 'Perceiver IO';

const schema = z
  .strictObject({
    kind: networkName('perceiver', title),
    ...commonShape,
    ...attentionShape,
    ...positionShape,
    latents: count(
      'Latents',
      512,
      about(
        'Vectors that read the known pixels and are read by the queries.',
        '32 to 512',
        'Jaegle et al. 2021',
      ),
    ),
    queryCarriesState: flag(
      'Queries carry the state',
      false,
      about(
        'The queries carry the state x_t; the context holds known pixels only.',
        'on; off as in the notebook',
      ),
    ),
    timeConditioning: choice(
      'Time conditioning',
      { added: 'Added to the colours', adaptive: 'Adaptive norms' },
      'added',
      about(
        'How the network is given the time: added to the colours, or as gain and shift of its norms.',
        'adaptive norms; added as in the notebook',
        'Peebles and Xie 2023 (adaptive norms)',
      ),
    ),
  })
  .check(wholeHeads, evenWidth, centredPatch)
  .refine(({ queryCarriesState, patch }) => queryCarriesState || patch === 0, {
    message: 'patch needs queryCarriesState = true',
    path: ['patch'],
  });
export type PerceiverConfig = z.infer<typeof schema>;

export const perceiver = {
  schema,
  traits: {
    title,
    queries: 'points',
    mixesBy: null,
    readsList: true,
    reads: ['patch'],
    isResolutionFree: false,
    takesAnyKeepRatio: true,
    cost: 'latents × (observed + queries)',
    description: 'Latents read the observed pixels, queries read the latents.',
  },
  count(field, { observed, queries }) {
    const { latents, blocks, readBlocks, queryCarriesState, heads, dim } = field;
    const tokens = queryCarriesState ? observed : observed + queries;
    const { features, known } = pointWidths(field);
    const reads = Math.max(1, readBlocks);
    const { attention, mlp } = layerCosts(dim, heads);
    const states = queryCarriesState ? 3 : 0;
    const read = [attention(latents, tokens), attention(latents, latents), mlp(latents)];
    const sum = (of: 'products' | 'kept') => read.reduce((total, each) => total + each[of], 0);
    const products =
      tokens * (features + 3) * dim +
      blocks * sum('products') +
      queries * (known + states) * dim +
      reads * attention(queries, latents).products +
      readBlocks * mlp(queries).products +
      3 * queries * dim +
      (observed + queries) * features;
    const kept =
      tokens * (features + 3 + 4 * dim) +
      blocks * sum('kept') +
      queries * (known + 4 * dim) +
      reads * attention(queries, latents).kept +
      readBlocks * mlp(queries).kept;
    return { parameters: countParameters(field), buffers: features, products, kept };
  },
  planTiling: (_field, { imageSize }) => trainedTiling(imageSize),
} satisfies Network<PerceiverConfig>;

function countParameters(field: PerceiverConfig): number {
  const { dim, latents, blocks, readBlocks, queryCarriesState } = field;
  const { features, known } = pointWidths(field);
  const isAdaptive = field.timeConditioning === 'adaptive';
  const seesTime = isAdaptive && !areLatentsFixed(field);
  const reader =
    latents * dim +
    countEmbedding(features + 3, dim) +
    blocks * (countAttention(dim) + countNorm(dim, seesTime) + countBlock(dim, seesTime));
  const queries = countEmbedding(known, dim) + (queryCarriesState ? countLinear(3, dim) : 0);
  const readOut =
    readBlocks === 0
      ? countAttention(dim)
      : readBlocks * countBlock(dim, isAdaptive) + countNorm(dim, isAdaptive);
  return reader + queries + readOut + countLinear(dim, 3) + 2 * countLinear(dim, dim);
}

/**
 * Returns whether the latents depend on neither state nor time, so that they are computed once per sampling. The plain
 * decoder has no norm that the time could modulate, so that without read-out blocks the latents see the time.
 */
export function areLatentsFixed(
  field: Pick<PerceiverConfig, 'queryCarriesState' | 'timeConditioning' | 'readBlocks'>,
): boolean {
  return field.queryCarriesState && field.timeConditioning === 'adaptive' && field.readBlocks > 0;
}
