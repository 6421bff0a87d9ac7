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
  folder = await mkdtemp(join(tmpdir(), 'pictures-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** An image of one colour in the format of the name's ending. */
async function paint(name: string, value: number, size = { width: 12, height: 10 }): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  const pixels = Buffer.alloc(size.width * size.height * 3, value);
  await sharp(pixels, { raw: { ...size, channels: 3 } }).toFile(join(folder, name));
}

function open(split: Split, options: Partial<OpenOptions> = {}) {
  return openDataset(`folder:${folder}`, { split, imageSize: 8, cacheFolder: folder, ...options });
}

/** First byte of each image of a split. */
async function levels(split: Split, options: Partial<OpenOptions> = {}): Promise<number[]> {
  return levelsOf(await open(split, options));
}

function levelsOf(dataset: Dataset): number[] {
  const indices = [...Array(dataset.info.count).keys()];
  return indices.map((index) => Math.round(dataset.readImages([index]).values[0] * 255));
}

/** [height, width] rows of RGB triples. */
function pixelsOf(rows: readonly (readonly number[])[][]) {
  const raw = { width: rows[0].length, height: rows.length, channels: rows[0][0].length as 1 | 2 | 3 | 4 };
  return sharp(Buffer.from(rows.flat(2)), { raw });
}

describe('folder of images', () => {
  it('is split by name: every image in exactly one part, in order of the names, about a tenth for testing', async () => {
    const names = Array.from({ length: 80 }, (_, index) => `p${String(index).padStart(2, '0')}.png`);
    for (const [index, name] of names.entries()) await paint(name, index);
    const train = await levels('train');
    const test = await levels('test');
    expect([...train, ...test].sort((a, b) => a - b)).toEqual([...Array(80).keys()]);
    expect([train, test]).toEqual([train.toSorted((a, b) => a - b), test.toSorted((a, b) => a - b)]);
    expect(test.length).toBeGreaterThanOrEqual(2);
    expect(test.length).toBeLessThanOrEqual(18);
  });

  it('does not change its split when an image comes in or is repainted', async () => {
    for (let index = 0; index < 40; index++) await paint(`p${index}.png`, index);
    const before = await levels('test');
    await paint('zz.png', 200);
    expect((await levels('test')).filter((level) => level !== 200)).toEqual(before);
  });

  it('has an image in both parts from two images on, and one image serves as both', async () => {
    await paint('a.png', 10);
    expect([await levels('train'), await levels('test')]).toEqual([[10], [10]]);
    expect((await open('test')).info.notes[0]).toContain('One image only');
    await paint('b.png', 20);
    expect([...(await levels('train')), ...(await levels('test'))].sort()).toEqual([10, 20]);
  });

  it('goes through all levels, and a link back to the top ends', async () => {
    await paint('a/b/c/deep.png', 1);
    await paint('top.jpeg', 2);
    await symlink(folder, join(folder, 'a', 'loop'));
    expect([...(await levels('train')), ...(await levels('test'))].sort()).toEqual([1, 2]);
  });

  it('skips and names damaged images and other files', async () => {
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

  it('goes by the header, not by the name', async () => {
    await paint('real.png', 77);
    await writeFile(join(folder, 'misnamed.txt'), await readFile(join(folder, 'real.png')));
    await rm(join(folder, 'real.png'));
    expect(await levels('train')).toEqual([77]);
  });

  it('without a readable image, or that does not exist, says what was found and expected', async () => {
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

  it('is cut to the centred square and resized by area average', async () => {
    // 32×16: black margins of 8 columns, within them 4×4 blocks of black and white dots whose mean is 127.5.
    const rows = Array.from({ length: 16 }, (_row, y) =>
      Array.from({ length: 32 }, (_column, x) =>
        Array(3).fill(x >= 8 && x < 24 && (x + y) % 2 === 0 ? 255 : 0),
      ),
    );
    await pixelsOf(rows).toFile(join(folder, 'dots.png'));
    const { values } = (await open('train')).readImages([0]);
    expect(new Set(values)).toEqual(new Set([Math.fround(128 / 255)]));
  });

  it('says which images are transparent, animated or large, and which other formats there are', async () => {
    await paint('plain.png', 9);
    const clear = (share: number) =>
      sharp(
        Buffer.from(
          Array.from({ length: 400 }, (_, index) => (index % 4 === 3 && index < 400 * share ? 0 : 200)),
        ),
        { raw: { width: 10, height: 10, channels: 4 } },
      ).png();
    await clear(0.2).toFile(join(folder, 'hole.png'));
    await clear(0.9).toFile(join(folder, 'sticker.png'));
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

describe('the split that a folder brings', () => {
  /** Paints images of consecutive levels into a folder. */
  async function fill(place: string, first: number, count: number): Promise<number[]> {
    const values = Array.from({ length: count }, (_, index) => first + index);
    for (const value of values) await paint(`${place}/p${value}.png`, value);
    return values;
  }
  const sorted = (values: readonly number[]) => values.toSorted((one, other) => one - other);

  it('is honoured: images in test folders are never trained on, and those in train folders always are', async () => {
    const train = await fill('train', 0, 30);
    const test = await fill('test', 100, 6);
    expect(sorted(await levels('train'))).toEqual(train);
    expect(sorted(await levels('test'))).toEqual(test);
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
    expect([sorted(levelsOf(opened)), sorted(await levels('test'))]).toEqual([train, test]);
    const held = await opened.openValidation?.();
    expect(held && sorted(levelsOf(held))).toEqual(validation);
  });

  it('takes the validation images as test images where there is no test folder, and says so', async () => {
    await fill('train', 0, 8);
    const validation = await fill('val', 100, 3);
    expect(await levels('test')).toEqual(validation);
    expect((await open('test')).info.notes[0]).toContain('the validation images are also the test images');
  });

  it('takes everything outside a lone test folder for training', async () => {
    const train = [...(await fill('a', 0, 5)), ...(await fill('b', 10, 5))];
    const test = await fill('test', 100, 2);
    expect([sorted(await levels('train')), await levels('test')]).toEqual([train, test]);
  });

  it('is found in every class folder', async () => {
    const train = [...(await fill('cats/train', 0, 5)), ...(await fill('dogs/train', 10, 5))];
    const test = [...(await fill('cats/test', 100, 2)), ...(await fill('dogs/test', 110, 2))];
    expect([sorted(await levels('train')), sorted(await levels('test'))]).toEqual([train, test]);
  });

  it('is not seen in a class that is called train', async () => {
    for (const [index, name] of ['bus', 'car', 'train'].entries()) await fill(name, index * 50, 30);
    expect((await open('train')).info.notes[0]).toContain('Split by a hash');
    expect((await levels('test')).length).toBeGreaterThan(0);
  });

  it('leaves out and names images outside its folders', async () => {
    await fill('train', 0, 5);
    await fill('test', 100, 2);
    await paint('banner.png', 250);
    expect([...(await levels('train')), ...(await levels('test'))]).not.toContain(250);
    expect((await open('train')).info.notes).toContain(
      'Left out 1 image outside the train, validation and test folders: banner.png.',
    );
  });

  it('is left alone by runs of earlier versions, which split everything by its name', async () => {
    const all = [...(await fill('train', 0, 40)), ...(await fill('test', 100, 20))];
    const old = { folderLayout: 'ignored' } as const;
    const train = await levels('train', old);
    expect(sorted([...train, ...(await levels('test', old))])).toEqual(all);
    expect(train.filter((level) => level >= 100).length).toBeGreaterThan(10);
  });
});

describe('one image in two files', () => {
  const copy = async (from: string, to: string) => {
    await mkdir(dirname(join(folder, to)), { recursive: true });
    await writeFile(join(folder, to), await readFile(join(folder, from)));
  };

  it('is never in both splits', async () => {
    for (let index = 0; index < 60; index++) {
      await paint(`p${index}.png`, index);
      await copy(`p${index}.png`, `copies/${index * 7}.png`);
    }
    const [train, test] = [new Set(await levels('train')), new Set(await levels('test'))];
    expect([...train].filter((level) => test.has(level))).toEqual([]);
    expect(train.size + test.size).toBe(60);
    expect(test.size).toBeGreaterThan(1);
  });

  it('is no training image where it is a test image, and the note names it', async () => {
    for (let index = 0; index < 6; index++) await paint(`train/p${index}.png`, index);
    await paint('test/t.png', 100);
    await copy('test/t.png', 'train/sub/same.png');
    expect([await levels('train'), await levels('test')]).toEqual([[0, 1, 2, 3, 4, 5], [100]]);
    expect((await open('train')).info.notes).toContain(
      'Left out 1 training or validation image with the same content as a test or validation image: train/sub/same.png.',
    );
  });
});

describe('names in a folder', () => {
  const words = ['größe', 'été', 'ångström', 'каждый', '한국어', 'naïve', 'plain'];
  const paintAll = async (form: 'NFC' | 'NFD', place: string) => {
    for (const [index, word] of words.entries())
      for (let number = 0; number < 8; number++)
        await paint(
          `${place}/${word.normalize(form)}/${`ü${number}`.normalize(form)}.png`,
          index * 8 + number,
        );
  };

  it('give the same split and checksum in composed and decomposed form', async () => {
    await paintAll('NFC', 'composed');
    await paintAll('NFD', 'decomposed');
    for (const split of ['train', 'test'] as const) {
      const [one, other] = await Promise.all(
        ['composed', 'decomposed'].map((place) =>
          openDataset(`folder:${join(folder, place)}`, { split, imageSize: 8, cacheFolder: folder }),
        ),
      );
      expect([other.info.count, other.info.checksum]).toEqual([one.info.count, one.info.checksum]);
    }
  });

  it('of plain letters give the split and order that earlier versions gave', async () => {
    for (let index = 0; index < 40; index++) await paint(`${index % 3}/P${index}.png`, index);
    for (const split of ['train', 'test'] as const)
      expect(await levels(split)).toEqual(await levels(split, { folderLayout: 'ignored' }));
  });

  it('of hidden, system and thumbnail files are passed over and noted', async () => {
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
    expect([...(await levels('train')), ...(await levels('test'))]).not.toContain(200);
    const { notes } = (await open('train')).info;
    expect(notes.at(-1)).toBe(
      'Left out hidden, system and thumbnail files: ._p1.png; .git/; .thumbnails/; @eaDir/; Thumbs.db; __MACOSX/; node_modules/; sub/Thumbnails/.',
    );
  });
});
