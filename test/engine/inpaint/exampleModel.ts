/** Samples images with small, untrained models. */

import { valueBit } from '../../../shared/images/mask.ts';
import { createImageSampler } from '../../../main/engine/inpaint/sampleImage.ts';
import type { FieldModel } from '../../../main/engine/inpaint/readTiles.ts';
import type { KnownImage } from '../../../main/engine/inpaint/knownImage.ts';
import type { ComputeLimits } from '../../../main/engine/inpaint/planTiles.ts';
import { randomNormals } from '../../../shared/numbers/random.ts';
import type { SamplingPlan } from '../../../main/engine/solver/route.ts';

export interface SampleOptions {
  readonly plan?: SamplingPlan;
  readonly limits?: ComputeLimits;
  readonly seed?: number;
  readonly onProgress?: (done: number, total: number) => Promise<void>;
  /** height × width × 3; grey by default. */
  readonly estimate?: Float32Array;
}

/** Limits under which an image is a single tile, if its network allows that. */
const wholeLimits: ComputeLimits = { parts: 1, smallestPart: 1, products: 1e15 };
export const smallLimits: ComputeLimits = { parts: 2, smallestPart: 1, products: 1 };

export async function sampleWith(model: FieldModel, image: KnownImage, options: SampleOptions = {}) {
  const { seed = 1, onProgress, limits = wholeLimits, plan = { solver: 'heun', steps: 2 } } = options;
  const estimate =
    options.estimate ?? image.values.map((value, index) => (valueBit(image, index) === 1 ? value : 0.5));
  const sampler = createImageSampler(model, {
    image,
    estimate,
    plan,
    limits,
    onProgress,
  });
  const times: number[] = [];
  const noise = {
    start: (count: number) => randomNormals({ seed, stream: 'sampling', step: 0 }, count),
    draw: (draw: number, count: number) => randomNormals({ seed, stream: 'solver', step: draw }, count),
  };
  try {
    const values = await sampler.sample(noise, ({ time }) => void times.push(time));
    return { values, times, tiles: sampler.tiles, evaluations: sampler.evaluations() };
  } finally {
    sampler.dispose();
  }
}
