/** Parameters, operations and memory of the Perceiver, counted from its configuration. */

import type { FieldConfig } from '../config.ts';
import {
  countAttention,
  countEmbedding,
  countLinear,
  countMlp,
  countNorm,
  type NetworkCount,
  type Points,
  work,
} from './layerSize.ts';

/** What a Perceiver is made of, for one example. */
export function countPerceiver(field: FieldConfig, points: Points): NetworkCount {
  const { latents, blocks, readBlocks, fourierFeatures, patch, queryCarriesState, heads, dim } = field;
  const { observed, queries } = points;
  const tokens = queryCarriesState ? observed : observed + queries;
  const features = 2 * fourierFeatures;
  const known = features + 4 * patch ** 2;
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
  const { dim, latents, blocks, readBlocks, fourierFeatures, patch, queryCarriesState } = field;
  const isAdaptive = field.timeConditioning === 'adaptive';
  const seesTime = isAdaptive && !areLatentsFixed(field);
  const reader =
    latents * dim +
    countEmbedding(2 * fourierFeatures + 3, dim) +
    blocks * (2 * countAttention(dim) + 2 * countNorm(dim, seesTime) + countMlp(dim, seesTime));
  const queries =
    countEmbedding(2 * fourierFeatures + 4 * patch ** 2, dim) + (queryCarriesState ? countLinear(3, dim) : 0);
  const block = countAttention(dim) + countNorm(dim, isAdaptive) + countMlp(dim, isAdaptive);
  const readOut = readBlocks === 0 ? countAttention(dim) : readBlocks * block + countNorm(dim, isAdaptive);
  return reader + queries + readOut + countLinear(dim, 3) + 2 * countLinear(dim, dim);
}

/** Latents that see neither state nor time. */
function areLatentsFixed({ queryCarriesState, timeConditioning, readBlocks }: FieldConfig): boolean {
  return queryCarriesState && timeConditioning === 'adaptive' && readBlocks > 0;
}
