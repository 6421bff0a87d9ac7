import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundColours, type ColourBounds, keepWithin } from '../../../main/engine/inpaint/colourBounds.ts';
import { createImageSampler } from '../../../main/engine/inpaint/sampleImage.ts';
import { solverNames } from '../../../shared/config/samplerConfig.ts';
import { drawBayer } from '../../../shared/masks/bayer.ts';
import { randomNormals } from '../../../shared/numbers/random.ts';
import { createSmallModel } from '../../compute/smallModel.ts';
import { trainings } from '../train/smallRun.ts';
import { knownSmooth } from './exampleImage.ts';

/** An image of one colour per column, in 255ths, of which some pixels are known. */
function columns(colours: readonly number[], isKnown: readonly number[], height = 1) {
  const width = colours.length;
  const known = Uint8Array.from({ length: width * height }, (_, pixel) => isKnown[pixel % width]);
  const values = Float32Array.from({ length: 3 * width * height }, (_, index) => {
    const pixel = Math.floor(index / 3);
    return known[pixel] * (colours[pixel % width] / 255);
  });
  return { width, height, channels: 1, values, bits: known } as const;
}

/** Returns the lowest and highest grey level of a pixel in 255ths. */
function greys(bounds: ColourBounds, pixel: number): [number, number] {
  const ends = [-1, 2].map((level) => {
    const values = new Float32Array(bounds.low.length).fill(level);
    keepWithin(values, bounds);
    return Math.round(255 * values[3 * pixel]);
  });
  return ends as [number, number];
}

