/** The transformer: parameters, traits, cost and tiling. Its computation is in main/engine/field/transformer.ts. */

import { z } from 'zod';
import { about, flag } from '../configLeaf.ts';
import {
  attentionShape,
  centredPatch,
  commonShape,
  countBlock,
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

const title = 'Transformer';

const schema = z
  .strictObject({
    kind: networkName('transformer', title),
    ...commonShape,
    ...attentionShape,
    ...positionShape,
    queriesAttend: flag(
      'Queries attend to one another',
      false,
      about(
        'Queries read one another as well as the known pixels; all pixels are then predicted.',
        'off, which takes less time',
        'Jabri et al. 2023',
      ),
    ),
  })
  .check(wholeHeads, evenWidth, centredPatch)
  .refine(({ queriesAttend, readBlocks }) => !queriesAttend || readBlocks > 0, {
    message: 'queriesAttend needs readBlocks above 0',
    path: ['queriesAttend'],
  });
export type TransformerConfig = z.infer<typeof schema>;

export const transformer = {
  schema,
  traits: {
    title,
    queries: 'points',
    mixesBy: 'queriesAttend',
    readsList: true,
    reads: ['patch'],
    isResolutionFree: false,
    takesAnyKeepRatio: true,
    cost: 'observed × (observed + queries)',
    description:
      'Observed pixels attend to one another, queries attend to them; with field.queriesAttend also to one another, and all pixels are predicted.',
  },
  count(field, { observed, queries }) {
    const { dim, heads, blocks, readBlocks } = field;
    const { features, known } = pointWidths(field);
    const read = field.queriesAttend ? observed + queries : observed;
    const { attention, mlp } = layerCosts(dim, heads);
    const parameters =
      2 * countLinear(dim, dim) +
      countLinear(features + 3, dim) +
      blocks * countBlock(dim, false) +
      countNorm(dim, false) +
      countLinear(known, dim) +
      countLinear(3, dim) +
      readBlocks * countBlock(dim, true) +
      countNorm(dim, true) +
      countLinear(dim, 3);
    const sum = (of: 'products' | 'kept') =>
      blocks * (attention(observed, observed)[of] + mlp(observed)[of]) +
      readBlocks * (attention(queries, read)[of] + mlp(queries)[of]);
    const products =
      sum('products') +
      observed * (features + 3) * dim +
      queries * (known + 6) * dim +
      (observed + queries) * features;
    const kept = sum('kept') + observed * (features + 4 * dim) + queries * (known + 6 * dim);
    return { parameters, buffers: features, products, kept };
  },
  planTiling: (_field, { imageSize }) => trainedTiling(imageSize),
} satisfies Network<TransformerConfig>;
