import { mkdir, mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Dataset, OpenOptions } from '../../main/datasets/dataset.ts';
import { openDataset } from '../../main/datasets/registry.ts';
import type { Split } from '../../shared/dataset.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'images-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Writes an image of one colour in the format of the file extension. */
async function paint(name: string, value: number, size = { width: 12, height: 10 }): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  const pixels = Buffer.alloc(size.width * size.height * 3, value);
  await sharp(pixels, { raw: { ...size, channels: 3 } }).toFile(join(folder, name));
}

function open(split: Split, options: Partial<OpenOptions> = {}) {
  return openDataset(`folder:${folder}`, { split, imageSize: 8, cacheFolder: folder, ...options });
}

/** Opens a split and returns the first byte of each image. */
async function readLevels(split: Split, options: Partial<OpenOptions> = {}): Promise<number[]> {
  return levelsOf(await open(split, options));
}

function levelsOf(dataset: Dataset): number[] {
  const indices = [...Array(dataset.info.count).keys()];
  return indices.map((index) => Math.round(dataset.readImages([index]).values[0] * 255));
}

/** Creates an image from rows of pixels with one to four channels. */
function createImage(rows: readonly (readonly number[])[][]) {
  const raw = { width: rows[0].length, height: rows.length, channels: rows[0][0].length as 1 | 2 | 3 | 4 };
  return sharp(Buffer.from(rows.flat(2)), { raw });
}

