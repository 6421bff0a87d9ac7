/** Parameters, operations and memory of the Perceiver, counted from its configuration. */

import type { FieldConfig } from './config.ts';
import {
  countAttention,
  countBlock,
  countEmbedding,
  countLinear,
  countNorm,
  pointWidths,
  work,
  type NetworkCount,
  type Points,
} from './layerSize.ts';

/** What a Perceiver is made of, for one example. */
export function countPerceiver(field: FieldConfig, points: Points): NetworkCount {
  const { latents, blocks, readBlocks, queryCarriesState, heads, dim } = field;
  const { observed, queries } = points;
  const tokens = queryCarriesState ? observed : observed + queries;
  const { features, known } = pointWidths(field);
  const reads = Math.max(1, readBlocks);
  const { attention, mlp } = work(dim, heads);
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
}

function countParameters(field: FieldConfig): number {
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

/** Latents that see neither state nor time. */
function areLatentsFixed({ queryCarriesState, timeConditioning, readBlocks }: FieldConfig): boolean {
  return queryCarriesState && timeConditioning === 'adaptive' && readBlocks > 0;
}
