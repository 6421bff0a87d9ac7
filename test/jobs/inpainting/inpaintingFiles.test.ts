import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { type Provenance, provenanceKeyword, provenanceSchema } from '../../../shared/inpainting.ts';
import { countKnown, type Mask } from '../../../shared/images/mask.ts';
import { readMask } from '../../../shared/images/readMask.ts';
import { drawMask } from '../../../shared/masks/laws.ts';
import { decodeMaskBytes } from '../../../main/datasets/decodeImage.ts';
import { readPngText } from '../../../shared/images/pngText.ts';
import { encodeMask, encodeResult, encodeThumbnail } from '../../../main/jobs/inpainting/inpaintingFiles.ts';

const provenance: Provenance = {
  inpaintingId: null,
  runId: 'abcdefgh',
  runName: 'Übung „7“',
  checkpointStep: 1200,
  checkpointSha256: 'a5'.repeat(32),
  pictureId: '0123456789abcdef',
  mask: { kind: 'drawn', pattern: 'blue-noise', keepRatio: 0.2, seed: 42 },
  fit: 'whole',
  scale: 1,
  solver: 'heun',
  steps: 10,
  samples: 8,
  seed: 0,
  bounded: false,
  truthIsKnown: true,
  version: '0.1.0',
};

describe('the PNG file of a result', () => {
  it('decodes to exactly the encoded bytes, in colour or grey', async () => {
    const colour = Uint8Array.from({ length: 5 * 7 * 3 }, (_, index) => (index * 37) % 256);
    const grey = Uint8Array.from({ length: 5 * 7 }, (_, index) => (index * 11) % 256);
    for (const pixels of [colour, grey]) {
      const file = await encodeResult({ width: 7, height: 5, pixels });
      const channels = pixels.length / 35;
      expect(await sharp(file).metadata()).toMatchObject({ width: 7, height: 5, channels, depth: 'uchar' });
      const data = await sharp(file)
        .toColourspace(channels === 1 ? 'b-w' : 'srgb')
        .raw()
        .toBuffer();
      expect(new Uint8Array(data)).toEqual(pixels);
    }
  });

  it('contains its provenance if it is given', async () => {
    const image = { width: 1, height: 1, pixels: Uint8Array.of(1, 2, 3) };
    const text = readPngText(await encodeResult(image, provenance), provenanceKeyword);
    expect(provenanceSchema.parse(JSON.parse(text ?? ''))).toEqual(provenance);
    expect(readPngText(await encodeResult(image), provenanceKeyword)).toBe(null);
  });

  it('cannot be written if the number of bytes does not match its size', async () => {
    await expect(encodeResult({ width: 2, height: 2, pixels: new Uint8Array(5) })).rejects.toThrow(
      '5 bytes for 2×2 pixels: expected 12, or 4 of grey.',
    );
  });
});

describe('the PNG file of a mask', () => {
  it('is grey, and white where known', async () => {
    const file = await encodeMask({ width: 3, height: 1, channels: 1, bits: Uint8Array.of(0, 1, 1) });
    expect(await sharp(file).metadata()).toMatchObject({ channels: 1 });
    expect([...(await sharp(file).extractChannel(0).raw().toBuffer())]).toEqual([0, 255, 255]);
  });

  it('of single channels is read back the same, however few colours it has', async () => {
    const few = new Uint8Array(4 * 3 * 3).fill(1);
    few[4] = 0;
    const bayer = drawMask({ law: 'bayer', keepRatio: 1, seed: 0, width: 4, height: 3 }).bits;
    for (const bits of [few, bayer]) {
      const mask: Mask = { width: 4, height: 3, channels: 3, bits };
      const image = await decodeMaskBytes(await encodeMask(mask));
      const { known, ...read } = readMask(image);
      expect(read).toMatchObject(mask);
      expect(known).toBe(countKnown(mask));
    }
  });
});

describe('the thumbnail of a result', () => {
  it('is at most 320 pixels wide and high, keeps the proportions and is no larger than the result', async () => {
    const sizeOf = async (width: number, height: number) => {
      const pixels = new Uint8Array(width * height * 3).fill(99);
      const found = await sharp(await encodeThumbnail({ width, height, pixels })).metadata();
      return [found.width, found.height];
    };
    expect(await sizeOf(960, 480)).toEqual([320, 160]);
    expect(await sizeOf(300, 640)).toEqual([150, 320]);
    expect(await sizeOf(7, 5)).toEqual([7, 5]);
  });
});
