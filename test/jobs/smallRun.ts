/** Real training on the smallest scale: a dozen images of 16 pixels, twelve steps, a few seconds. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { formatCheckpointName, readCheckpoint } from '../../main/store/files/checkpointFile.ts';
import { listCheckpoints } from '../../main/store/files/checkpointFolder.ts';
import { type RunConfig, type RunConfigInput, runConfigSchema } from '../../shared/config/config.ts';

const size = 16;

/** Writes smooth images, each different, into a new folder; returns the data source. Their names determine the split. */
export async function writeImages(folder: string, count = 12): Promise<string> {
  mkdirSync(folder, { recursive: true });
  for (let image = 0; image < count; image++) {
    const pixels = Uint8Array.from({ length: size * size * 3 }, (_, index) => {
      const x = Math.floor(index / 3) % size;
      const y = Math.floor(index / 3 / size);
      return Math.round(127 + 120 * Math.sin((x * (image + 2) + y * ((index % 3) + 1)) / 9));
    });
    const file = sharp(pixels, { raw: { width: size, height: size, channels: 3 } });
    await file.png().toFile(join(folder, `picture-${image}.png`));
  }
  return `folder:${folder}`;
}

/** The network whose training starts fastest, because its graph is the smallest. */
const convolutions: RunConfigInput['field'] = {
  kind: 'unet',
  dim: 16,
  levels: 1,
  blocks: 1,
  residual: 'thin-plate',
};

/** A network with dropout, which must survive a resume. */
export const withDropout: RunConfigInput['field'] = {
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
};

/** Returns a configuration with an EMA of the weights and a decaying learning rate, which must survive a resume. */
export function smallConfig(source: string, field = convolutions): RunConfig {
  return runConfigSchema.parse({
    preset: 'tiny',
    data: { source, imageSize: size, flips: true, validationImages: 4 },
    mask: { law: 'counter', pool: 4, targetRatio: 0.25 },
    field,
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

/** Steps that a whole run of `smallConfig` logs. */
export const smallRunSteps = { logged: [1, 2, 4, 6, 8, 10, 12], evaluated: [4, 8, 12] };

/** Returns the options of `lab train` for a run of `smallConfig`. */
export function smallOptions(source: string, network = convolutions): string[] {
  const { data, mask, field, path, optim, train, sampler } = smallConfig(source, network);
  const set = { data, mask, field, path, optim, train, sampler };
  return Object.entries(set).flatMap(([group, values]) =>
    Object.entries(values).flatMap(([name, value]) => ['--set', `${group}.${name}=${JSON.stringify(value)}`]),
  );
}

/** Reads the tensors of a run's newest checkpoint: their bits in hexadecimal by name, which are equal only for equal tensors. */
export function readNewestTensors(folder: string): Record<string, string> {
  const [newest] = listCheckpoints(folder);
  const { tensors } = readCheckpoint(join(folder, formatCheckpointName(newest)));
  return Object.fromEntries(
    Array.from(tensors, ([name, { data }]) => [
      name,
      Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex'),
    ]),
  );
}
