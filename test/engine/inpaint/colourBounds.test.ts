import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundColours, keepWithin } from '../../../main/engine/inpaint/colourBounds.ts';
import { createImageSampler } from '../../../main/engine/inpaint/sampleImage.ts';
import { solverNames } from '../../../shared/config/samplerConfig.ts';
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
    const { low, high } = boundColours(image);
    expect([low[0], high[0]]).toEqual([100, 100]);
    // Cells of two pixels: the bounds of columns 4 to 9 count three quarters, those of columns 2 to 7 a quarter.
    expect([low[3 * hidden], high[3 * hidden]]).toEqual([
      0.75 * 132 + 0.25 * 116 - 5,
      0.75 * 172 + 0.25 * 156 + 5,
    ]);
  });

  it('are those of the whole image where little is known, and colours exist', () => {
    const { low, high } = boundColours(columns([3, 0, 0, 0, 252], [1, 0, 0, 0, 1]));
    expect([low[6], high[6]]).toEqual([0, 255]);
    const one = boundColours(columns([90], [1]));
    expect([...one.low, ...one.high]).toEqual(Array(6).fill(90));
  });

  it('are all colours where nothing is known', () => {
    const { low, high } = boundColours(columns([90, 90, 90], [0, 0, 0]));
    expect([...low, ...high]).toEqual([...Array(9).fill(0), ...Array(9).fill(255)]);
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
    const { low, high } = boundColours({ width: side, height: side, channels: 1, values, bits });
    const jumps = [low, high].flatMap((bound) =>
      [...bits.keys()]
        .filter((pixel) => bits[pixel] === 0 && bits[pixel + 1] === 0)
        .map((pixel) => Math.abs(bound[3 * pixel + 3] - bound[3 * pixel])),
    );
    // The colours are 153 apart, and a bound passes from one to the other.
    expect(Math.max(...high)).toBe(209);
    expect(Math.max(...jumps)).toBeLessThan(153 / 2);
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
        const known = image.values.filter((_, index) => image.bits[Math.floor(index / 3)] === 1);
        const [least, most] = [Math.min(...known), Math.max(...known)].map((value) =>
          Math.round(255 * value),
        );
        for (let index = 0; index < low.length; index++) {
          expect(low[index]).toBeLessThanOrEqual(high[index]);
          expect(low[index]).toBeGreaterThanOrEqual(Math.max(0, least - 5));
          expect(high[index]).toBeLessThanOrEqual(Math.min(255, most + 5));
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
