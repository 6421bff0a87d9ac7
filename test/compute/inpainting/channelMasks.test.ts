import { describe, expect, it } from 'vitest';
import { createEstimateCache } from '../../../main/compute/inpainting/estimateCache.ts';
import { inpaintClassically } from '../../../main/compute/inpainting/inpaintImage.ts';
import { inpaintInput } from '../../../main/compute/inpainting/inpaintInput.ts';
import type { InpaintJob } from '../../../main/compute/protocol.ts';
import { reconstructImages } from '../../../main/compute/sampling/reconstructImages.ts';
import { boundColours } from '../../../main/engine/inpaint/colourBounds.ts';
import {
  estimateBiharmonic,
  estimateTelea,
  estimateThinPlate,
} from '../../../main/engine/inpaint/estimateImage.ts';
import { knownPartOf, observationOf } from '../../../main/engine/inpaint/knownImage.ts';
import { type Mask, valueBit } from '../../../shared/images/mask.ts';
import { classicalNames } from '../../../shared/inpainting.ts';
import { drawMask } from '../../../shared/masks/laws.ts';
import { createSmoothImage } from '../../engine/inpaint/exampleImage.ts';
import { trainings } from '../../engine/train/smallRun.ts';
import { createSmallModel, imageSize } from '../smallModel.ts';
import { createExampleEstimate, createExampleJob, inpaintExample } from './exampleJob.ts';

const mosaics = createSmallModel(trainings.bayer);
const unet = createSmallModel(trainings.unet);

const bayer = (width: number, height: number) =>
  drawMask({ law: 'bayer', phase: 'GRBG', keepRatio: 1, seed: 0, width, height });

/** Each channel known at its own random pixels: none, one, two or all three of a pixel. */
function independent(width: number, height: number): Mask {
  const planes = [0.2, 0.4, 0.6].map(
    (fraction, seed) => createSmoothImage(width, height, fraction, seed).mask,
  );
  const bits = new Uint8Array(width * height * 3);
  for (let index = 0; index < bits.length; index++)
    bits[index] = planes[index % 3].bits[Math.floor(index / 3)];
  return { width, height, channels: 3, bits };
}

/** Moves the channels of values or masks by one: red to green, green to blue, blue to red. */
function turnChannels<Values extends Float32Array | Uint8Array | Int16Array>(values: Values): Values {
  return values.map((_, index) => values[index % 3 === 0 ? index + 2 : index - 1]) as Values;
}

const estimators = [
  ['thin plate', estimateThinPlate],
  ['biharmonic', estimateBiharmonic],
  ['Telea', estimateTelea],
] as const;
/** An image that the exact solvers take, and one for the solvers of large images. */
const sizes = [
  [20, 14],
  [50, 34],
] as const;
const exactSide = 32;

