/** Small untrained models, and pictures sampled with them. */

import { createPictureSampler } from '../../../main/engine/picture/samplePicture.ts';
import type { FieldModel } from '../../../main/engine/picture/encodeTiles.ts';
import type { KnownPicture } from '../../../main/engine/picture/knownPicture.ts';
import type { TilePower } from '../../../main/engine/picture/tileGroups.ts';
import type { SamplingPlan } from '../../../main/engine/solver/sampleField.ts';
import { randomNormals } from '../../../shared/numbers/random.ts';

export interface SampleOptions {
  readonly plan?: SamplingPlan;
  readonly power?: TilePower;
  readonly seed?: number;
  readonly turn?: (done: number, total: number) => Promise<void>;
  /** height × width × 3; grey by default. */
  readonly estimate?: Float32Array;
}

/** Enough for a picture to be one tile, if its network takes it whole. */
const wholePower: TilePower = { parts: 1, products: 1e15 };
export const smallPower: TilePower = { parts: 2, products: 1 };

export async function sampleWith(model: FieldModel, picture: KnownPicture, options: SampleOptions = {}) {
  const { seed = 1, turn, power = wholePower, plan = { solver: 'heun', steps: 2 } } = options;
  const estimate =
    options.estimate ??
    picture.values.map((value, index) => (picture.isKnown[Math.floor(index / 3)] === 1 ? value : 0.5));
  const sampler = createPictureSampler(model, { picture, estimate, plan, power, turn });
  const times: number[] = [];
  const noise = {
    start: (count: number) => randomNormals({ seed, stream: 'sampling', step: 0 }, count),
    draw: (draw: number, count: number) => randomNormals({ seed, stream: 'solver', step: draw }, count),
  };
  try {
    const values = await sampler.sample(noise, ({ time }) => times.push(time));
    return { values, times, tiles: sampler.tiles, evaluations: sampler.evaluations() };
  } finally {
    sampler.dispose();
  }
}
