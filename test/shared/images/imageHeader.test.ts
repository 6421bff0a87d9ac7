import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { checkFileSize, readImageHeader } from '../../../shared/images/imageHeader.ts';

const formats = [
  ['PNG', 'png', {}],
  ['JPEG', 'jpeg', {}],
  ['JPEG', 'jpeg', { progressive: true }],
  ['WebP', 'webp', {}],
  ['WebP', 'webp', { lossless: true }],
] as const;

function createImage(width: number, height: number, channels: 3 | 4 = 3) {
  const background = { r: 200, g: 100, b: 50, alpha: 0.5 };
  return sharp({ create: { width, height, channels, background } });
}

const read = (file: Uint8Array) => () => readImageHeader(file);

describe('readImageHeader', () => {
  it.each(formats)('returns format and size of a %s file (%s %o)', async (format, kind, options) => {
    const file = await createImage(37, 211).toFormat(kind, options).toBuffer();
    expect(readImageHeader(file)).toMatchObject({ format, width: 37, height: 211 });
  });

  it('returns the canvas size of an extended WebP file', async () => {
    const file = await createImage(300, 7, 4)
      .webp()
      .keepExif()
      .withExif({ IFD0: { Artist: 'a' } })
      .toBuffer();
    expect(file.toString('latin1', 12, 16)).toBe('VP8X');
    expect(readImageHeader(file)).toMatchObject({ format: 'WebP', width: 300, height: 7 });
  });

  it('finds the size of a JPEG behind an EXIF segment and fill bytes, before rotation', async () => {
    const plain = await createImage(40, 20).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const filled = Buffer.concat([plain.subarray(0, 2), Buffer.from([0xff, 0xff]), plain.subarray(2)]);
    expect(readImageHeader(filled)).toMatchObject({ format: 'JPEG', width: 40, height: 20, lacksEnd: false });
  });

  it('rejects text, short files and other RIFF files', () => {
    expect(read(Buffer.from('hello, this is no image'))).toThrow('This is not a PNG, JPEG or WebP image');
    expect(read(Buffer.alloc(3))).toThrow('This is not a PNG, JPEG or WebP image');
    expect(read(Buffer.from('RIFF1234WAVEfmt '))).toThrow('This is not a PNG, JPEG or WebP image');
    expect(read(new Uint8Array(0))).toThrow('The file is empty.');
  });

  it('rejects an image without pixels', async () => {
    const empty = await createImage(2, 2).png().toBuffer();
    empty.writeUInt32BE(0, 16);
    expect(read(empty)).toThrow('its size is given as 0 × 2 pixels');
  });

  it.each([
    ['an AVIF', '\0\0\0\x1cftypavif\0\0\0\0mif1avif'],
    ['a HEIC', '\0\0\0\x18ftypheic\0\0\0\0mif1heic'],
    ['a HEIC', '\0\0\0\x18ftypmif1\0\0\0\0heic'],
    ['a camera RAW', '\0\0\0\x18ftypcrx \0\0\0\x01crx isom'],
    ['a GIF', 'GIF89a..........'],
    ['a BMP', 'BM..............'],
    ['a TIFF', 'II*\0\x08\0\0\0\0\0\0\0\0\0'],
    ['a camera RAW', 'II*\0\x10\0\0\0CR\x02\0..........'],
    ['a camera RAW', 'II*\0\x08\0\0\0\x01\0\x12\xc6\x01\0\x04\0\0\0\x01\x04\0\0'],
    ['a camera RAW', 'FUJIFILMCCD-RAW '],
    ['a JPEG XL', '\xff\x0a............'],
    ['a JPEG XL', '\0\0\0\x0cJXL \r\n\x87\n'],
    ['a JPEG 2000', '\0\0\0\x0cjP  \r\n\x87\n'],
    ['an SVG', '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>'],
    ['a Photoshop (PSD)', '8BPS\0\x01........'],
  ])('names the format of %s image and what to do: %j', (name, text) => {
    expect(read(Buffer.from(text, 'latin1'))).toThrow(
      `This is ${name} image, which cannot be read here. Export it as JPEG or PNG.`,
    );
  });

  it.each([
    ['a PDF document', '%PDF-1.7\n'],
    ['a ZIP archive', 'PK\x03\x04........'],
    ['a video', '\0\0\0\x18ftypmp42\0\0\0\0'],
    ['a web page', '<!DOCTYPE html><html>'],
    ['a Git-LFS pointer', 'version https://git-lfs.github.com/spec/v1'],
  ])('reports that %s is not an image', (name, text) => {
    expect(read(Buffer.from(text, 'latin1'))).toThrow(`This is ${name}, not an image.`);
  });

  it('finds the size of a JPEG regardless of what follows the image', async () => {
    const photo = await createImage(40, 20).jpeg().toBuffer();
    const scan = Buffer.from([0xff, 0xda, 0x00, 0x02, 0xff, 0xd8]);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (trailer) => {
        const file = Buffer.concat([photo, scan, trailer]);
        expect(readImageHeader(file)).toMatchObject({ width: 40, height: 20, lacksEnd: false });
      }),
    );
  });

  it('reports a missing end marker of a JPEG, and does not mistake that of a thumbnail for it', async () => {
    const photo = await createImage(40, 20).jpeg().toBuffer();
    const thumbnail = Buffer.concat([
      Buffer.from([0xff, 0xe1, 0x03, 0x22]),
      Buffer.alloc(800, 0xd9).fill(0xff, 0, 400),
    ]);
    const file = Buffer.concat([photo.subarray(0, 2), thumbnail, photo.subarray(2, -2)]);
    expect(readImageHeader(file)).toMatchObject({ width: 40, height: 20, lacksEnd: true });
  });

  it('names JPEG codings that few decoders support', async () => {
    const photo = await createImage(40, 20).jpeg().toBuffer();
    const frame = photo.indexOf(Buffer.from([0xff, 0xc0]));
    const change = (at: number, value: number) => {
      const changed = Buffer.from(photo);
      changed[frame + at] = value;
      return readImageHeader(changed).rareCoding;
    };
    expect(change(4, 12)).toBe('12-bit JPEG');
    expect(change(1, 0xc3)).toBe('lossless JPEG');
    expect(change(1, 0xc9)).toBe('arithmetic-coded JPEG');
    expect(readImageHeader(photo).rareCoding).toBe(null);
  });

  it.each(formats)('detects that a %s file (%s %o) is cut off anywhere', async (_format, kind, options) => {
    const file = await createImage(64, 64).toFormat(kind, options).toBuffer();
    const isCut = (length: number) => {
      try {
        return readImageHeader(file.subarray(0, length)).lacksEnd;
      } catch {
        return true;
      }
    };
    fc.assert(fc.property(fc.integer({ min: 0, max: file.length - 4 }), (length) => isCut(length)));
  });

  it('returns or fails with a readable message for any bytes', () => {
    const starts = [
      Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
      Buffer.from([0xff, 0xd8, 0xff]),
      Buffer.from('RIFF\xff\xff\xff\x7fWEBPVP8X', 'latin1'),
    ];
    fc.assert(
      fc.property(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 200 }), (start, rest) => {
        try {
          readImageHeader(Buffer.concat([start, rest]));
        } catch (error) {
          expect(String(error)).toMatch(/damaged|cut short/);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('checkFileSize', () => {
  it('rejects empty files and files above 128 MiB', () => {
    expect(() => checkFileSize(0)).toThrow('empty');
    expect(() => checkFileSize(128 * 2 ** 20 + 1)).toThrow('The file has 128.1 MiB; at most 128 MiB');
    expect(() => checkFileSize(128 * 2 ** 20)).not.toThrow();
  });
});
