import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeEach, describe, expect, it } from 'vitest';
import { DataError } from '../../main/compute/dataIdentity.ts';
import { openSamplingData, type SamplingDataOptions } from '../../main/compute/evaluation/samplingData.ts';
import { openTrainingData } from '../../main/compute/training/trainingData.ts';
import { createMaskSource } from '../../main/datasets/masks.ts';
import { openDataset } from '../../main/datasets/registry.ts';
import { type RunConfigInput, runConfigSchema } from '../../shared/config/config.ts';
import { countEpochSteps, cropsPerEpoch } from '../../shared/config/longerBudget.ts';
import type { DatasetInfo } from '../../shared/dataset.ts';
import { imageAt, observe } from '../../shared/images/image.ts';
import { protocolSchema } from '../../shared/metric.ts';
import { makeTemporaryFolder, sharedCacheFolder } from '../store/temporaryFolder.ts';

const imageSize = 11;
let folder = '';
beforeEach(() => {
  folder = join(makeTemporaryFolder(), 'images');
});

/** Writes an image of noise that is determined by its number. */
async function writeImage(name: string, number: number): Promise<void> {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  const hash = createHash('sha512').update(String(number)).digest();
  const pixels = Buffer.alloc(imageSize ** 2 * 3, hash);
  await sharp(pixels, { raw: { width: imageSize, height: imageSize, channels: 3 } }).toFile(path);
}

async function writeImages(first: number, count: number, subfolder = '.'): Promise<void> {
  for (let number = first; number < first + count; number++)
    await writeImage(`${subfolder}/p${String(number).padStart(3, '0')}.png`, number);
}

function createConfig(data: Partial<RunConfigInput['data']> = {}) {
  const source = `folder:${folder}`;
  const given = { source, imageSize, folderLayout: 'honoured', validationImages: 5, ...data } as const;
  return runConfigSchema.parse({ data: given, train: { batchSize: 1, evaluationImages: 100 } });
}

function openTraining(known: DatasetInfo | null = null, data: Partial<RunConfigInput['data']> = {}) {
  return openTrainingData(createConfig(data), { cacheFolder: folder, onProgress: () => undefined, known });
}

function openTest(known: DatasetInfo, changes: Partial<SamplingDataOptions> = {}) {
  return openSamplingData({
    protocol: {
      source: `folder:${folder}`,
      split: 'test',
      imageSize,
      maskLaw: 'counter',
      maskSeed: 1,
      keepRatio: 0.3,
      pasted: true,
      noiseSeed: 0,
    },
    cacheFolder: folder,
    known,
    images: 4,
    ...changes,
  });
}

type Opened = Awaited<ReturnType<typeof openTraining>>;

/** Returns the values of every held-out image as text. */
function listHeldOut({ scored }: Opened): string[] {
  const { values, count } = scored.images;
  const size = values.length / count;
  return Array.from({ length: count }, (_, index) => values.slice(index * size, (index + 1) * size).join());
}

function listTrainedOn({ source }: Opened): string[] {
  return Array.from({ length: source.stepsPerEpoch }, (_, step) =>
    source.imagesOf(step).images.values.join(),
  );
}

/** Writes a photograph of one grey level. */
async function writePhotograph(name: string, level: number): Promise<void> {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  const raw = { width: 40, height: 30, channels: 3 } as const;
  await sharp(Buffer.alloc(40 * 30 * 3, level), { raw }).toFile(path);
}

describe('the crops of a run', () => {
  const crops = { crops: true, cropScaleMin: 0.4 } as const;

  it('that it is scored on come from files that it is not trained on, nor any of them from test files', async () => {
    for (let index = 0; index < 20; index++) await writePhotograph(`p${index}.png`, 10 * index);
    const { info, source, scored } = await openTraining(null, { ...crops, validationImages: 3 });
    const levelOf = (value: number) => Math.round(value * 255);
    const levels = (images: typeof scored.images) =>
      new Set(Array.from({ length: images.count }, (_, row) => levelOf(imageAt(images, row).values[0])));
    const steps = Array.from({ length: source.stepsPerEpoch }, (_, step) => source.imagesOf(step).images);
    const trained = new Set(steps.flatMap((images) => [...levels(images)]));
    const held = levels(scored.images);
    const test = await openTest(info, { crops: { smallest: 0.4, largest: 1 }, images: 1000 });
    const tested = levels(test.truth);
    expect([held.size, trained.size + held.size, info.count]).toEqual([3, info.count, 20 - tested.size]);
    const all = [...trained, ...held, ...tested];
    expect(new Set(all).size).toBe(all.length);
    expect(test.protocol.datasetChecksum).toBe(info.splits?.test?.checksum);
    expect(source.stepsPerEpoch).toBe(trained.size * cropsPerEpoch);
    expect(countEpochSteps(createConfig({ ...crops, validationImages: 3 }), info.count)).toBe(
      source.stepsPerEpoch,
    );
  });

  it('are taken of folders only: other sources are read as without them', async () => {
    const input = { data: { crops: true }, train: { batchSize: 100 } };
    const { info, source } = await openSyntheticTraining(input);
    expect(info).toEqual((await openSyntheticTraining({ train: { batchSize: 100 } })).info);
    expect(source.stepsPerEpoch).toBe(40);
    const config = createConfig({ ...crops, source: 'synthetic', validationImages: 0 });
    expect(countEpochSteps(config, 4000)).toBe(4000);
  });
});

