import { describe, expect, it } from 'vitest';
import { openSamplingData, type SamplingDataOptions } from '../../../main/compute/evaluation/samplingData.ts';
import { createMaskSource } from '../../../main/datasets/masks.ts';
import { imageAt, observe } from '../../../shared/images/image.ts';
import { protocolSchema } from '../../../shared/metric.ts';

function open(changes: Partial<SamplingDataOptions> = {}) {
  return openSamplingData({
    protocol: {
      source: 'synthetic',
      split: 'test',
      imageSize: 11,
      maskLaw: 'counter',
      maskSeed: 9,
      keepRatio: 0.3,
      pasted: true,
      noiseSeed: 5,
    },
    cacheFolder: 'unused',
    images: 2,
    ...changes,
  });
}

describe('openSamplingData', () => {
  it('gives the first images with the masks of their indices, and a protocol that says so', async () => {
    const { truth, observations, protocol } = await open();
    const masks = createMaskSource({ law: 'counter', seed: 9, pixels: 121, keepRatio: 0.3, targetRatio: 1 });
    const expected = [0, 1].map((index) => observe(imageAt(truth, index), masks.maskOf(index).observed));
    expect(observations).toEqual(expected);
    expect(protocolSchema.parse(protocol)).toEqual(protocol);
    expect(protocol).toMatchObject({
      images: 2,
      observedPixels: 36,
      maskSeed: 9,
      keepRatio: 0.3,
      pasted: true,
      noiseSeed: 5,
      metricVersion: 2,
    });
  });

  it('gives images by index as they are among the first', async () => {
    const [chosen, first] = [await open({ images: [1] }), await open()];
    expect(chosen.truth.values).toEqual(imageAt(first.truth, 1).values);
    expect(chosen.observations).toEqual([first.observations[1]]);
  });

  it('gives all images where fewer are there, and refuses an index that is not', async () => {
    expect((await open({ images: 5000 })).protocol.images).toBe(1000);
    await expect(open({ images: [3, 1000] })).rejects.toThrow(
      'Image 1000 was asked for, but the test split of synthetic has 1000 images (0 to 999).',
    );
  });
});
