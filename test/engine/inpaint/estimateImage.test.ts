import { valueBit } from '../../../shared/images/mask.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reconstructClassically } from '../../../main/engine/classical/registry.ts';
import {
  estimateBiharmonic,
  estimateTelea,
  estimateThinPlate,
} from '../../../main/engine/inpaint/estimateImage.ts';
import { knownPartOf, observationOf } from '../../../main/engine/inpaint/knownImage.ts';
import { rmse, createSmoothImage } from './exampleImage.ts';

const exactSide = 32;

async function estimateBoth(example: ReturnType<typeof createSmoothImage>, side = exactSide) {
  const image = knownPartOf(example);
  const plate = await estimateThinPlate(image, { exactSide: side });
  return { image, plate, biharmonic: await estimateBiharmonic(image, { exactSide: side }) };
}

describe('estimates of images of any size', () => {
  it.each([
    [1, 1],
    [1, 7],
    [40, 1],
    [33, 32],
    [90, 50],
  ])('keep known pixels exactly and stay within [0, 1]: %i × %i', async (width, height) => {
    const { image, plate, biharmonic } = await estimateBoth(createSmoothImage(width, height));
    for (const values of [plate, biharmonic, await estimateTelea(image, {})]) {
      expect(values).toHaveLength(width * height * 3);
      expect(values.every((value) => value >= 0 && value <= 1)).toBe(true);
      const isKept = values.every(
        (value, index) => valueBit(image, index) === 0 || value === image.values[index],
      );
      expect(isKept).toBe(true);
    }
  });

  it('equal the estimates used in training for images no larger than the exact side', async () => {
    const { image, plate, biharmonic } = await estimateBoth(createSmoothImage(32, 32));
    const observation = observationOf(image);
    expect(plate).toEqual(reconstructClassically('thin plate', observation));
    expect(biharmonic).toEqual(reconstructClassically('biharmonic', observation));
    expect(await estimateTelea(image, {})).toEqual(reconstructClassically('Telea', observation));
  });

  it('do not depend on the exact side where most pixels are known, except for the tolerance', async () => {
    const example = createSmoothImage(60, 44, 1);
    for (let y = 8; y < 36; y++) example.mask.bits.fill(0, y * 60 + 10, y * 60 + 41);
    const whole = await estimateBoth(example, 60);
    const large = await estimateBoth(example);
    whole.plate.forEach((value, index) => expect(Math.abs(value - large.plate[index])).toBeLessThan(4e-4));
    whole.biharmonic.forEach((value, index) =>
      expect(Math.abs(value - large.biharmonic[index])).toBeLessThan(4e-4),
    );
  });

  it('are nearly as accurate from few known pixels as the spline through them', async () => {
    const example = createSmoothImage(60, 44);
    const exact = reconstructClassically('thin plate', observationOf(knownPartOf(example)));
    const { plate, biharmonic } = await estimateBoth(example);
    expect(rmse(plate, example)).toBeLessThan(1.2 * rmse(exact, example));
    expect(rmse(biharmonic, example)).toBeLessThan(2 * rmse(exact, example));
  });

  it('fill a hole that is larger than the exact side', async () => {
    const example = createSmoothImage(120, 100, 1);
    for (let y = 20; y < 80; y++) example.mask.bits.fill(0, y * 120 + 25, y * 120 + 95);
    const { plate, biharmonic } = await estimateBoth(example);
    const grey = new Float32Array(plate.length).fill(0.5);
    expect(rmse(plate, example)).toBeLessThan(rmse(grey, example));
    expect(rmse(biharmonic, example)).toBeLessThan(rmse(grey, example));
  });

  it('equal the image if all of it is known, and have a single colour if a single pixel is known', async () => {
    const whole = createSmoothImage(70, 40, 1);
    const { plate, image } = await estimateBoth(whole);
    expect(plate).toEqual(image.values);
    const one = createSmoothImage(70, 40, 0);
    const { plate: flat } = await estimateBoth(one);
    const colour = Array.from(one.pixels.subarray(0, 3), (byte) => Math.fround(byte / 255));
    expect(flat.every((value, index) => Math.abs(value - colour[index % 3]) < 1e-6)).toBe(true);
  });

  it('refuse an image without known pixels', () => {
    const image = {
      ...createSmoothImage(4, 4),
      mask: { ...createSmoothImage(4, 4).mask, bits: new Uint8Array(16) },
    };
    expect(() => knownPartOf(image)).toThrow('No pixel is known');
  });

  it('report rising progress and stop if the callback throws', async () => {
    const image = knownPartOf(createSmoothImage(100, 60));
    const seen: number[] = [];
    const onProgress = async (fraction: number) => {
      seen.push(fraction);
      if (seen.length === 4) throw new Error('stopped');
    };
    await expect(estimateThinPlate(image, { exactSide, onProgress })).rejects.toThrow('stopped');
    expect(seen).toHaveLength(4);
    expect(seen[0]).toBe(0);
    expect(seen[3]).toBeGreaterThan(0);
  });

  it('do not depend on the values at unknown pixels', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 33, max: 60 }),
        fc.integer({ min: 0, max: 255 }),
        async (width, byte) => {
          const example = createSmoothImage(width, 20);
          const pixels = example.pixels.map((value, index) => (valueBit(example.mask, index) ? value : byte));
          const one = await estimateBoth(example);
          const other = await estimateBoth({ ...example, pixels });
          expect(one.plate).toEqual(other.plate);
        },
      ),
      { numRuns: 5 },
    );
  });
});