describe('the images of a run', () => {
  it('are recognised if nothing has changed, even in another folder', async () => {
    await writeImages(0, 40);
    const { info } = await openTraining();
    expect((await openTraining(info)).difference).toBeUndefined();
    renameSync(folder, `${folder} moved`);
    folder = `${folder} moved`;
    expect((await openTraining(info)).difference).toBeUndefined();
    expect((await openTest(info)).protocol.datasetChecksum).toBe(info.splits?.test?.checksum);
  });

  it('are reported as different, with both counts and checksums, after images were added, removed or overwritten', async () => {
    await writeImages(0, 40);
    const { info } = await openTraining();
    const { count, checksum } = info;
    await writeImages(100, 9);
    const added = await openTraining(info);
    expect(added.difference).toEqual({
      split: 'train',
      from: { count, checksum },
      to: { count: added.info.count, checksum: added.info.checksum },
    });
    expect(added.info.count).toBeGreaterThan(count);
    expect(added.info.splits?.test?.count).toBe(
      (await openTest(added.info, { images: 100 })).protocol.images,
    );
    await Promise.all(Array.from({ length: 9 }, (_, index) => rmSync(join(folder, `p${100 + index}.png`))));
    expect((await openTraining(info)).difference).toBeUndefined();
    await writeImage('p000.png', 999);
    await writeImage('p001.png', 998);
    expect((await openTraining(info)).difference).toMatchObject({ from: { count }, to: { count } });
  });

  it('held out for validation stay held out and untrained when images are added', async () => {
    await writeImages(0, 40);
    const before = await openTraining();
    await writeImages(100, 40);
    const after = await openTraining(before.info);
    expect(listHeldOut(after)).toEqual(expect.arrayContaining(listHeldOut(before)));
    expect(listTrainedOn(after).filter((image) => listHeldOut(before).includes(image))).toEqual([]);
    expect(listHeldOut(before)).toHaveLength(5);
  });

  it('are held out as in earlier versions, from the end of the list, if the folder layout is ignored', async () => {
    await writeImages(0, 40);
    const { info, scored } = await openTraining(null, { folderLayout: 'ignored' });
    expect(scored.indices).toEqual([0, 1, 2, 3, 4].map((index) => info.count - 5 + index));
  });

  it('in a validation folder are scored during training and never trained on', async () => {
    await writeImages(0, 10, 'train');
    await writeImages(100, 3, 'val');
    await writeImages(200, 4, 'test');
    const opened = await openTraining();
    expect([listHeldOut(opened).length, listTrainedOn(opened).length]).toEqual([3, 10]);
    await writeImage('val/p100.png', 500);
    expect((await openTraining(opened.info)).difference).toMatchObject({ split: 'validation' });
  });

  it('are compared before an evaluation, which refuses different ones unless that is accepted', async () => {
    await writeImages(0, 10, 'train');
    await writeImages(200, 4, 'test');
    const { info } = await openTraining();
    await writeImages(300, 2, 'test');
    const refused = openTest(info);
    await expect(refused).rejects.toThrow(DataError);
    await expect(refused).rejects.toThrow(
      /has 6 test images \(checksum .*\), but .* 4 test images \(checksum/,
    );
    expect((await openTest(info, { acceptChangedData: true })).protocol.images).toBe(4);
  });

  it('are recognised by the training images if the run has no checksum of its test images', async () => {
    await writeImages(0, 10, 'train');
    await writeImages(200, 4, 'test');
    const { info } = await openTraining();
    const old = { ...info, splits: undefined };
    expect((await openTest(old)).protocol.images).toBe(4);
    await writeImages(50, 1, 'train');
    await expect(openTest(old)).rejects.toThrow(/has 11 training images/);
  });
});

function openSynthetic(changes: Partial<SamplingDataOptions> = {}) {
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
    cacheFolder: sharedCacheFolder,
    images: 2,
    ...changes,
  });
}

