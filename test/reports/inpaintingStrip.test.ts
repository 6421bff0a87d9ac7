import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import {
  countStripSamples,
  findLargestHole,
  renderStrip,
  type StripSource,
} from '../../main/reports/inpaintingStrip.ts';

/** Returns a mask whose rectangles [left, top, width, height] are unknown. */
function createMask(
  { width, height }: { width: number; height: number },
  ...holes: readonly (readonly [number, number, number, number])[]
) {
  const bits = new Uint8Array(width * height).fill(1);
  for (const [left, top, across, down] of holes) {
    for (let y = top; y < top + down; y++) bits.fill(0, y * width + left, y * width + left + across);
  }
  return { width, height, mask: { channels: 1, bits } as const };
}

const size = { width: 400, height: 300 };

describe('the part of an image that a strip of samples shows', () => {
  it('is the largest hole with a margin of half its size', () => {
    const image = createMask(size, [10, 10, 20, 20], [200, 100, 60, 40], [300, 200, 4, 4]);
    expect(findLargestHole(image)).toEqual({ x: 170, y: 80, width: 120, height: 80 });
  });

  it('has at most 32 pixels around a large hole and at least 64 pixels around a small one', () => {
    expect(findLargestHole(createMask(size, [100, 60, 150, 100]))).toEqual({
      x: 68,
      y: 28,
      width: 214,
      height: 164,
    });
    expect(findLargestHole(createMask(size, [100, 60, 4, 4]))).toEqual({
      x: 70,
      y: 30,
      width: 64,
      height: 64,
    });
  });

  it('stays inside the image, and is all of a small image or of one without holes', () => {
    expect(findLargestHole(createMask(size, [370, 0, 30, 40]))).toMatchObject({ x: 336, y: 0, width: 64 });
    const small = { width: 30, height: 20 };
    const all = { x: 0, y: 0, ...small };
    expect(findLargestHole(createMask(small, [3, 3, 5, 5]))).toEqual(all);
    expect(findLargestHole(createMask(size))).toEqual({ x: 0, y: 0, ...size });
  });

  it('does not join holes that touch at a corner only', () => {
    const image = createMask(size, [100, 100, 30, 30], [130, 130, 31, 31]);
    expect(findLargestHole(image)).toMatchObject({ x: 113, y: 113 });
  });
});

describe('a strip of samples', () => {
  it('shows up to eight samples, and none where they would make it too large', () => {
    expect(countStripSamples(1, size)).toBe(0);
    expect(countStripSamples(3, size)).toBe(3);
    expect(countStripSamples(64, size)).toBe(8);
    expect(countStripSamples(64, { width: 2000, height: 1000 })).toBe(5);
    expect(countStripSamples(64, { width: 2000, height: 2000 })).toBe(0);
  });

  it('has truth, known pixels, thin plate, mean, every sample, their deviation and the error, as large as the hole with its margin, and changes none', async () => {
    const image = createMask(size, [200, 100, 160, 96]);
    // Images arrive from the compute process as buffers.
    const bytes = Buffer.from(
      Array.from({ length: size.width * size.height * 3 }, (_, index) => index % 251),
    );
    const before = Uint8Array.from(bytes);
    const score = { psnr: 20, psnrUnobserved: 18, ssim: null, seconds: 1 };
    const found: StripSource = {
      ...image,
      truth: bytes,
      result: bytes,
      thinPlate: bytes,
      deviation: null,
      largestDeviation: null,
      scores: [{ ...score, method: 'result' }],
    };
    const measure = async (samples: number, hasTruth: boolean, changes: Partial<StripSource> = {}) => {
      const strip = await renderStrip(
        { ...found, ...changes },
        {
          title: 'photo.png',
          hasTruth,
          samples: Array.from({ length: samples }, () => bytes),
        },
      );
      const { width = 0, height = 0 } = await sharp(strip).metadata();
      return { width, height };
    };
    const [two, eight] = [await measure(2, true), await measure(8, true)];
    // The hole begins 200 pixels from the left and ends 40 from the right: 32 + 160 + 32 pixels, and a gap of 14.
    expect(eight.width - two.width).toBe(6 * (224 + 14));
    expect((await measure(2, false)).width).toBe(two.width - (224 + 14));
    // The deviation is of several samples only.
    const deviation = { deviation: new Uint8Array(size.width * size.height), largestDeviation: 0.1 };
    expect((await measure(2, true, deviation)).width).toBe(two.width + 224 + 14);
    expect((await measure(0, true, deviation)).width).toBe((await measure(0, true)).width);
    expect(two.height).toBeGreaterThan(160);
    expect(two.height).toBeLessThan(300);
    expect(Uint8Array.from(bytes)).toEqual(before);
  });
});
