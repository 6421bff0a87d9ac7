import { describe, expect, it } from 'vitest';
import { inpaintInput } from '../../../main/compute/inpainting/inpaintInput.ts';
import { smoothImage } from '../../engine/inpaint/exampleImage.ts';
import { exampleJob } from './exampleJob.ts';
import { createSmallModel, imageSize } from '../smallModel.ts';

const model = createSmallModel();
const inputOf = (changes: Parameters<typeof exampleJob>[1]) => inpaintInput(exampleJob(model, changes));

describe('the image that is computed', () => {
  it('is the image itself, as it is', () => {
    const picture = smoothImage(23, 14);
    expect(inputOf(picture)).toEqual(picture);
  });

  it('fitted is the centre square at the size of the run, known where at least half of a pixel is', () => {
    const picture = { ...smoothImage(44, 22), mask: new Uint8Array(44 * 22) };
    // The left half of the centre square, two pixels of the image wide for each pixel of the result.
    for (let y = 0; y < 22; y++) picture.mask.fill(1, y * 44 + 11, y * 44 + 22);
    const input = inputOf({ ...picture, fit: 'fit' });
    expect([input.width, input.height]).toEqual([imageSize, imageSize]);
    const row = [1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0];
    expect(Array.from(input.mask.subarray(0, imageSize))).toEqual(row);
    const at = (x: number, y: number) => picture.pixels[(y * 44 + 11 + x) * 3];
    const mean = (at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1)) / 4;
    expect(Math.abs(input.pixels[0] - mean)).toBeLessThanOrEqual(0.5);
  });

  it('never knows transparent pixels, nor those of a fitted image that are transparent in part', () => {
    const opaque = new Uint8Array(23 * 14).fill(1);
    opaque[5] = 0;
    const mask = new Uint8Array(23 * 14).fill(1);
    expect(inputOf({ mask, opaque }).mask).toEqual(opaque);
    const large = { ...smoothImage(44, 22), mask: new Uint8Array(44 * 22).fill(1) };
    const hole = new Uint8Array(44 * 22).fill(1);
    hole[11] = 0;
    const fitted = inputOf({ ...large, opaque: hole, fit: 'fit' }).mask;
    expect(Array.from(fitted.subarray(0, 3))).toEqual([0, 1, 1]);
    expect(() => inputOf({ mask: opaque.map((one) => 1 - one), opaque })).toThrow(
      'Every known pixel is transparent',
    );
  });

  it('takes a mask that was drawn for the square as it is', () => {
    const { mask } = smoothImage(imageSize, imageSize, 0.4);
    const ofSquare = { width: imageSize, height: imageSize, bits: mask };
    expect(inputOf({ ...smoothImage(50, 30), mask: ofSquare, fit: 'fit' }).mask).toEqual(mask);
  });

  it('enlarged has each known pixel in the middle of its square, and the rest unknown', () => {
    for (const scale of [2, 4] as const) {
      const picture = smoothImage(5, 3, 0.5);
      const input = inputOf({ ...picture, scale });
      expect([input.width, input.height]).toEqual([5 * scale, 3 * scale]);
      const known = Array.from(input.mask.keys()).filter((pixel) => input.mask[pixel] === 1);
      const middle = Math.floor(scale / 2);
      const expected = Array.from(picture.mask.keys())
        .filter((pixel) => picture.mask[pixel] === 1)
        .map((pixel) => (scale * Math.floor(pixel / 5) + middle) * 5 * scale + scale * (pixel % 5) + middle);
      expect(known).toEqual(expected);
      known.forEach((pixel, row) => {
        const source = Array.from(picture.mask.keys()).filter((place) => picture.mask[place] === 1)[row];
        expect(input.pixels[pixel * 3]).toBe(picture.pixels[source * 3]);
      });
    }
  });

  it('refuses a mask of another size', () => {
    const mask = { width: 4, height: 3, bits: new Uint8Array(12) };
    expect(() => inputOf({ mask })).toThrow("The mask has 4 × 3 pixels; expected the image's 23 × 14.");
    expect(() => inputOf({ mask, fit: 'fit' })).toThrow('or 11 × 11 for the square');
  });
});
