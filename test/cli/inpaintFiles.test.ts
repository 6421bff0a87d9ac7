/** Which files lab inpaint takes, what it sees in them, and which it leaves alone. */

import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { copyFile, rename } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { InpaintJob } from '../../main/compute/inpaintProtocol.ts';
import { createInpaintHost, makePlace, paint, readPixels } from './exampleInpaint.ts';

const jobs: InpaintJob[] = [];
vi.mock('../../main/jobs/forkHost.ts', () => ({ forkHost: () => createInpaintHost(jobs) }));
beforeEach(() => void (jobs.length = 0));

describe('the pixels of a picture', () => {
  /** Corners of the upright picture: above left, above right, below left, below right. */
  const upright = ['RGBW', 'GRWB', 'WBGR', 'BWRG', 'RBGW', 'BRWG', 'WGBR', 'GWRB'];

  it.each(upright.map((corners, index) => [index + 1, corners] as const))(
    'are upright with EXIF orientation %d',
    async (orientation, corners) => {
      const { at, inpaint } = makePlace();
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
    [[], [255, 255, 255, 200, 100, 50]],
    [
      ['--ground', 'black'],
      [0, 0, 0, 200, 100, 50],
    ],
    [
      ['--ground', '#0A141e'],
      [10, 20, 30, 200, 100, 50],
    ],
  ])('stand over the ground where they are transparent: %j', async (words, expected) => {
    const { at, inpaint } = makePlace();
    const pixels = Uint8Array.of(9, 9, 9, 0, 200, 100, 50, 255);
    await sharp(pixels, { raw: { width: 2, height: 1, channels: 4 } }).toFile(at('clear.png'));
    expect((await inpaint(at('clear.png'), '--keep', '1', ...words)).code).toBe(0);
    expect([...(await readPixels(at('out', 'clear.png'))).pixels]).toEqual(expected);
  });

  it('are 8-bit RGB of 16-bit and grey pictures, and of a WebP called .jpg', async () => {
    const { at, inpaint } = makePlace();
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
    const web = await paint(at('web.webp.png'));
    await sharp(at('web.webp.png')).webp({ lossless: true }).toFile(at('web.webp'));
    await rename(at('web.webp'), at('web.jpg'));
    const { code } = await inpaint(at('deep.png'), at('grey.png'), at('web.jpg'), '--keep', '1');
    expect(code).toBe(0);
    expect([...(await readPixels(at('out', 'deep.png'))).pixels]).toEqual([0, 128, 255, 64, 16, 32]);
    expect([...(await readPixels(at('out', 'grey.png'))).pixels]).toEqual([10, 10, 10, 240, 240, 240]);
    expect((await readPixels(at('out', 'web.png'))).pixels).toEqual(web);
  });
});

describe('files that are no good picture', () => {
  it('are told one by one while the rest goes on, with exit code 1', async () => {
    const { at, inpaint } = makePlace();
    await paint(at('good.png'));
    await paint(at('cut.png'), { width: 64, height: 64 });
    truncateSync(at('cut.png'), 300);
    await paint(at('cut.jpg'), { width: 64, height: 64 });
    truncateSync(at('cut.jpg'), Math.floor(statSync(at('cut.jpg')).size / 2));
    writeFileSync(at('empty.png'), '');
    writeFileSync(at('text.png'), 'I am a text.\n');
    writeFileSync(at('huge.png'), headerOnly(20_000, 10_000));
    writeFileSync(at('long.png'), readFileSync(at('good.png')));
    truncateSync(at('long.png'), 20 * 2 ** 20 + 1);
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
    const said = (name: string) => stderr.split('\n').find((line) => line.startsWith(at(name))) ?? '';
    expect(said('cut.png')).toMatch(/cannot be read \(.+\)\. Expected a whole PNG, JPEG or WebP picture\.$/);
    expect(said('cut.jpg')).toMatch(/cannot be read \(.+\)\. Expected a whole/);
    expect(said('empty.png')).toContain('(3 of 8)');
    expect(said('empty.png')).toContain('an empty file');
    expect(said('text.png')).toContain('not a PNG, JPEG or WebP file');
    expect(said('huge.png')).toContain('20000×10000 pixels, expected at most 40000000');
    expect(said('long.png')).toContain('20971521 bytes, expected at most 20971520');
    expect(said('gone.png')).toContain('there is no such file');
    expect(stdout).toContain('1 done, 0 up to date, 7 failed.');
    expect(jobs.length).toBe(1);
  });
});

describe('a mask file', () => {
  it('says which pixels are known: those at least half white', async () => {
    const { at, inpaint } = makePlace();
    await paint(at('photo.png'), { width: 4, height: 1 });
    await sharp(Uint8Array.of(0, 127, 128, 255), { raw: { width: 4, height: 1, channels: 1 } }).toFile(
      at('mask.png'),
    );
    const { code, stdout } = await inpaint(at('photo.png'), '--mask', at('mask.png'));
    expect(code).toBe(0);
    expect([...jobs[0].mask]).toEqual([0, 0, 1, 1]);
    expect(jobs[0].truthIsKnown).toBe(false);
    expect(stdout).toMatch(/4×1 +2 \(50\.0 %\) +– +– +–/);
    await inpaint(at('photo.png'), '--mask', at('mask.png'), '--truth');
    expect(jobs[1].truthIsKnown).toBe(true);
  });

  it('of another size than the picture is refused with both sizes', async () => {
    const { at, inpaint } = makePlace();
    await paint(at('photo.png'));
    await paint(at('mask.png'), { width: 3, height: 2 });
    const { code, stderr } = await inpaint(at('photo.png'), '--mask', at('mask.png'));
    expect([code, jobs.length]).toEqual([1, 0]);
    expect(stderr).toContain('The mask has 3 × 2 pixels, the picture 8 × 6.');
  });

  it('is refused before anything is computed when it is none', async () => {
    const { at, inpaint } = makePlace();
    await paint(at('photo.png'));
    await copyFile(at('photo.png'), at('cut.png'));
    truncateSync(at('cut.png'), 60);
    writeFileSync(at('text.png'), 'text');
    await sharp({ create: { width: 8, height: 6, channels: 3, background: '#202020' } }).toFile(
      at('dark.png'),
    );
    const say = async (...words: string[]) => (await inpaint(at('photo.png'), ...words)).stderr;
    expect(await say('--mask', at('text.png'))).toContain(
      'expected a PNG picture, white where pixels are known',
    );
    expect(await say('--mask', at('gone.png'))).toContain('expected a PNG picture');
    expect(await say('--mask', at('cut.png'))).toContain('cannot be read');
    expect(await say('--mask', at('dark.png'))).toContain('is black all over');
    expect(await say('--mask', at('photo.png'), '--keep', '0.5')).toContain('leave out --keep, or --mask');
    expect(jobs.length).toBe(0);
  });
});

/** A PNG that announces its size and has no pixels. */
function headerOnly(width: number, height: number): Uint8Array {
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
