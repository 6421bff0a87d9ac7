/** Which files lab inpaint accepts, how it reads them, and which it refuses. */

import { mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { copyFile, rename } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { InpaintJob } from '../../main/compute/protocol.ts';
import { createInpaintHost, createSetup, writeImage, readPixels } from './exampleInpaint.ts';

const jobs: InpaintJob[] = [];
vi.mock(import('../../main/jobs/computeHost.ts'), async (importOriginal) => ({
  ...(await importOriginal()),
  forkHost: () =>
    createInpaintHost(jobs, (host, { id, width, height }) => {
      // Filling in megapixels would take seconds.
      const isLarge = width * height > 1e6;
      if (isLarge) host.emit({ type: 'inpaintingEnded', id, message: 'large' });
      return isLarge;
    }),
}));
beforeEach(() => void (jobs.length = 0));

describe('the pixels of an image', () => {
  /** Corners of the upright image: top left, top right, bottom left, bottom right. */
  const upright = ['RGBW', 'GRWB', 'WBGR', 'BWRG', 'RBGW', 'BRWG', 'WGBR', 'GWRB'];

  it.each(upright.map((corners, index) => [index + 1, corners] as const))(
    'are upright with EXIF orientation %d',
    async (orientation, corners) => {
      const { at, inpaint } = createSetup();
      const [red, green, blue] = ['#ff0000', '#00ff00', '#0000ff'].map((background) => ({
        create: { width: 16, height: 24, channels: 3, background } as const,
      }));
      await sharp({ create: { width: 32, height: 48, channels: 3, background: 'white' } })
        .composite([
          { input: red, left: 0, top: 0 },
          { input: green, left: 16, top: 0 },
          { input: blue, left: 0, top: 24 },
        ])
        .withMetadata({ orientation })
        .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
        .toFile(at('photo.jpg'));
      expect((await inpaint(at('photo.jpg'), '--keep', '1')).code).toBe(0);
      const { width, height, pixels } = await readPixels(at('out', 'photo.png'));
      expect([width, height]).toEqual(orientation < 5 ? [32, 48] : [48, 32]);
      const nameAt = (x: number, y: number) => {
        const [r, g, b] = pixels.subarray(3 * (y * width + x)).map((value) => (value > 128 ? 1 : 0));
        return r && g && b ? 'W' : 'RGB'[[r, g, b].indexOf(1)];
      };
      const [right, below] = [width - 2, height - 2];
      expect([nameAt(2, 2), nameAt(right, 2), nameAt(2, below), nameAt(right, below)].join('')).toBe(corners);
    },
  );

  it.each([
    [
      ['--ground', 'white'],
      [255, 255, 255, 200, 100, 50],
    ],
    [
      ['--ground', 'black'],
      [0, 0, 0, 200, 100, 50],
    ],
    [
      ['--ground', '#0A141e'],
      [10, 20, 30, 200, 100, 50],
    ],
  ])('are shown over the requested background where they are transparent: %j', async (args, expected) => {
    const { at, inpaint } = createSetup();
    const pixels = Uint8Array.of(9, 9, 9, 0, 200, 100, 50, 255);
    await sharp(pixels, { raw: { width: 2, height: 1, channels: 4 } }).toFile(at('clear.png'));
    const { code, stderr } = await inpaint(at('clear.png'), '--keep', '1', ...args);
    expect(code).toBe(0);
    expect(stderr).toContain('1 transparent pixel (50 %): shown over the background, as part of the image.');
    expect([...(await readPixels(at('out', 'clear.png'))).pixels]).toEqual(expected);
  });

  it('are converted to 8-bit RGB from 16-bit and grey images, and from a WebP named .jpg', async () => {
    const { at, inpaint } = createSetup();
    const deep = Uint16Array.from([0, 0x8080, 0xffff, 0x4040, 0x1010, 0x2020]);
    await sharp(deep, { raw: { width: 2, height: 1, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toFile(at('deep.png'));
    expect((await sharp(at('deep.png')).metadata()).depth).toBe('ushort');
    await sharp(Uint8Array.of(10, 240), { raw: { width: 2, height: 1, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toFile(at('grey.png'));
    const web = await writeImage(at('web.webp.png'));
    await sharp(at('web.webp.png')).webp({ lossless: true }).toFile(at('web.webp'));
    await rename(at('web.webp'), at('web.jpg'));
    const { code } = await inpaint(at('deep.png'), at('grey.png'), at('web.jpg'), '--keep', '1');
    expect(code).toBe(0);
    expect([...(await readPixels(at('out', 'deep.png'))).pixels]).toEqual([0, 128, 255, 64, 16, 32]);
    expect([...(await readPixels(at('out', 'grey.png'))).pixels]).toEqual([10, 10, 10, 240, 240, 240]);
    expect((await readPixels(at('out', 'web.png'))).pixels).toEqual(web);
  });
});

describe('files that are not usable images', () => {
  it('are reported one by one while the rest continues, with exit code 1', async () => {
    const { at, inpaint } = createSetup();
    await writeImage(at('good.png'));
    await writeImage(at('cut.png'), { width: 64, height: 64 });
    truncateSync(at('cut.png'), 300);
    await writeImage(at('cut.jpg'), { width: 64, height: 64 });
    truncateSync(at('cut.jpg'), Math.floor(statSync(at('cut.jpg')).size / 2));
    writeFileSync(at('empty.png'), '');
    writeFileSync(at('text.png'), 'I am a text.\n');
    writeFileSync(at('huge.png'), createEmptyPng(20_000, 10_000));
    writeFileSync(at('long.png'), readFileSync(at('good.png')));
    truncateSync(at('long.png'), 128 * 2 ** 20 + 1);
    const names = [
      'cut.png',
      'cut.jpg',
      'empty.png',
      'text.png',
      'huge.png',
      'long.png',
      'gone.png',
      'good.png',
    ];
    const { code, stdout, stderr } = await inpaint(...names.map((name) => at(name)));
    expect(code).toBe(1);
    const errorLine = (name: string) => stderr.split('\n').find((line) => line.startsWith(at(name))) ?? '';
    expect(errorLine('cut.png')).toContain('This PNG file is cut short: it is damaged.');
    expect(errorLine('cut.jpg')).toContain('This JPEG file is cut short: it is damaged.');
    expect(errorLine('empty.png')).toContain('(3 of 8)');
    expect(errorLine('empty.png')).toContain('The file is empty.');
    expect(errorLine('text.png')).toContain('This is not a PNG, JPEG or WebP image');
    expect(errorLine('huge.png')).toContain(
      '(200 megapixels); at most 40 megapixels can be used at full size. Use --fit',
    );
    expect(errorLine('long.png')).toContain('The file has 128.1 MiB; at most 128 MiB are possible.');
    expect(errorLine('gone.png')).toContain(`The file ${at('gone.png')} does not exist.`);
    expect(stdout).toContain('1 done, 0 up to date, 7 failed.');
    expect(jobs.length).toBe(1);
  });
});

describe('a mask file', () => {
  it('marks pixels that are at least half white as known', async () => {
    const { at, inpaint } = createSetup();
    await writeImage(at('photo.png'), { width: 4, height: 1 });
    await sharp(Uint8Array.of(0, 127, 128, 255), { raw: { width: 4, height: 1, channels: 1 } }).toFile(
      at('mask.png'),
    );
    const { code, stdout } = await inpaint(at('photo.png'), '--mask', at('mask.png'));
    expect(code).toBe(0);
    expect([...jobs[0].mask.bits]).toEqual([0, 0, 1, 1]);
    expect(jobs[0].truthIsKnown).toBe(false);
    expect(stdout).toMatch(/4×1 +2 \(50\.0 %\) +– +– +–/);
    await inpaint(at('photo.png'), '--mask', at('mask.png'), '--truth');
    expect(jobs[1].truthIsKnown).toBe(true);
  });

  it('is refused, with both sizes, if its size differs from that of the image', async () => {
    const { at, inpaint } = createSetup();
    await writeImage(at('photo.png'));
    await writeImage(at('mask.png'), { width: 3, height: 2 });
    const { code, stderr } = await inpaint(at('photo.png'), '--mask', at('mask.png'));
    expect([code, jobs.length]).toEqual([1, 0]);
    expect(stderr).toContain('The mask has 3 × 2 pixels, the image 8 × 6.');
  });

  it('is refused before anything is computed if it is not a usable mask', async () => {
    const { at, inpaint } = createSetup();
    await writeImage(at('photo.png'));
    await copyFile(at('photo.png'), at('cut.png'));
    truncateSync(at('cut.png'), 60);
    writeFileSync(at('text.png'), 'text');
    await sharp({ create: { width: 8, height: 6, channels: 3, background: '#202020' } }).toFile(
      at('dark.png'),
    );
    const readError = async (...args: string[]) => (await inpaint(at('photo.png'), ...args)).stderr;
    expect(await readError('--mask', at('text.png'))).toContain('This is not a PNG, JPEG or WebP image');
    expect(await readError('--mask', at('gone.png'))).toContain(`${at('gone.png')} does not exist`);
    expect(await readError('--mask', at('cut.png'))).toContain('is cut short');
    expect(await readError('--mask', at('dark.png'))).toContain(
      'marks no pixel as known: it has one brightness all over, 32 of 255. White marks known pixels',
    );
    expect(await readError('--invert-mask')).toContain('--invert-mask needs --mask FILE');
    expect(await readError('--mask', at('photo.png'), '--keep', '0.5')).toContain(
      '--mask and --keep exclude each other',
    );
    expect(jobs.length).toBe(0);
  });
});

describe('a folder of masks', () => {
  /** Writes a mask of 4 × 1 pixels in which only the pixel of this number is known. */
  const writeMask = (file: string, known: number) =>
    sharp(
      Uint8Array.from({ length: 4 }, (_, pixel) => (pixel === known ? 255 : 0)),
      {
        raw: { width: 4, height: 1, channels: 1 },
      },
    ).toFile(file);

  it('has a mask for each image, found by its name', async () => {
    const { at, inpaint } = createSetup();
    mkdirSync(at('masks'));
    for (const name of ['a.png', 'b.png', 'c.png', 'd.png'])
      await writeImage(at(name), { width: 4, height: 1 });
    await writeMask(at('masks', 'A.png'), 0);
    await writeMask(at('masks', 'b_mask.png'), 1);
    await writeMask(at('masks', 'c.jpg'), 2);
    await writeMask(at('masks', 'c.webp'), 2);
    await writeMask(at('masks', 'spare.png'), 3);
    const names = ['a.png', 'b.png', 'c.png', 'd.png'].map((name) => at(name));
    const { code, stderr, stdout } = await inpaint(...names, '--mask', at('masks'));
    expect(code).toBe(1);
    expect(jobs.map(({ id, mask }) => [id, ...mask.bits])).toEqual([
      ['a', 1, 0, 0, 0],
      ['b', 0, 1, 0, 0],
    ]);
    expect(stderr).toContain('1 file without an image: spare.png.');
    expect(stderr).toContain(`has 2 masks in ${at('masks')}: c.jpg, c.webp; expected one.`);
    expect(stderr).toContain('Name it d.png or d_mask.png.');
    expect(stdout).toContain('2 done, 0 up to date, 2 failed.');
    expect(readFileSync(at('out', 'results.csv'), 'utf8')).toContain('b_mask.png');
    const again = await inpaint(at('a.png'), '--mask', at('masks'), '--invert-mask');
    expect([again.code, ...jobs[2].mask.bits]).toEqual([0, 0, 1, 1, 1]);
  });

  it('may be the folder of the images', async () => {
    const { at, inpaint } = createSetup();
    mkdirSync(at('both'));
    await writeImage(at('both', 'a.png'), { width: 4, height: 1 });
    await writeMask(at('both', 'a_mask.png'), 3);
    expect((await inpaint(at('both', 'a.png'), '--mask', at('both'))).code).toBe(0);
    expect([...jobs[0].mask.bits]).toEqual([0, 0, 0, 1]);
  });
});

describe('the transparent part of an image', () => {
  /** Writes an orange image of 8 × 8 pixels with a transparent square of 4 × 4, and returns its opaque pixels. */
  async function writeHole(file: string): Promise<Uint8Array> {
    const opaque = Uint8Array.from({ length: 64 }, (_, pixel) => {
      const x = pixel % 8;
      const y = Math.floor(pixel / 8);
      return x >= 2 && x < 6 && y >= 2 && y < 6 ? 0 : 1;
    });
    const rgba = Uint8Array.from({ length: 256 }, (_, index) =>
      index % 4 === 3 ? 255 * opaque[Math.floor(index / 4)] : [250, 140, index % 97][index % 4],
    );
    await sharp(rgba, { raw: { width: 8, height: 8, channels: 4 } }).toFile(file);
    return opaque;
  }

  it('is filled in, and never scored', async () => {
    const { at, inpaint } = createSetup();
    const opaque = await writeHole(at('hole.png'));
    const { code, stdout, stderr } = await inpaint(at('hole.png'));
    expect(code).toBe(0);
    expect(jobs[0]).toMatchObject({ truthIsKnown: false, mask: { bits: opaque }, opaque });
    expect(stderr).toContain(
      '16 transparent pixels (25 %): hidden, to be filled in. There is no truth to score them against.',
    );
    expect(stdout).toMatch(/8×8 +48 \(75\.0 %\) +– +– +–/);
    jobs.length = 0;
    await inpaint(at('hole.png'));
    expect(jobs).toEqual([]);
  });

  it.each([[['--keep', '0.5']], [['--mask', 'white.png', '--truth']]])(
    'is neither known nor scored with %j',
    async (args) => {
      const { at, inpaint } = createSetup();
      const opaque = await writeHole(at('hole.png'));
      const white = { create: { width: 8, height: 8, channels: 3, background: 'white' } } as const;
      await sharp(white).toFile(at('white.png'));
      await inpaint(at('hole.png'), ...args.map((word) => (word.endsWith('.png') ? at(word) : word)));
      expect(jobs[0]).toMatchObject({ truthIsKnown: false, opaque });
    },
  );

  it('is the hole of the mask if the image itself is given as a mask', async () => {
    const { at, inpaint } = createSetup();
    const opaque = await writeHole(at('hole.png'));
    await writeImage(at('photo.png'), { width: 8, height: 8 });
    const { stderr } = await inpaint(at('photo.png'), '--mask', at('hole.png'));
    expect(jobs[0].mask.bits).toEqual(opaque);
    expect(stderr).toContain('Its opaque pixels are known and its transparent ones are not (25 %).');
  });

  it('gives the image a different identity from that of its opaque copy', async () => {
    const { at, inpaint } = createSetup();
    await writeHole(at('hole.png'));
    await sharp(at('hole.png')).flatten({ background: 'white' }).toFile(at('flat.png'));
    await inpaint(at('hole.png'), at('flat.png'));
    const idOf = async (name: string) =>
      /"pictureId":"(\w+)"/.exec(readFileSync(at('out', name), 'latin1'))?.[1];
    expect(await idOf('hole.png')).toMatch(/^[0-9a-f]{16}$/);
    expect(await idOf('hole.png')).not.toBe(await idOf('flat.png'));
  });
});

describe('a large image', () => {
  it('is reduced with --fit, which the error without it suggests', async () => {
    const { at, inpaint } = createSetup();
    const create = { width: 8064, height: 6048, channels: 3, background: '#336699' } as const;
    await sharp({ create }).png({ compressionLevel: 1 }).toFile(at('photo.png'));
    const refused = await inpaint(at('photo.png'));
    expect([refused.code, jobs.length]).toEqual([1, 0]);
    expect(refused.stderr).toContain('Use --fit to reconstruct its centre square');
    const { stderr } = await inpaint(at('photo.png'), '--fit');
    expect(jobs[0]).toMatchObject({ fit: 'fit', width: 4032, height: 3024 });
    expect(stderr).toContain('It was reduced from 8064 × 6048 to 4032 × 3024 pixels');
  });
});

describe('a mask in which white marks the hole', () => {
  async function writeDisc(file: string): Promise<void> {
    const bytes = Uint8Array.from({ length: 1024 }, (_, pixel) =>
      Math.hypot((pixel % 32) - 16, Math.floor(pixel / 32) - 16) < 7 ? 255 : 0,
    );
    await sharp(bytes, { raw: { width: 32, height: 32, channels: 1 } }).toFile(file);
  }

  it('causes a hint, and is inverted by --invert-mask', async () => {
    const { at, inpaint } = createSetup();
    await writeImage(at('photo.png'), { width: 32, height: 32 });
    await writeDisc(at('disc.png'));
    const plain = await inpaint(at('photo.png'), '--mask', at('disc.png'));
    expect(plain.stderr).toContain('White means known here: 14 % of the pixels');
    expect(plain.stderr).toContain('If white marks the hole, use --invert-mask.');
    const inverted = await inpaint(at('photo.png'), '--mask', at('disc.png'), '--invert-mask');
    expect(inverted.stderr).not.toContain('--invert-mask');
    expect(jobs[1].mask.bits).toEqual(jobs[0].mask.bits.map((known) => 1 - known));
  });
});

/** Returns a PNG that announces its size but has no pixels. */
function createEmptyPng(width: number, height: number): Uint8Array {
  const header = Buffer.alloc(25);
  header.writeUInt32BE(13, 0);
  header.write('IHDR', 4, 'latin1');
  header.writeUInt32BE(width, 8);
  header.writeUInt32BE(height, 12);
  header.set([8, 2, 0, 0, 0], 16);
  header.writeUInt32BE(crc32(header.subarray(4, 21)), 21);
  const data = Buffer.alloc(12);
  data.write('IDAT', 4, 'latin1');
  data.writeUInt32BE(crc32(data.subarray(4, 8)), 8);
  const end = Buffer.from([0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82]);
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), header, data, end]);
}
