/** Parameters, operations and memory of the U-Net, counted from its configuration. */

import type { FieldConfig } from './config.ts';
import { countLinear, type NetworkCount } from './layerSize.ts';

const inputChannels = 7;

/** A U-Net on a picture of so many pixels a side. */
export function countUnet(field: FieldConfig, side: number): NetworkCount {
  const { dim, levels, stride, blocks } = field;
  const multiple = stride * 2 ** (levels - 1);
  const pixels = ((Math.ceil(side / multiple) * multiple) / stride) ** 2;
  const all = Array.from({ length: levels }, (_, level) => {
    const width = dim * 2 ** level;
    const area = pixels / 4 ** level;
    const isBottom = level === levels - 1;
    const passes = blocks * (isBottom ? 1 : 2);
    // Between this level and the coarser one: four pixels joined, and split again.
    const [down, up] = [countLinear(4 * width, 2 * width), countLinear(2 * width, 4 * width)];
    const block = 2 * countConvolution(width, width) + countLinear(dim, 2 * width);
    return {
      parameters: passes * block + (isBottom ? 0 : down + up),
      products: area * (passes * 18 * width ** 2 + (isBottom ? 0 : 4 * width ** 2)),
      kept: area * width * (passes * 5 + (isBottom ? 0 : 4)),
    };
  });
  const sum = (of: 'parameters' | 'products' | 'kept') => all.reduce((total, level) => total + level[of], 0);
  const [inputs, outputs] = [inputChannels * stride ** 2, 3 * stride ** 2];
  return {
    parameters:
      2 * countLinear(dim, dim) +
      countConvolution(inputs, dim) +
      sum('parameters') +
      countConvolution(dim, outputs),
    buffers: 0,
    // Nothing lies behind the first layer, so that it has one gradient less than the others: two thirds of their work.
    products: sum('products') + 9 * pixels * dim * ((2 / 3) * inputs + outputs),
    kept: sum('kept') + pixels * (2 * inputs + 3 * dim + 2 * outputs),
  };
}

/** Weights and biases of a 3 × 3 convolution. */
function countConvolution(inputs: number, outputs: number): number {
  return 9 * inputs * outputs + outputs;
}
