/** Real training of the smallest kind: a dozen images of 16 pixels, twelve steps, seconds. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { type RunConfig, runConfigSchema } from '../../shared/config/config.ts';

const size = 16;

/** Writes smooth images, each different, into a new folder; returns the data source. */
export async function writeImages(folder: string, count = 12): Promise<string> {
  mkdirSync(folder, { recursive: true });
  for (let picture = 0; picture < count; picture++) {
    const pixels = Uint8Array.from({ length: size * size * 3 }, (_, index) => {
      const [x, y, colour] = [(index / 3) % size, index / 3 / size, index % 3].map(Math.floor);
      return Math.round(127 + 120 * Math.sin((x * (picture + 2) + y * (colour + 1)) / 9));
    });
    const image = sharp(pixels, { raw: { width: size, height: size, channels: 3 } });
    await image.png().toFile(join(folder, `picture-${picture}.png`));
  }
  return `folder:${folder}`;
}

/** Dropout, averaged weights and a decaying learning rate: everything that must survive a resume. */
export function smallConfig(source: string): RunConfig {
  return runConfigSchema.parse({
    preset: 'tiny',
    data: { source, imageSize: size, flips: true, validationImages: 4 },
    mask: { law: 'counter', pool: 4, targetRatio: 0.25 },
    field: {
      latents: 4,
      dim: 16,
      fourierFeatures: 4,
      fourierScale: 3,
      blocks: 1,
      heads: 4,
      dropout: 0.1,
      queryCarriesState: true,
      timeConditioning: 'adaptive',
      readBlocks: 1,
      residual: 'thin-plate',
      patch: 3,
    },
    path: { prediction: 'data', start: 'classical', startNoise: 0.1 },
    optim: { learningRate: 2e-3, schedule: 'cosine', ema: 0.9 },
    train: {
      batchSize: 4,
      steps: 12,
      logEverySteps: 2,
      checkpointEverySteps: 3,
      evaluateEverySteps: 4,
      evaluationImages: 4,
      evaluate: 'posterior mean',
      previewEverySteps: 6,
    },
    sampler: { solver: 'heun', steps: 2 },
  });
}

/** Steps that `smallConfig` logs in a whole run. */
export const smallRunSteps = { logged: [1, 2, 4, 6, 8, 10, 12], evaluated: [4, 8, 12] };

/** `--set` options that make `lab train` such a run. */
export function smallOptions(source: string): string[] {
  const { data, mask, field, path, optim, train, sampler } = smallConfig(source);
  const set = { data, mask, field, path, optim, train, sampler };
  return Object.entries(set).flatMap(([group, values]) =>
    Object.entries(values).flatMap(([name, value]) => ['--set', `${group}.${name}=${JSON.stringify(value)}`]),
  );
}