describe('a folder of images', () => {
  it('is split by file names into training and about a tenth test images, both in order of their names', async () => {
    const names = Array.from({ length: 80 }, (_, index) => `p${String(index).padStart(2, '0')}.png`);
    for (const [index, name] of names.entries()) await paint(name, index);
    const train = await readLevels('train');
    const test = await readLevels('test');
    expect([...train, ...test].sort((a, b) => a - b)).toEqual([...Array(80).keys()]);
    expect([train, test]).toEqual([train.toSorted((a, b) => a - b), test.toSorted((a, b) => a - b)]);
    expect(test.length).toBeGreaterThanOrEqual(2);
    expect(test.length).toBeLessThanOrEqual(18);
  });

  it('keeps its split if an image is added or changed', async () => {
    for (let index = 0; index < 40; index++) await paint(`p${index}.png`, index);
    const before = await readLevels('test');
    await paint('zz.png', 200);
    expect((await readLevels('test')).filter((level) => level !== 200)).toEqual(before);
  });

  it('has at least one image in each split, and uses a single image for both', async () => {
    await paint('a.png', 10);
    expect([await readLevels('train'), await readLevels('test')]).toEqual([[10], [10]]);
    expect((await open('test')).info.notes[0]).toContain('One image only');
    await paint('b.png', 20);
    expect([...(await readLevels('train')), ...(await readLevels('test'))].sort()).toEqual([10, 20]);
  });

  it('is searched recursively, even with a link to a parent folder', async () => {
    await paint('a/b/c/deep.png', 1);
    await paint('top.jpeg', 2);
    await symlink(folder, join(folder, 'a', 'loop'));
    expect([...(await readLevels('train')), ...(await readLevels('test'))].sort()).toEqual([1, 2]);
  });

  it('is read without damaged images and other files, which are noted', async () => {
    for (let index = 0; index < 6; index++)
      await paint(`good${index}.webp`, 50 + 20 * index, { width: 40, height: 40 });
    for (let index = 0; index < 20; index++) {
      await paint(`bad${index}.png`, 60, { width: 64, height: 64 });
      await truncate(join(folder, `bad${index}.png`), 60);
    }
    await writeFile(join(folder, 'notes.png'), 'no image at all');
    await symlink('nowhere', join(folder, 'broken.png'));
    const { info } = await open('train');
    expect(info.count).toBeGreaterThan(0);
    expect(info.notes.join('\n')).toMatch(/Skipped \d+ images that cannot be read: bad\d+\.png \(/);
    expect(info.notes.at(-1)).toBe('Ignored 2 files that are no images: broken.png; notes.png.');
  });

  it('is read by the headers of its files, not by their names', async () => {
    await paint('real.png', 77);
    await writeFile(join(folder, 'misnamed.txt'), await readFile(join(folder, 'real.png')));
    await rm(join(folder, 'real.png'));
    expect(await readLevels('train')).toEqual([77]);
  });

  it('is rejected with what was found and expected if it has no readable image or does not exist', async () => {
    await writeFile(join(folder, 'readme.md'), 'hello');
    await expect(open('train')).rejects.toThrow(
      /no readable PNG, JPEG or WebP .* Found 1 other file: readme\.md/,
    );
    const missing = openDataset('folder:/nowhere/at/all', {
      split: 'train',
      imageSize: 8,
      cacheFolder: folder,
    });
    await expect(missing).rejects.toThrow('Expected a folder of images');
  });

  it('has its images cropped to the centred square and resized by area averages', async () => {
    // The image has 32×16 pixels: black margins of 8 columns, and a black and white chequerboard of mean 127.5 between them.
    const rows = Array.from({ length: 16 }, (_row, y) =>
      Array.from({ length: 32 }, (_column, x) =>
        Array(3).fill(x >= 8 && x < 24 && (x + y) % 2 === 0 ? 255 : 0),
      ),
    );
    await createImage(rows).toFile(join(folder, 'dots.png'));
    const { values } = (await open('train')).readImages([0]);
    expect(new Set(values)).toEqual(new Set([Math.fround(128 / 255)]));
  });

  it('is described by notes on transparent and large images and on formats that cannot be read', async () => {
    await paint('plain.png', 9);
    const createTransparent = (fraction: number) =>
      sharp(
        Buffer.from(
          Array.from({ length: 400 }, (_, index) => (index % 4 === 3 && index < 400 * fraction ? 0 : 200)),
        ),
        { raw: { width: 10, height: 10, channels: 4 } },
      ).png();
    await createTransparent(0.2).toFile(join(folder, 'hole.png'));
    await createTransparent(0.9).toFile(join(folder, 'sticker.png'));
    const create = { width: 8064, height: 6048, channels: 3, background: 'red' } as const;
    await sharp({ create }).png({ compressionLevel: 1 }).toFile(join(folder, 'large.png'));
    const heic = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1');
    for (const name of ['a.heic', 'b.heic']) await writeFile(join(folder, name), heic);
    await writeFile(join(folder, 'scan.tif'), 'II*\0\x08\0\0\0\0\0\0\0\0\0');
    const notes = [...(await open('train')).info.notes, ...(await open('test')).info.notes].join('\n');
    expect(notes).toMatch(/\d images? with transparent parts, shown over white: .*hole\.png/);
    expect(notes).toContain('Mostly transparent: sticker.png.');
    expect(notes).toContain('1 large image reduced while read: large.png.');
    expect(notes).toContain('2 HEIC images and 1 TIFF image cannot be read: export them as JPEG or PNG.');
  });
});

describe('the split by subfolders', () => {
  /** Writes images of consecutive levels into a subfolder, and returns the levels. */
  async function fill(subfolder: string, first: number, count: number): Promise<number[]> {
    const values = Array.from({ length: count }, (_, index) => first + index);
    for (const value of values) await paint(`${subfolder}/p${value}.png`, value);
    return values;
  }
  const sorted = (values: readonly number[]) => values.toSorted((one, other) => one - other);

  it('uses images in test folders only for testing, and those in train folders only for training', async () => {
    const train = await fill('train', 0, 30);
    const test = await fill('test', 100, 6);
    expect(sorted(await readLevels('train'))).toEqual(train);
    expect(sorted(await readLevels('test'))).toEqual(test);
    expect((await open('train')).openValidation).toBeUndefined();
    expect((await open('train')).info.notes[0]).toBe(
      'Split as the folders say: 30 training images in train/; 6 test images in test/.',
    );
  });

  it.each([
    ['Train', 'TEST', 'Val'],
    ['training', 'testing', 'validation'],
    ['train2017', 'test2017', 'val2017'],
    ['set/DIV2K_train_HR', 'set/DIV2K_test_HR', 'set/DIV2K_valid_HR'],
  ])('is read from the folders %s, %s and %s', async (trainFolder, testFolder, validationFolder) => {
    const train = await fill(`${trainFolder}/cats`, 0, 12);
    const test = await fill(testFolder, 100, 3);
    const validation = await fill(validationFolder, 200, 4);
    const opened = await open('train');
    expect([sorted(levelsOf(opened)), sorted(await readLevels('test'))]).toEqual([train, test]);
    const held = await opened.openValidation?.();
    expect(held && sorted(levelsOf(held))).toEqual(validation);
  });

  it('uses the validation images as test images if there is no test folder, and notes it', async () => {
    await fill('train', 0, 8);
    const validation = await fill('val', 100, 3);
    expect(await readLevels('test')).toEqual(validation);
    expect((await open('test')).info.notes[0]).toContain('the validation images are also the test images');
  });

  it('uses all images outside a lone test folder for training', async () => {
    const train = [...(await fill('a', 0, 5)), ...(await fill('b', 10, 5))];
    const test = await fill('test', 100, 2);
    expect([sorted(await readLevels('train')), await readLevels('test')]).toEqual([train, test]);
  });

  it('works inside class folders', async () => {
    const train = [...(await fill('cats/train', 0, 5)), ...(await fill('dogs/train', 10, 5))];
    const test = [...(await fill('cats/test', 100, 2)), ...(await fill('dogs/test', 110, 2))];
    expect([sorted(await readLevels('train')), sorted(await readLevels('test'))]).toEqual([train, test]);
  });

  it('ignores a class named train', async () => {
    for (const [index, name] of ['bus', 'car', 'train'].entries()) await fill(name, index * 50, 30);
    expect((await open('train')).info.notes[0]).toContain('Split by a hash');
    expect((await readLevels('test')).length).toBeGreaterThan(0);
  });

  it('leaves out and names images outside its folders', async () => {
    await fill('train', 0, 5);
    await fill('test', 100, 2);
    await paint('banner.png', 250);
    expect([...(await readLevels('train')), ...(await readLevels('test'))]).not.toContain(250);
    expect((await open('train')).info.notes).toContain(
      'Left out 1 image outside the train, validation and test folders: banner.png.',
    );
  });

  it('is ignored for runs of earlier versions, which split by file names', async () => {
    const all = [...(await fill('train', 0, 40)), ...(await fill('test', 100, 20))];
    const old = { folderLayout: 'ignored' } as const;
    const train = await readLevels('train', old);
    expect(sorted([...train, ...(await readLevels('test', old))])).toEqual(all);
    expect(train.filter((level) => level >= 100).length).toBeGreaterThan(10);
  });
});

describe('an image in two files', () => {
  const copy = async (from: string, to: string) => {
    await mkdir(dirname(join(folder, to)), { recursive: true });
    await writeFile(join(folder, to), await readFile(join(folder, from)));
  };

  it('is never in both splits', async () => {
    for (let index = 0; index < 60; index++) {
      await paint(`p${index}.png`, index);
      await copy(`p${index}.png`, `copies/${index * 7}.png`);
    }
    const train = new Set(await readLevels('train'));
    const test = new Set(await readLevels('test'));
    expect([...train].filter((level) => test.has(level))).toEqual([]);
    expect(train.size + test.size).toBe(60);
    expect(test.size).toBeGreaterThan(1);
  });

  it('is left out of the training images, with a note, if it is a test image', async () => {
    for (let index = 0; index < 6; index++) await paint(`train/p${index}.png`, index);
    await paint('test/t.png', 100);
    await copy('test/t.png', 'train/sub/same.png');
    expect([await readLevels('train'), await readLevels('test')]).toEqual([[0, 1, 2, 3, 4, 5], [100]]);
    expect((await open('train')).info.notes).toContain(
      'Left out 1 training or validation image with the same content as a test or validation image: train/sub/same.png.',
    );
  });
});

describe('file names in a folder', () => {
  const words = ['größe', 'été', 'ångström', 'каждый', '한국어', 'naïve', 'plain'];
  const paintAll = async (form: 'NFC' | 'NFD', subfolder: string) => {
    for (const [index, word] of words.entries())
      for (let number = 0; number < 8; number++)
        await paint(
          `${subfolder}/${word.normalize(form)}/${`ü${number}`.normalize(form)}.png`,
          index * 8 + number,
        );
  };

  it('result in the same split and checksum in composed and decomposed Unicode', async () => {
    await paintAll('NFC', 'composed');
    await paintAll('NFD', 'decomposed');
    for (const split of ['train', 'test'] as const) {
      const [one, other] = await Promise.all(
        ['composed', 'decomposed'].map((subfolder) =>
          openDataset(`folder:${join(folder, subfolder)}`, { split, imageSize: 8, cacheFolder: folder }),
        ),
      );
      expect([other.info.count, other.info.checksum]).toEqual([one.info.count, one.info.checksum]);
    }
  });

  it('in ASCII result in the same split and order as in earlier versions', async () => {
    for (let index = 0; index < 40; index++) await paint(`${index % 3}/P${index}.png`, index);
    for (const split of ['train', 'test'] as const)
      expect(await readLevels(split)).toEqual(await readLevels(split, { folderLayout: 'ignored' }));
  });

  it('of hidden, system and thumbnail files are ignored and noted', async () => {
    for (let index = 0; index < 5; index++) await paint(`p${index}.png`, index);
    const strays = [
      '.git/a.png',
      '.thumbnails/b.png',
      'node_modules/x/c.png',
      '__MACOSX/d.png',
      '@eaDir/e.png',
    ];
    for (const stray of [...strays, 'sub/Thumbnails/f.png', '._p1.png']) await paint(stray, 200);
    await writeFile(join(folder, 'Thumbs.db'), 'cache');
    expect([...(await readLevels('train')), ...(await readLevels('test'))]).not.toContain(200);
    const { notes } = (await open('train')).info;
    expect(notes.at(-1)).toBe(
      'Left out hidden, system and thumbnail files: ._p1.png; .git/; .thumbnails/; @eaDir/; Thumbs.db; __MACOSX/; node_modules/; sub/Thumbnails/.',
    );
  });
});