describe('a mask for each channel', () => {
  it('leaves planes to the thin plate, which returns them exactly in every channel', async () => {
    for (const [width, height] of sizes) {
      const values = Float32Array.from({ length: width * height * 3 }, (_, index) => {
        const [x, y] = [Math.floor(index / 3) % width, Math.floor(index / 3 / width)];
        return 0.2 + (0.3 * x) / width + ((0.1 + 0.1 * (index % 3)) * y) / height;
      });
      for (const mask of [bayer(width, height), independent(width, height)]) {
        const known = values.map((value, index) => value * valueBit(mask, index));
        const plate = await estimateThinPlate({ ...mask, values: known }, { exactSide });
        plate.forEach((value, index) => expect(Math.abs(value - values[index])).toBeLessThan(1e-3));
      }
    }
  });

  it.each(estimators)('keeps known values, and its channels may be exchanged: %s', async (_, estimate) => {
    for (const [width, height] of sizes) {
      const { pixels } = createSmoothImage(width, height);
      for (const mask of [bayer(width, height), independent(width, height)]) {
        const image = knownPartOf({ pixels, mask });
        const found = await estimate(image, { exactSide });
        for (let index = 0; index < found.length; index++)
          if (valueBit(mask, index) === 1) expect(found[index]).toBe(image.values[index]);
        const turned = { ...image, bits: turnChannels(image.bits), values: turnChannels(image.values) };
        expect(await estimate(turned, { exactSide })).toEqual(turnChannels(found));
      }
    }
  });

  it('bounds colours by those of the own channel, and its channels may be exchanged', () => {
    const { pixels } = createSmoothImage(40, 30);
    const image = knownPartOf({ pixels, mask: independent(40, 30) });
    const { isOpponent, low, high } = boundColours(image);
    const turned = boundColours({
      ...image,
      bits: turnChannels(image.bits),
      values: turnChannels(image.values),
    });
    expect(turned).toEqual({ isOpponent, low: turnChannels(low), high: turnChannels(high) });
    expect(isOpponent).toBe(false);
    for (let index = 0; index < low.length; index++) {
      if (valueBit(image, index) === 1)
        expect([low[index], high[index]].map((end) => (255 * end) / 2 ** 14)).toEqual([
          expect.closeTo(pixels[index], 1),
          expect.closeTo(pixels[index], 1),
        ]);
      else expect(low[index]).toBeLessThanOrEqual(high[index]);
    }
  });

  const tools = () => ({
    estimates: createEstimateCache(),
    emit: () => undefined,
    signal: new AbortController().signal,
  });

  it.each(classicalNames)(
    'gives the result and the scores of a plain mask to the bit if its channels are equal: %s',
    async (method) => {
      const { pixels, mask: plain } = createSmoothImage(50, 34);
      const equal = new Uint8Array(pixels.length).map((_, index) => plain.bits[Math.floor(index / 3)]);
      const fill = (mask: Mask) => {
        const job: InpaintJob = createExampleJob(unet, { width: 50, height: 34, pixels, mask });
        return inpaintClassically(createExampleEstimate(method, job), tools());
      };
      const [one, other] = [await fill(plain), await fill({ ...plain, channels: 3, bits: equal })];
      expect(other.result).toEqual(one.result);
      expect(other.mask).toEqual(plain);
      expect(other.observed).toBe(one.observed);
      const withoutTime = (scores: typeof one.scores) => scores.map((score) => ({ ...score, seconds: 0 }));
      expect(withoutTime(other.scores)).toEqual(withoutTime(one.scores));
    },
  );

  it('is scored on the hidden values, also next to known ones of the same pixel', async () => {
    const job = createExampleJob(unet, { width: 50, height: 34, mask: bayer(50, 34) });
    const found = await inpaintClassically(createExampleEstimate('thin-plate', job), tools());
    let [sum, count] = [0, 0];
    found.result.forEach((value, index) => {
      if (valueBit(job.mask, index) === 1) return expect(value).toBe(job.pixels[index]);
      sum += ((value - job.pixels[index]) / 255) ** 2;
      count += 1;
    });
    expect([count, found.observed]).toEqual([2 * 50 * 34, 50 * 34]);
    const [score] = found.scores;
    expect(score.psnrUnobserved).toBeCloseTo(-10 * Math.log10(sum / count), 4);
  });

  it('is filled in by a network that reads it as an image of a dataset is, in tiles as well', async () => {
    const mask = bayer(imageSize, imageSize);
    const { pixels } = createSmoothImage(imageSize, imageSize);
    const { inpainting } = await inpaintExample(mosaics, {
      width: imageSize,
      height: imageSize,
      pixels,
      mask,
    });
    const known = knownPartOf({ pixels, mask });
    const { values } = await reconstructImages(mosaics, {
      images: { count: 1, height: imageSize, width: imageSize, values: known.values },
      observations: [observationOf(known)],
      indices: [0],
      plan: { solver: 'heun', steps: 2 },
      seed: 42,
      sample: 0,
      paste: true,
    });
    inpainting.result.forEach((byte, index) =>
      expect(Math.abs(byte - 255 * values[index])).toBeLessThanOrEqual(1),
    );
    const large = { width: 150, height: 90, mask: independent(150, 90), samples: 2, bounded: true };
    const { job, inpainting: tiled } = await inpaintExample(mosaics, large);
    expect(tiled.tiles).toBeGreaterThan(1);
    for (let index = 0; index < tiled.result.length; index++)
      if (valueBit(job.mask, index) === 1) expect(tiled.result[index]).toBe(job.pixels[index]);
    const isWhole = (pixel: number) => [0, 1, 2].every((at) => valueBit(job.mask, 3 * pixel + at) === 1);
    tiled.deviation?.forEach((value, pixel) => isWhole(pixel) && expect(value).toBe(0));
  });

  it('cannot leave a channel without any known value', () => {
    const { pixels, mask } = createSmoothImage(4, 1, 1);
    const bits = Uint8Array.from({ length: 12 }, (_, index) => (index % 3 === 2 ? 0 : 1));
    expect(() => knownPartOf({ pixels, mask: { ...mask, channels: 3, bits } })).toThrow(
      'The blue channel is known nowhere',
    );
  });

  it('is one mask on a grey image, whose channels are equal, and a Bayer pattern leaves nothing of it to fill in', () => {
    const grey = new Uint8Array(12 * 9 * 3).fill(70);
    const mask = independent(12, 9);
    const job = { width: 12, height: 9, pixels: grey, mask, opaque: null, scale: 1, fit: 'whole' } as const;
    const joined = inpaintInput(job).mask;
    expect(joined.channels).toBe(1);
    joined.bits.forEach((bit, pixel) =>
      expect(bit).toBe([0, 1, 2].some((channel) => mask.bits[3 * pixel + channel] === 1) ? 1 : 0),
    );
    expect(() => inpaintInput({ ...job, mask: bayer(12, 9) })).toThrow('The image is grey');
  });

  it('follows the image when that is shrunk, enlarged or has transparent pixels', () => {
    const { pixels } = createSmoothImage(12, 12);
    const mask = bayer(12, 12);
    const job = { width: 12, height: 12, pixels, mask, opaque: null, scale: 1, fit: 'whole' } as const;
    const opaque = new Uint8Array(144).fill(1, 6);
    expect(inpaintInput({ ...job, opaque }).mask.bits).toEqual(
      mask.bits.map((bit, at) => (at < 18 ? 0 : bit)),
    );
    const large = inpaintInput({ ...job, scale: 2 });
    expect(large.mask.bits.reduce((sum, bit) => sum + bit, 0)).toBe(144);
    for (let pixel = 0; pixel < 144; pixel++) {
      const at = 3 * ((2 * Math.floor(pixel / 12) + 1) * 24 + 2 * (pixel % 12) + 1);
      expect(large.mask.bits.subarray(at, at + 3)).toEqual(mask.bits.subarray(3 * pixel, 3 * pixel + 3));
    }
    const columns = mask.bits.map((_, at) => (Math.floor(at / 3) % 12 < 2 * (1 + (at % 3)) ? 1 : 0));
    const shrunk = inpaintInput({
      ...job,
      mask: { ...mask, bits: columns },
      fit: 'fit',
      config: { data: { imageSize: 6 } },
    });
    expect(Array.from(shrunk.mask.bits.subarray(0, 18))).toEqual([
      1,
      1,
      1,
      0,
      1,
      1,
      0,
      0,
      1,
      ...Array(9).fill(0),
    ]);
  });
});