describe('the bounds of the colours of a sample', () => {
  it('are those of the known pixels around, widened by 5/255, and the colour itself where it is known', () => {
    const side = 16;
    const image = columns(
      Array.from({ length: side }, (_, column) => 100 + 8 * column),
      Array<number>(side).fill(1),
      side,
    );
    const hidden = 8 * side + 6;
    image.bits[hidden] = 0;
    const bounds = boundColours(image);
    expect(greys(bounds, 0)).toEqual([100, 100]);
    // Cells of two pixels: the bounds of columns 4 to 9 count three quarters, those of columns 2 to 7 a quarter.
    const [low, high] = [0.75 * 132 + 0.25 * 116, 0.75 * 172 + 0.25 * 156];
    expect(greys(bounds, hidden)).toEqual([low - 5, high + 5]);
  });

  it('are those of the whole image where little is known, and colours exist', () => {
    // The cells around the middle know one pixel of the 32 that would be enough, and count a little.
    expect(greys(boundColours(columns([3, 0, 0, 0, 252], [1, 0, 0, 0, 1])), 2)).toEqual([-2, 255]);
    expect(greys(boundColours(columns([90], [1])), 0)).toEqual([90, 90]);
  });

  it('are all colours where nothing is known', () => {
    const bounds = boundColours(columns([90, 90, 90], [0, 0, 0]));
    const colours = Float32Array.of(1, 0, 0, 0, 1, 1, 0.2, 0.7, 0.4);
    const kept = colours.slice();
    keepWithin(kept, bounds);
    kept.forEach((value, index) => expect(value).toBeCloseTo(colours[index], 6));
  });

  it('change smoothly across a hole between two colours', () => {
    // Dark on the left and bright on the right, known but for a square of half the side in the middle.
    const side = 48;
    const isInside = (at: number) => at >= side / 4 && at < (3 * side) / 4;
    const bits = Uint8Array.from({ length: side * side }, (_, pixel) =>
      Number(!isInside(pixel % side) || !isInside(Math.floor(pixel / side))),
    );
    const values = Float32Array.from({ length: 3 * side * side }, (_, index) => {
      const pixel = Math.floor(index / 3);
      return bits[pixel] * (pixel % side < side / 2 ? 0.2 : 0.8);
    });
    const bounds = boundColours({ width: side, height: side, channels: 1, values, bits });
    const ends = [...bits.keys()].map((pixel) => greys(bounds, pixel));
    const jumps = [...bits.keys()]
      .filter((pixel) => bits[pixel] === 0 && bits[pixel + 1] === 0)
      .flatMap((pixel) => ends[pixel].map((end, index) => Math.abs(ends[pixel + 1][index] - end)));
    // The colours are 153 apart, and a bound passes from one to the other.
    expect(Math.max(...ends.map(([, high]) => high))).toBe(209);
    expect(Math.max(...jumps)).toBeLessThan(153 / 2);
  });

  it('leave hardly any hue where all known pixels are grey', () => {
    const image = knownSmooth(24, 20, 0.3);
    const grey = image.values.map((_, index) => image.values[index - (index % 3)]);
    const values = Float32Array.from(grey, (_, index) => [0.9, 0.1, 0.5][index % 3]);
    keepWithin(values, boundColours({ ...image, values: grey }));
    for (let at = 0; at < values.length; at += 3) {
      const [red, green, blue] = values.subarray(at, at + 3);
      expect(Math.abs(red - green)).toBeLessThan(5.1 / 255);
      expect(Math.abs(blue - (red + green) / 2)).toBeLessThan(5.1 / 255);
    }
  });

  it('are those of each channel by itself where single channels are known', () => {
    const [width, height] = [12, 10];
    const bits = drawBayer({ phase: 'GRBG', width, height });
    const values = Float32Array.from(bits, (bit, index) => bit * [0.2, 0.5, 0.8][index % 3]);
    const kept = Float32Array.from(values, (_, index) => index % 2);
    keepWithin(kept, boundColours({ width, height, channels: 3, bits, values }));
    kept.forEach((value, index) => {
      const own = [0.2, 0.5, 0.8][index % 3];
      expect(Math.abs(value - own)).toBeLessThan(bits[index] ? 1e-4 : 5.1 / 255);
    });
  });

  it('are nowhere wider than those of the whole image, whatever its size and mask', () => {
    const cases = fc.record({
      width: fc.integer({ min: 1, max: 40 }),
      height: fc.integer({ min: 1, max: 30 }),
      fraction: fc.constantFrom(0.05, 0.3, 0.9),
    });
    fc.assert(
      fc.property(cases, ({ width, height, fraction }) => {
        const image = knownSmooth(width, height, fraction);
        const { low, high } = boundColours(image);
        const known = [...low.keys()].filter((index) => image.bits[Math.floor(index / 3)] === 1);
        const extremes = [0, 1, 2].map((axis) => {
          const own = known.filter((index) => index % 3 === axis).map((index) => low[index]);
          return { least: Math.min(...own), most: Math.max(...own) };
        });
        const margin = Math.round((5 / 255) * 2 ** 14);
        for (let index = 0; index < low.length; index++) {
          const { least, most } = extremes[index % 3];
          expect(low[index]).toBeLessThanOrEqual(high[index]);
          expect(low[index]).toBeGreaterThanOrEqual(least - margin);
          expect(high[index]).toBeLessThanOrEqual(most + margin);
        }
      }),
      { numRuns: 25 },
    );
  });

  // The last state of `ancestral-undrifted` has noise; an untrained network is too rough for the tolerance of `dopri5`.
  const solvers = solverNames.filter((name) => name !== 'ancestral-undrifted' && name !== 'dopri5');

  it.each(solvers)('hold for a sample by %s', async (solver) => {
    const model = createSmallModel(trainings.unet);
    const image = knownSmooth(20, 14, 0.4);
    const estimate = image.values.map((value, index) => (image.bits[Math.floor(index / 3)] ? value : 0.5));
    const sampleWith = async (isBounded: boolean) => {
      const limits = { parts: 1, smallestPart: 1, products: 1e12 };
      const plan = { solver, steps: 2 };
      const sampler = createImageSampler(model, { image, estimate, plan, limits, isBounded });
      const draw = (step: number, count: number) => randomNormals({ seed: 5, stream: 'solver', step }, count);
      const start = (count: number) => randomNormals({ seed: 5, stream: 'sampling', step: 0 }, count);
      try {
        return await sampler.sample({ start, draw });
      } finally {
        sampler.dispose();
      }
    };
    const isWithin = (values: Float32Array) => {
      const kept = values.slice();
      keepWithin(kept, boundColours(image));
      return kept.every((value, index) =>
        !image.bits[Math.floor(index / 3)] ? Math.abs(value - values[index]) < 1e-5 : true,
      );
    };
    expect([isWithin(await sampleWith(false)), isWithin(await sampleWith(true))]).toEqual([false, true]);
  });
});
