/** Small untrained models, and images sampled with them. */

import { createImageSampler } from '../../../main/engine/inpaint/sampleImage.ts';
import type { FieldModel } from '../../../main/engine/inpaint/readTiles.ts';
import type { KnownImage } from '../../../main/engine/inpaint/knownImage.ts';
import type { ComputeLimits } from '../../../main/engine/inpaint/tileGroups.ts';
import { randomNormals } from '../../../shared/numbers/random.ts';
import type { SamplingPlan } from '../../../main/engine/solver/route.ts';

export interface SampleOptions {
  readonly plan?: SamplingPlan;
  readonly power?: ComputeLimits;
  readonly seed?: number;
  readonly turn?: (done: number, total: number) => Promise<void>;
  /** height × width × 3; grey by default. */
  readonly estimate?: Float32Array;
}

/** Enough for an image to be a single tile, if its network allows that. */
const wholePower: ComputeLimits = { parts: 1, products: 1e15 };
export const smallPower: ComputeLimits = { parts: 2, products: 1 };

export async function sampleWith(model: FieldModel, picture: KnownImage, options: SampleOptions = {}) {
  const { seed = 1, turn, power = wholePower, plan = { solver: 'heun', steps: 2 } } = options;
  const estimate =
    options.estimate ??
    picture.values.map((value, index) => (picture.isKnown[Math.floor(index / 3)] === 1 ? value : 0.5));
  const sampler = createImageSampler(model, {
    image: picture,
    estimate,
    plan,
    limits: power,
    onProgress: turn,
  });
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
