import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeEach, describe, expect, it } from 'vitest';
import { DataError } from '../../main/compute/dataIdentity.ts';
import { openSamplingData, type SamplingDataOptions } from '../../main/compute/evaluation/samplingData.ts';
import { openTrainingData } from '../../main/compute/training/trainingData.ts';
import type { DatasetInfo } from '../../shared/dataset.ts';
import { type RunConfigInput, runConfigSchema } from '../../shared/config/config.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';

const imageSize = 11;
let folder = '';
beforeEach(() => {
  folder = join(makeTemporaryFolder(), 'images');
});

/** An image of noise that follows from its number. */
async function paint(name: string, number: number): Promise<void> {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  const hash = createHash('sha512').update(String(number)).digest();
  const pixels = Buffer.alloc(imageSize ** 2 * 3, hash);
  await sharp(pixels, { raw: { width: imageSize, height: imageSize, channels: 3 } }).toFile(path);
}

async function paintAll(first: number, count: number, place = '.'): Promise<void> {
  for (let number = first; number < first + count; number++)
    await paint(`${place}/p${String(number).padStart(3, '0')}.png`, number);
}

function configOf(data: Partial<RunConfigInput['data']> = {}) {
  const source = `folder:${folder}`;
  const given = { source, imageSize, folderLayout: 'honoured', validationImages: 5, ...data } as const;
  return runConfigSchema.parse({ data: given, train: { batchSize: 1, evaluationImages: 100 } });
}

function train(known: DatasetInfo | null = null, data: Partial<RunConfigInput['data']> = {}) {
  return openTrainingData(configOf(data), { cacheFolder: folder, onProgress: () => undefined, known });
}

function evaluate(known: DatasetInfo, changes: Partial<SamplingDataOptions> = {}) {
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

type Opened = Awaited<ReturnType<typeof train>>;

/** The images held out, by their values. */
function heldOut({ scored }: Opened): string[] {
  const { values, count } = scored.images;
  const size = values.length / count;
  return Array.from({ length: count }, (_, index) => values.slice(index * size, (index + 1) * size).join());
}

function trainedOn({ source }: Opened): string[] {
  return Array.from({ length: source.stepsPerEpoch }, (_, step) =>
    source.imagesOf(step).images.values.join(),
  );
}

describe('the images of a run', () => {
  it('are known again where nothing has changed, also at another place', async () => {
    await paintAll(0, 40);
    const { info } = await train();
    expect((await train(info)).difference).toBeUndefined();
    renameSync(folder, `${folder} moved`);
    folder = `${folder} moved`;
    expect((await train(info)).difference).toBeUndefined();
    expect((await evaluate(info)).protocol.datasetChecksum).toBe(info.splits?.test?.checksum);
  });

  it('are not the same where images were added, taken away or painted over: both counts and checksums are given', async () => {
    await paintAll(0, 40);
    const { info } = await train();
    const { count, checksum } = info;
    await paintAll(100, 9);
    const added = await train(info);
    expect(added.difference).toEqual({
      split: 'train',
      from: { count, checksum },
      to: { count: added.info.count, checksum: added.info.checksum },
    });
    expect(added.info.count).toBeGreaterThan(count);
    expect(added.info.splits?.test?.count).toBe(
      (await evaluate(added.info, { images: 100 })).protocol.images,
    );
    await Promise.all(Array.from({ length: 9 }, (_, index) => rmSync(join(folder, `p${100 + index}.png`))));
    expect((await train(info)).difference).toBeUndefined();
    await paint('p000.png', 999);
    await paint('p001.png', 998);
    expect((await train(info)).difference).toMatchObject({ from: { count }, to: { count } });
  });

  it('held out for validation stay held out when images are added, and none is trained on', async () => {
    await paintAll(0, 40);
    const before = await train();
    await paintAll(100, 40);
    const after = await train(before.info);
    expect(heldOut(after)).toEqual(expect.arrayContaining(heldOut(before)));
    expect(trainedOn(after).filter((image) => heldOut(before).includes(image))).toEqual([]);
    expect(heldOut(before)).toHaveLength(5);
  });

  it('of earlier versions are held out as they were: the last of the list', async () => {
    await paintAll(0, 40);
    const { info, scored } = await train(null, { folderLayout: 'ignored' });
    expect(scored.indices).toEqual([0, 1, 2, 3, 4].map((index) => info.count - 5 + index));
  });

  it('in a validation folder are scored while training, and never trained on', async () => {
    await paintAll(0, 10, 'train');
    await paintAll(100, 3, 'val');
    await paintAll(200, 4, 'test');
    const opened = await train();
    expect([heldOut(opened).length, trainedOn(opened).length]).toEqual([3, 10]);
    await paint('val/p100.png', 500);
    expect((await train(opened.info)).difference).toMatchObject({ split: 'validation' });
  });

  it('are looked at before an evaluation, which is refused on other ones unless that is accepted', async () => {
    await paintAll(0, 10, 'train');
    await paintAll(200, 4, 'test');
    const { info } = await train();
    await paintAll(300, 2, 'test');
    const refused = evaluate(info);
    await expect(refused).rejects.toThrow(DataError);
    await expect(refused).rejects.toThrow(
      /has 6 test images \(checksum .*\), but .* 4 test images \(checksum/,
    );
    expect((await evaluate(info, { acceptChangedData: true })).protocol.images).toBe(4);
  });

  it('of a run that never looked at its test images are known by those it was trained on', async () => {
    await paintAll(0, 10, 'train');
    await paintAll(200, 4, 'test');
    const { info } = await train();
    const old = { ...info, splits: undefined };
    expect((await evaluate(old)).protocol.images).toBe(4);
    await paintAll(50, 1, 'train');
    await expect(evaluate(old)).rejects.toThrow(/has 11 training images/);
  });
});