describe('openSamplingData', () => {
  it('returns the first images with the masks of their indices, and a protocol that records this', async () => {
    const { truth, observations, protocol } = await openSynthetic();
    const masks = createMaskSource({
      law: 'counter',
      seed: 9,
      width: 11,
      height: 11,
      keepRatio: 0.3,
      targetRatio: 1,
    });
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

  it('observes one channel of each pixel of a Bayer pattern', async () => {
    const planned = (await openSynthetic()).protocol;
    const protocol = { ...planned, maskLaw: 'bayer', maskPhase: 'GRBG', keepRatio: 0.333333 } as const;
    const { truth, observations, protocol: found } = await openSynthetic({ protocol });
    expect(protocolSchema.parse(found)).toMatchObject({ maskLaw: 'bayer', maskPhase: 'GRBG' });
    observations.forEach(({ indices, channels, values }, image) => {
      expect([indices.length, values.length]).toEqual([121, 363]);
      indices.forEach((pixel, row) => {
        const channel = channels?.[row] ?? -1;
        const expected = [0, 0, 0];
        expected[channel] = imageAt(truth, image).values[3 * pixel + channel];
        expect([...values.subarray(3 * row, 3 * row + 3)]).toEqual(expected);
      });
    });
  });

  it('refuses grey images for a Bayer pattern, because one channel says everything', async () => {
    for (let number = 0; number < 12; number++) {
      mkdirSync(folder, { recursive: true });
      const pixels = Buffer.from(Array.from({ length: 363 }, (_, at) => Math.floor(at / 3) + number));
      const raw = { width: imageSize, height: imageSize, channels: 3 } as const;
      await sharp(pixels, { raw }).toFile(join(folder, `g${number}.png`));
    }
    const planned = (await openSynthetic()).protocol;
    const open = (maskLaw: 'bayer' | 'counter') =>
      openSamplingData({
        protocol: { ...planned, source: `folder:${folder}`, maskLaw },
        cacheFolder: folder,
        images: 2,
      });
    await expect(open('bayer')).rejects.toThrow(/are grey: .* leaves nothing to reconstruct/);
    await expect(open('bayer')).rejects.toBeInstanceOf(DataError);
    expect((await open('counter')).truth.count).toBeGreaterThan(0);
    const { data } = createConfig();
    const config = { data, mask: { law: 'bayer' }, field: { kind: 'unet', channelMask: true } } as const;
    const training = openTrainingData(runConfigSchema.parse(config), {
      cacheFolder: folder,
      onProgress: () => undefined,
      known: null,
    });
    await expect(training).rejects.toThrow('Expected images in colour');
  });

  it('records the mean number of observed pixels of a mixture', async () => {
    const planned = (await openSynthetic()).protocol;
    const maskMixture = 'text keep=0.8, uniform keep=0.1..0.3';
    const protocol = { ...planned, maskLaw: 'mixture', maskMixture } as const;
    const mixed = await openSynthetic({ protocol, images: 7 });
    const counts = mixed.observations.map(({ indices }) => indices.length);
    expect(new Set(counts).size).toBeGreaterThan(2);
    expect(mixed.protocol.observedPixels).toBe(Math.round(counts.reduce((sum, count) => sum + count, 0) / 7));
    expect(protocolSchema.parse(mixed.protocol)).toMatchObject({ maskLaw: 'mixture', maskMixture });
  });

  it('observes with the noise of the protocol, and notes it', async () => {
    const exact = await openSynthetic();
    const noisy = await openSynthetic({
      protocol: { ...exact.protocol, observationNoise: 0.1, pasted: false },
    });
    expect(noisy.truth).toEqual(exact.truth);
    expect(protocolSchema.parse(noisy.protocol)).toMatchObject({ observationNoise: 0.1, pasted: false });
    expect(exact.protocol).not.toHaveProperty('observationNoise');
    noisy.observations.forEach(({ indices, values }, image) => {
      expect(indices).toEqual(exact.observations[image].indices);
      const squares = values.map((value, at) => (value - exact.observations[image].values[at]) ** 2);
      const deviation = Math.sqrt(squares.reduce((sum, value) => sum + value, 0) / squares.length);
      // 108 numbers: four standard errors.
      expect(Math.abs(deviation / 0.1 - 1)).toBeLessThan(4 / Math.sqrt(2 * 108));
    });
  });

  it('returns images by index equal to those among the first', async () => {
    const [chosen, first] = [await openSynthetic({ images: [1] }), await openSynthetic()];
    expect(chosen.truth.values).toEqual(imageAt(first.truth, 1).values);
    expect(chosen.observations).toEqual([first.observations[1]]);
  });

  it('returns all images if there are fewer than requested, and refuses an index that does not exist', async () => {
    expect((await openSynthetic({ images: 5000 })).protocol.images).toBe(1000);
    await expect(openSynthetic({ images: [3, 1000] })).rejects.toThrow(
      'Image 1000, counted from 0, was requested, but the test split of synthetic has 1000 images (0 to 999).',
    );
  });
});

const cacheFolder = sharedCacheFolder;

function openSyntheticTraining(input: RunConfigInput) {
  const config = runConfigSchema.parse({ ...input, data: { imageSize, ...input.data } });
  return openTrainingData(config, { cacheFolder, onProgress: () => undefined });
}

describe('openTrainingData', () => {
  it('never trains on held-out images, and scores the first of them', async () => {
    const { source, scored, info } = await openSyntheticTraining({
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

  it('scores test images if none are held out, each with the mask of its index', async () => {
    const { scored } = await openSyntheticTraining({ train: { evaluationImages: 2 } });
    const dataset = await openDataset('synthetic', { split: 'test', imageSize, cacheFolder });
    expect(scored.images).toEqual(dataset.readImages([0, 1]));
    scored.observations.forEach(({ indices, values }, index) => {
      expect(indices).toHaveLength(24);
      const { values: truth } = imageAt(scored.images, index);
      expect(values.subarray(0, 3)).toEqual(truth.subarray(3 * indices[0], 3 * indices[0] + 3));
    });
  });

  it('scores images as they are observed in training: with noise', async () => {
    const input = { train: { evaluationImages: 2 } } as const;
    const exact = (await openSyntheticTraining(input)).scored;
    const { scored } = await openSyntheticTraining({ ...input, mask: { observationNoise: 0.2 } });
    expect(scored.images).toEqual(exact.images);
    expect(scored.observations.map(({ indices }) => indices)).toEqual(
      exact.observations.map(({ indices }) => indices),
    );
    expect(scored.observations[0].values).not.toEqual(exact.observations[0].values);
  });

  it('takes the requested number of steps, or as many as the epochs have', async () => {
    const byEpochs = await openSyntheticTraining({ train: { batchSize: 100, epochs: 3 } });
    expect([byEpochs.totalSteps, byEpochs.source.totalSteps]).toEqual([120, 120]);
    const bySteps = await openSyntheticTraining({ train: { batchSize: 100, epochs: 3, steps: 50 } });
    expect([bySteps.totalSteps, bySteps.source.totalSteps]).toEqual([50, 50]);
  });

  it('holds out at most a fifth of the images', async () => {
    const { source, scored } = await openSyntheticTraining({
      data: { validationImages: 4000 },
      train: { batchSize: 1, evaluationImages: 5000 },
    });
    expect(source.stepsPerEpoch).toBe(3200);
    expect(scored.images.count).toBe(800);
  });

  it('trains on a range of ratios, and scores at keepRatio', async () => {
    const mask = { keepRatioMin: 0.1, keepRatioMax: 0.7, law: 'counter', pool: 8 } as const;
    const { source, scored } = await openSyntheticTraining({ field: { kind: 'unet' }, mask });
    const counts = Array.from(
      { length: 40 },
      (_, row) => source.masks({ step: 0, row, batchSize: 40, image: row }).observed.length,
    );
    expect(new Set(counts).size).toBe(8);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(12);
    expect(Math.max(...counts)).toBeLessThanOrEqual(84);
    scored.observations.forEach(({ indices }) => expect(indices).toHaveLength(24));
  });

  it('refuses a mask that leaves no pixel to train on', async () => {
    await expect(openSyntheticTraining({ mask: { keepRatio: 1 } })).rejects.toThrow(
      'mask.keepRatio leaves no pixel to be trained on: choose a smaller ratio',
    );
  });
});
