import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Sharp } from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  decodeImage,
  decodeImageBytes,
  describeDecoding,
  ImageTooLargeError,
} from '../../main/datasets/decodeImage.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'images-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Creates an image from rows of pixels with one to four channels. */
function createImage(rows: readonly (readonly number[])[][]) {
  const raw = { width: rows[0].length, height: rows.length, channels: rows[0][0].length as 1 | 2 | 3 | 4 };
  return sharp(Buffer.from(rows.flat(2)), { raw });
}

async function decode(image: Sharp, name = 'image.png') {
  await image.toFile(join(folder, name));
  return decodeImage(join(folder, name));
}

describe('decodeImage', () => {
  const red = [255, 0, 0];
  const blue = [0, 0, 255];

  it('applies the EXIF rotation', async () => {
    const turned = createImage([[red, blue]]).withMetadata({ orientation: 6 });
    const image = await decode(turned);
    expect([image.width, image.height, ...image.pixels]).toEqual([1, 2, ...red, ...blue]);
  });

  it('composites transparent images over white', async () => {
    const partlyTransparent = createImage([
      [
        [0, 0, 0, 0],
        [255, 0, 0, 255],
        [0, 0, 0, 51],
      ],
    ]);
    expect([...(await decode(partlyTransparent)).pixels]).toEqual([255, 255, 255, 255, 0, 0, 204, 204, 204]);
  });

  it('converts grey images, grey images with alpha and 16-bit images to 8-bit RGB', async () => {
    const grey = createImage([[[0], [128], [255]]]).toColourspace('b-w');
    expect([...(await decode(grey)).pixels]).toEqual([0, 0, 0, 128, 128, 128, 255, 255, 255]);
    const greyAlpha = createImage([
      [
        [100, 255],
        [100, 0],
      ],
    ]).toColourspace('b-w');
    expect([...(await decode(greyAlpha)).pixels]).toEqual([100, 100, 100, 255, 255, 255]);
    const deep = createImage([[red, [0, 128, 0]]]).toColourspace('rgb16');
    await deep.toFile(join(folder, 'deep.png'));
    expect((await sharp(join(folder, 'deep.png')).metadata()).depth).toBe('ushort');
    expect([...(await decodeImage(join(folder, 'deep.png'))).pixels]).toEqual([...red, 0, 128, 0]);
  });

  it('converts CMYK images to RGB', async () => {
    const rows = Array.from({ length: 16 }, () => Array.from({ length: 16 }, () => [220, 220, 220]));
    const image = await decode(createImage(rows).toColourspace('cmyk').jpeg({ quality: 100 }), 'print.jpg');
    expect((await sharp(join(folder, 'print.jpg')).metadata()).space).toBe('cmyk');
    expect(image.pixels.length).toBe(16 * 16 * 3);
    expect(Math.abs(image.pixels[0] - 220)).toBeLessThan(12);
  });

  it('converts an embedded colour profile to sRGB', async () => {
    const green = createImage([[[0, 200, 0]]]);
    const wide = await green
      .withIccProfile('p3')
      .withExif({ IFD0: { Artist: 'someone' } })
      .png()
      .toBuffer();
    expect((await sharp(wide).metadata()).icc).toBeDefined();
    const { pixels } = await decodeImageBytes(wide);
    expect([...pixels].map((value, index) => Math.abs(value - [0, 200, 0][index]) <= 8)).toEqual([
      true,
      true,
      true,
    ]);
    expect(await sharp(wide, { ignoreIcc: true }).raw().toBuffer()).not.toEqual(pixels);
  });

  it('returns which pixels are opaque for every kind of transparent image', async () => {
    const rgba = createImage([
      [
        [255, 0, 0, 255],
        [0, 0, 255, 0],
        [0, 255, 0, 128],
        [9, 9, 9, 254],
      ],
    ]);
    const expected = [1, 0, 0, 0];
    expect([...((await decode(rgba)).opaque ?? [])]).toEqual(expected);
    expect([...((await decode(rgba.clone().webp({ lossless: true }), 'a.webp')).opaque ?? [])]).toEqual(
      expected,
    );
    expect([...((await decode(rgba.clone().toColourspace('rgb16'), 'deep.png')).opaque ?? [])]).toEqual(
      expected,
    );
    const palette = createImage([
      [
        [255, 0, 0, 255],
        [0, 0, 255, 0],
      ],
    ]).png({ palette: true });
    expect([...((await decode(palette, 'palette.png')).opaque ?? [])]).toEqual([1, 0]);
    expect((await decode(createImage([[[1, 2, 3, 255]]]))).opaque).toBe(null);
    expect((await decode(createImage([[[1, 2, 3]]]))).opaque).toBe(null);
  });

  it.each([false, true])(
    'accepts a complete JPEG without its end marker, and rejects one that is cut off (progressive: %s)',
    async (progressive) => {
      const rows = Array.from({ length: 64 }, (_row, y) =>
        Array.from({ length: 64 }, (_column, x) => [4 * x, (x * y) % 256, 4 * y]),
      );
      const whole = await createImage(rows).jpeg({ progressive }).toBuffer();
      const unended = whole.subarray(0, -2);
      const { pixels } = await decodeImageBytes(unended);
      expect(Buffer.from(pixels).equals((await decodeImageBytes(whole)).pixels)).toBe(true);
      await expect(decodeImageBytes(whole.subarray(0, -200))).rejects.toThrow(
        'This JPEG file is cut short: it is damaged.',
      );
    },
  );

  it.each(['jpeg', 'png', 'webp'] as const)('ignores bytes after a complete %s image', async (format) => {
    const whole = await createImage([[red, blue]])
      .toFormat(format)
      .toBuffer();
    const video = Buffer.concat([
      Buffer.from('\0\0\0\x18ftypmp42\0\0\0\0', 'latin1'),
      Buffer.alloc(5000, 0xff),
      Buffer.from([0xff, 0xda, 0, 1]),
    ]);
    const trailed = await decodeImageBytes(Buffer.concat([whole, video]));
    expect(trailed).toEqual(await decodeImageBytes(whole));
  });

  it('decodes the first frame of an animation and notes it', async () => {
    const frames = createImage([[red], [blue]]);
    const animated = await sharp(await frames.raw().toBuffer(), {
      raw: { width: 1, height: 2, channels: 3, pageHeight: 1 },
    })
      .webp({ lossless: true, loop: 0, delay: [100, 100] })
      .toBuffer();
    const image = await decodeImageBytes(animated);
    expect([image.width, image.height, ...image.pixels]).toEqual([1, 1, ...red]);
    expect(describeDecoding(image)).toEqual(['It is animated: its first frame is used.']);
  });

  it('shrinks a large image while it is read if that is allowed, and otherwise rejects it as too large', async () => {
    const create = { width: 8064, height: 6048, channels: 3, background: '#336699' } as const;
    const photo = await sharp({ create }).png({ compressionLevel: 1 }).toBuffer();
    const refused = decodeImageBytes(photo, { advice: 'Use --fit.' });
    await expect(refused).rejects.toThrow(ImageTooLargeError);
    await expect(refused).rejects.toThrow(
      'The image has 8064 × 6048 pixels (48.8 megapixels); at most 40 megapixels can be used at full size. Use --fit.',
    );
    const image = await decodeImageBytes(photo, { mayShrink: true });
    expect([image.width, image.height]).toEqual([4032, 3024]);
    expect(describeDecoding(image)).toEqual([
      'It was reduced from 8064 × 6048 to 4032 × 3024 pixels while it was read.',
    ]);
  });

  it.each([
    [20_000, 20_000],
    [2 ** 31 - 1, 2 ** 31 - 1],
  ])('rejects a decompression bomb of %d × %d pixels before it decodes anything', async (width, height) => {
    const bomb = await createImage([[red]])
      .png()
      .toBuffer();
    bomb.writeUInt32BE(width, 16);
    bomb.writeUInt32BE(height, 20);
    const refused = decodeImageBytes(bomb, { mayShrink: true });
    await expect(refused).rejects.toThrow(/at most 200 megapixels can be read/);
  });

  it('rejects files of more than 128 MiB before it reads them', async () => {
    await writeFile(
      join(folder, 'long.png'),
      await createImage([[red]])
        .png()
        .toBuffer(),
    );
    await truncate(join(folder, 'long.png'), 128 * 2 ** 20 + 1);
    await expect(decodeImage(join(folder, 'long.png'))).rejects.toThrow(
      'The file has 128.1 MiB; at most 128 MiB',
    );
  });
});
