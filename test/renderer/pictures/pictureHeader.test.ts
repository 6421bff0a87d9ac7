import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import {
  checkFileSize,
  readPictureHeader,
} from '../../../renderer/components/pictures/intake/pictureHeader.ts';

const formats = [
  ['PNG', 'png', {}],
  ['JPEG', 'jpeg', {}],
  ['JPEG', 'jpeg', { progressive: true }],
  ['WebP', 'webp', {}],
  ['WebP', 'webp', { lossless: true }],
] as const;

function draw(width: number, height: number, channels: 3 | 4 = 3) {
  const background = { r: 200, g: 100, b: 50, alpha: 0.5 };
  return sharp({ create: { width, height, channels, background } });
}

const read = (file: Uint8Array) => () => readPictureHeader(file);

describe('the header of a picture', () => {
  it.each(formats)('of a %s file (%s %o) tells format and size', async (format, kind, options) => {
    const file = await draw(37, 211).toFormat(kind, options).toBuffer();
    expect(readPictureHeader(file)).toEqual({ format, width: 37, height: 211 });
  });

  it('of an extended WebP file tells its canvas', async () => {
    const file = await draw(300, 7, 4)
      .webp()
      .keepExif()
      .withExif({ IFD0: { Artist: 'a' } })
      .toBuffer();
    expect(file.toString('latin1', 12, 16)).toBe('VP8X');
    expect(readPictureHeader(file)).toEqual({ format: 'WebP', width: 300, height: 7 });
  });

  it('of a JPEG is found behind a long EXIF segment and fill bytes; its size is that before rotation', async () => {
    const plain = await draw(40, 20).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const filled = Buffer.concat([plain.subarray(0, 2), Buffer.from([0xff, 0xff]), plain.subarray(2)]);
    expect(readPictureHeader(filled)).toEqual({ format: 'JPEG', width: 40, height: 20 });
  });

  it('is found by bytes, never by name: text is refused', () => {
    expect(read(Buffer.from('hello, this is no picture'))).toThrow('no PNG, JPEG or WebP');
    expect(read(Buffer.alloc(3))).toThrow('no PNG, JPEG or WebP');
    expect(read(Buffer.from('RIFF1234WAVEfmt '))).toThrow('no PNG, JPEG or WebP');
    expect(read(Buffer.from('GIF89a..........'))).toThrow('no PNG, JPEG or WebP');
  });

  it('that announces too many pixels is refused before anything is decoded', async () => {
    const bomb = await draw(2, 2).png().toBuffer();
    bomb.writeUInt32BE(9000, 16);
    bomb.writeUInt32BE(9000, 20);
    expect(read(bomb)).toThrow('9000 × 9000 pixels (81 megapixels) found, at most 40 megapixels expected');
    bomb.writeUInt32BE(40_000, 16);
    bomb.writeUInt32BE(1, 20);
    expect(read(bomb)).toThrow('at most 32767 a side expected');
    bomb.writeUInt32BE(0xffffffff, 16);
    bomb.writeUInt32BE(0xffffffff, 20);
    expect(read(bomb)).toThrow('found, at most');
    bomb.writeUInt32BE(0, 16);
    expect(read(bomb)).toThrow('at least 1 × 1 expected');
  });

  it.each(formats)('of a %s file (%s %o) that is cut anywhere is refused', async (_format, kind, options) => {
    const file = await draw(64, 64).toFormat(kind, options).toBuffer();
    fc.assert(
      fc.property(fc.integer({ min: 0, max: file.length - 4 }), (length) => {
        expect(read(file.subarray(0, length))).toThrow();
      }),
    );
  });

  it('never makes reading hang or fail otherwise than with words for the reader', () => {
    const starts = [
      Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
      Buffer.from([0xff, 0xd8, 0xff]),
      Buffer.from('RIFF\xff\xff\xff\x7fWEBPVP8X', 'latin1'),
    ];
    fc.assert(
      fc.property(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 200 }), (start, rest) => {
        try {
          readPictureHeader(Buffer.concat([start, rest]));
        } catch (error) {
          expect(String(error)).toMatch(/damaged|expected/);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('the size of a file', () => {
  it('is checked before it is read', () => {
    expect(() => checkFileSize(0)).toThrow('empty');
    expect(() => checkFileSize(20 * 2 ** 20 + 1)).toThrow('21 MB found, at most 21 MB expected');
    expect(() => checkFileSize(20 * 2 ** 20)).not.toThrow();
  });
});
