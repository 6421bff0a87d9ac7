/** Values of overlapping tiles become those of the picture: their weighted mean. */

import type { Tile } from './planTiles.ts';

export interface Blend {
  readonly width: number;
  /** height × width × 3 weighted sums, one array for each kind of value. */
  readonly values: readonly Float32Array[];
  /** height × width: the weights so far. */
  readonly weights: Float32Array;
}

export function createBlend(size: { width: number; height: number }, names: readonly string[]): Blend {
  const pixels = size.width * size.height;
  return {
    width: size.width,
    values: names.map(() => new Float32Array(pixels * 3)),
    weights: new Float32Array(pixels),
  };
}

/** `values`: one array of tile height × tile width × 3 for each of the blend's. */
export function blendTile(blend: Blend, tile: Tile, values: readonly Float32Array[]): void {
  const { x, y, width, height, columnWeights, rowWeights } = tile;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const weight = rowWeights[row] * columnWeights[column];
      const place = (y + row) * blend.width + x + column;
      const source = (row * width + column) * 3;
      blend.weights[place] += weight;
      for (let index = 0; index < values.length; index++) {
        for (let channel = 0; channel < 3; channel++)
          blend.values[index][place * 3 + channel] += weight * values[index][source + channel];
      }
    }
  }
}

/** Sums become means; `otherwise` gives each kind's value at a place that no tile counts at. */
export function finishBlend(blend: Blend, otherwise: readonly ((place: number) => number)[]): void {
  blend.values.forEach((values, index) => {
    for (let place = 0; place < values.length; place++) {
      const weight = blend.weights[Math.floor(place / 3)];
      if (weight === 0) values[place] = otherwise[index](place);
      else if (weight !== 1) values[place] /= weight;
    }
  });
}
