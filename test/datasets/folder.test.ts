import { mkdir, mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { openDataset } from '../../main/datasets/registry.ts';
import type { Split } from '../../shared/dataset.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pictures-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A picture of one colour in the format of the name's ending. */
async function paint(name: string, value: number, size = { width: 12, height: 10 }): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  const pixels = Buffer.alloc(size.width * size.height * 3, value);
  await sharp(pixels, { raw: { ...size, channels: 3 } }).toFile(join(folder, name));
}

function open(split: Split, imageSize = 8) {
  return openDataset(`folder:${folder}`, { split, imageSize, cacheFolder: folder });
}

/** First byte of each image of a split. */
async function levels(split: Split): Promise<number[]> {
  const dataset = await open(split);
  const indices = [...Array(dataset.info.count).keys()];
  return indices.map((index) => Math.round(dataset.readImages([index]).values[0] * 255));
}

/** [height, width] rows of RGB triples. */
function pixelsOf(rows: readonly (readonly number[])[][]) {
  const raw = { width: rows[0].length, height: rows.length, channels: rows[0][0].length as 1 | 2 | 3 | 4 };
  return sharp(Buffer.from(rows.flat(2)), { raw });
}

describe('folder of pictures', () => {
  it('is split by name: every picture in exactly one part, in order of the names, about a tenth for testing', async () => {
    const names = Array.from({ length: 80 }, (_, index) => `p${String(index).padStart(2, '0')}.png`);
    for (const [index, name] of names.entries()) await paint(name, index);
    const train = await levels('train');
    const test = await levels('test');
    expect([...train, ...test].sort((a, b) => a - b)).toEqual([...Array(80).keys()]);
    expect([train, test]).toEqual([train.toSorted((a, b) => a - b), test.toSorted((a, b) => a - b)]);
    expect(test.length).toBeGreaterThanOrEqual(2);
    expect(test.length).toBeLessThanOrEqual(18);
  });

  it('does not change its split when a picture comes in or is repainted', async () => {
    for (let index = 0; index < 40; index++) await paint(`p${index}.png`, index);
    const before = await levels('test');
    await paint('zz.png', 200);
    expect((await levels('test')).filter((level) => level !== 200)).toEqual(before);
  });

  it('has a picture in both parts from two pictures on, and one picture serves as both', async () => {
    await paint('a.png', 10);
    expect([await levels('train'), await levels('test')]).toEqual([[10], [10]]);
    expect((await open('test')).info.notes[0]).toContain('One picture only');
    await paint('b.png', 20);
    expect([...(await levels('train')), ...(await levels('test'))].sort()).toEqual([10, 20]);
  });

  it('goes through all levels, and a link back to the top ends', async () => {
    await paint('a/b/c/deep.png', 1);
    await paint('top.jpeg', 2);
    await symlink(folder, join(folder, 'a', 'loop'));
    expect([...(await levels('train')), ...(await levels('test'))].sort()).toEqual([1, 2]);
  });

  it('skips and names damaged pictures and other files', async () => {
    for (let index = 0; index < 6; index++) await paint(`good${index}.webp`, 50, { width: 40, height: 40 });
    for (let index = 0; index < 20; index++) {
      await paint(`bad${index}.png`, 60, { width: 64, height: 64 });
      await truncate(join(folder, `bad${index}.png`), 60);
    }
    await writeFile(join(folder, 'notes.png'), 'no picture at all');
    await symlink('nowhere', join(folder, 'broken.png'));
    const { info } = await open('train');
    expect(info.count).toBeGreaterThan(0);
    expect(info.notes.join('\n')).toMatch(/Skipped \d+ pictures: bad\d+\.png \(/);
    expect(info.notes.at(-1)).toBe('Ignored 2 files that are no picture: broken.png; notes.png.');
  });

  it('goes by the header, not by the name', async () => {
    await paint('real.png', 77);
    await writeFile(join(folder, 'misnamed.txt'), await readFile(join(folder, 'real.png')));
    await rm(join(folder, 'real.png'));
    expect(await levels('train')).toEqual([77]);
  });

  it('without a readable picture, or that does not exist, says what was found and expected', async () => {
    await writeFile(join(folder, 'readme.md'), 'hello');
    await expect(open('train')).rejects.toThrow(/no readable PNG, JPEG or WebP .* 1 other files: readme\.md/);
    const missing = openDataset('folder:/nowhere/at/all', {
      split: 'train',
      imageSize: 8,
      cacheFolder: folder,
    });
    await expect(missing).rejects.toThrow('Expected a folder of pictures');
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
