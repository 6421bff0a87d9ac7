/** Parameters, operations and memory of the networks without latents, counted from their configuration. */

import type { FieldConfig } from './config.ts';
import { queriesOf } from './fieldTraits.ts';
import {
  countBlock,
  countLinear,
  countNorm,
  pointWidths,
  work,
  type NetworkCount,
  type Points,
} from './layerSize.ts';

/** Observed pixels attend to one another, queries attend to them; for one example. */
export function countTransformer(field: FieldConfig, { observed, queries }: Points): NetworkCount {
  const { dim, heads, blocks, readBlocks } = field;
  const { features, known } = pointWidths(field);
  const read = field.queriesAttend ? observed + queries : observed;
  const { attention, mlp } = work(dim, heads);
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
  const of = (count: 'products' | 'kept') =>
    blocks * (attention(observed, observed)[count] + mlp(observed)[count]) +
    readBlocks * (attention(queries, read)[count] + mlp(queries)[count]);
  const products =
    of('products') +
    observed * (features + 3) * dim +
    queries * (known + 6) * dim +
    (observed + queries) * features;
  const kept = of('kept') + observed * (features + 4 * dim) + queries * (known + 6 * dim);
  return { parameters, buffers: features, products, kept };
}

/** Every query reads its own neighbours; for one example. */
export function countLocal(field: FieldConfig, { observed, queries }: Points): NetworkCount {
  const { dim, heads, blocks, readBlocks } = field;
  const near = Math.min(field.neighbours, observed);
  const { attention, mlp } = work(dim, heads);
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
  const of = (count: 'products' | 'kept') =>
    blocks * (attention(near, near, queries)[count] + mlp(tokens)[count]) +
    readBlocks * (attention(1, near, queries)[count] + mlp(queries)[count]);
  const products = of('products') + tokens * (6 + dim) * dim + queries * 9 * dim + mixing.products;
  const kept = of('kept') + tokens * (12 + 6 * dim) + queries * (12 + 4 * dim) + mixing.kept;
  return { parameters, buffers: 0, products, kept };
}

/** What mixing adds: which queries are observed, then a norm, a depthwise convolution and a linear layer a read-out block. */
function countMixing(field: FieldConfig, queries: number): Omit<NetworkCount, 'buffers'> {
  if (queriesOf(field) === 'points') return { parameters: 0, products: 0, kept: 0 };
  const { dim, readBlocks, mixing } = field;
  const kernel = mixing ** 2 * dim;
  return {
    parameters: countLinear(1, dim) + readBlocks * (countNorm(dim, true) + kernel + countLinear(dim, dim)),
    products: queries * (dim + readBlocks * (kernel + dim ** 2)),
    kept: queries * (1 + readBlocks * 4 * dim),
  };
}
