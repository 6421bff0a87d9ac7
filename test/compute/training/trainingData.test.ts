import { describe, expect, it } from 'vitest';
import { openTrainingData } from '../../../main/compute/training/trainingData.ts';
import { openDataset } from '../../../main/datasets/registry.ts';
import { type RunConfigInput, runConfigSchema } from '../../../shared/config/config.ts';
import { imageAt } from '../../../shared/images/image.ts';

const imageSize = 11;
const cacheFolder = 'unused';

function open(input: RunConfigInput) {
  const config = runConfigSchema.parse({ ...input, data: { imageSize, ...input.data } });
  return openTrainingData(config, { cacheFolder, onProgress: () => undefined });
}

describe('openTrainingData', () => {
  it('never trains on the images held out, and scores the first of them', async () => {
    const { source, scored, info } = await open({
      data: { validationImages: 50 },
      train: { batchSize: 100, evaluationImages: 3 },
    });
    expect([info.count, source.stepsPerEpoch]).toEqual([4000, 39]);
    const seen = Array.from({ length: 2 * 39 }, (_, step) => [...source.imagesOf(step).indices]).flat();
    expect(Math.max(...seen)).toBe(3949);
    expect(new Set(seen).size).toBeGreaterThan(3900);
    const dataset = await openDataset('synthetic', { split: 'train', imageSize, cacheFolder });
    expect(scored.images).toEqual(dataset.readImages([3950, 3951, 3952]));
  });

  it('scores test images where none are held out, each seen through the mask of its index', async () => {
    const { scored } = await open({ train: { evaluationImages: 2 } });
    const dataset = await openDataset('synthetic', { split: 'test', imageSize, cacheFolder });
    expect(scored.images).toEqual(dataset.readImages([0, 1]));
    scored.observations.forEach(({ indices, values }, index) => {
      expect(indices).toHaveLength(24);
      const { values: truth } = imageAt(scored.images, index);
      expect(values.subarray(0, 3)).toEqual(truth.subarray(3 * indices[0], 3 * indices[0] + 3));
    });
  });

  it('takes as many steps as were asked for, or as the epochs have', async () => {
    const byEpochs = await open({ train: { batchSize: 100, epochs: 3 } });
    expect([byEpochs.totalSteps, byEpochs.source.totalSteps]).toEqual([120, 120]);
    const bySteps = await open({ train: { batchSize: 100, epochs: 3, steps: 50 } });
    expect([bySteps.totalSteps, bySteps.source.totalSteps]).toEqual([50, 50]);
  });

  it('holds back a fifth of the images at most', async () => {
    const { source, scored } = await open({
      data: { validationImages: 4000 },
      train: { batchSize: 1, evaluationImages: 5000 },
    });
    expect(source.stepsPerEpoch).toBe(3200);
    expect(scored.images.count).toBe(800);
  });

  it('trains on a range of shares, and scores what keepRatio says', async () => {
    const mask = { keepRatioMin: 0.1, keepRatioMax: 0.7, law: 'counter', pool: 8 } as const;
    const { source, scored } = await open({ field: { kind: 'unet' }, mask });
    const counts = Array.from(
      { length: 40 },
      (_, row) => source.masks({ step: 0, row, batchSize: 40, image: row }).observed.length,
    );
    expect(new Set(counts).size).toBe(8);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(12);
    expect(Math.max(...counts)).toBeLessThanOrEqual(84);
    scored.observations.forEach(({ indices }) => expect(indices).toHaveLength(24));
  });

  it('refuses a mask that leaves nothing to train on', async () => {
    await expect(open({ mask: { keepRatio: 1 } })).rejects.toThrow(
      'mask.keepRatio leaves no pixel to be trained on: choose a smaller ratio',
    );
  });
});
