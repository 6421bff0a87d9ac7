/** Training on crops of photographs from the terminal, with the presets made for them. */

import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { protocolSchema } from '../../shared/metric.ts';
import { randomBits } from '../../shared/numbers/random.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { runLab } from './runLab.ts';

/** Writes two training photographs and a test photograph. */
async function paintPhotographs(): Promise<string> {
  const folder = makeTemporaryFolder();
  const names = ['train/a.png', 'train/b.png', 'test/c.png'];
  for (const [seed, name] of names.entries()) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    const words = randomBits({ seed, stream: 'noise', step: 0 }, 12 * 8 * 3);
    await sharp(Uint8Array.from(words), { raw: { width: 12, height: 8, channels: 3 } })
      .resize(120, 80)
      .toFile(join(folder, name));
  }
  return `folder:${folder}`;
}

const quick = [
  'field.dim=8',
  'field.blocks=1',
  'train.batchSize=2',
  'train.evaluationImages=1',
  'sampler.steps=2',
  'mask.pool=2',
];

describe.each([
  ['mend', 64],
  ['upscale', 48],
])('lab train --preset %s on a folder of photographs', (preset, size) => {
  it('trains on crops, and is evaluated on the fixed crops of held-out files that lab baselines scores', async () => {
    const source = await paintPhotographs();
    const runs = makeTemporaryFolder();
    const trained = await runLab(
      ...`train --preset ${preset} --steps 1 --json --data-dir ${runs} --data ${source}`.split(' '),
      ...quick.flatMap((setting) => ['--set', setting]),
    );
    expect(trained.code, trained.stderr).toBe(0);
    const started = trained.lines().find(({ event }) => event === 'started');
    const note = `Crops of ${size}×${size} pixels at scales from 0.25 to 1`;
    expect(started).toMatchObject({
      dataset: { count: 2, height: size, notes: expect.arrayContaining([expect.stringContaining(note)]) },
    });
    const protocolOf = async (command: string) =>
      protocolSchema.parse((await runLab(...command.split(' '))).lines()[0].protocol);
    const evaluated = await protocolOf(`evaluate latest --images 1 --json --data-dir ${runs}`);
    const baselines = await protocolOf(
      `baselines --data ${source} --size ${size} --crops 0.25,1 --images 1 --json --mask-law strokes --keep 0.9`,
    );
    expect(evaluated).toMatchObject({ images: 1, imageSize: size, maskLaw: 'mixture' });
    expect(baselines.datasetChecksum).toBe(evaluated.datasetChecksum);
  });
});
