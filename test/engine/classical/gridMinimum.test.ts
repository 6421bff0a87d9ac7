import { describe, expect, it } from 'vitest';
import { reconstructBiharmonic } from '../../../main/engine/classical/biharmonic.ts';
import {
  bendingEnergy,
  biharmonicEnergy,
  type GridEnergy,
  stencilsOf,
  tensionEnergy,
} from '../../../main/engine/classical/gridEnergy.ts';
import { createGridSolver } from '../../../main/engine/classical/gridSolver.ts';
import { moveToMinimum } from '../../../main/engine/classical/gridMinimum.ts';
import { createCycle, createLevel } from '../../../main/engine/classical/multigrid.ts';
import { observe } from '../../../shared/images/image.ts';
import { randomUniforms } from '../../../shared/numbers/random.ts';

type Holes = (x: number, y: number) => boolean;

interface Example {
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
  readonly isKnown: Uint8Array;
}

/** A tenth of a step of 8 bits, which is what the minimum promises. */
const promised = 0.1 / 255;

function createExample(
  [width, height]: readonly [number, number],
  isHole: Holes,
  valueOf: (x: number, y: number, channel: number) => number,
): Example {
  const at = (pixel: number) => [pixel % width, Math.floor(pixel / width)] as const;
  return {
    width,
    height,
    values: Float32Array.from({ length: width * height * 3 }, (_, index) =>
      valueOf(...at(Math.floor(index / 3)), index % 3),
    ),
    isKnown: Uint8Array.from({ length: width * height }, (_, pixel) => (isHole(...at(pixel)) ? 0 : 1)),
  };
}

/** Returns the image with its unknown pixels at the minimum, which starts from black, and the number of iterations. */
function fill(energy: GridEnergy, { width, height, values, isKnown }: Example) {
  const filled = values.map((value, index) => (isKnown[Math.floor(index / 3)] === 1 ? value : 0));
  let iterations = 0;
  for (const fraction of moveToMinimum(energy, { width, height, values: filled, isKnown })) {
    iterations += 1;
    expect(fraction).toBeGreaterThanOrEqual(0);
    expect(fraction).toBeLessThanOrEqual(1);
  }
  return { filled, iterations };
}

function largestDifference(one: Float32Array, other: Float32Array): number {
  return one.reduce((largest, value, index) => Math.max(largest, Math.abs(value - other[index])), 0);
}

const noise = randomUniforms({ seed: 3, stream: 'mask', step: 0 }, 60 * 44 * 3);
const noiseAt = (x: number, y: number, channel: number) => noise[(y * 60 + x) * 3 + channel];
const scatter = randomUniforms({ seed: 3, stream: 'mask', step: 1 }, 60 * 44);

const masks: readonly (readonly [string, Holes])[] = [
  ['a block', (x, y) => x >= 12 && x < 44 && y >= 8 && y < 36],
  ['a corner of the image', (x, y) => x >= 25 && y >= 17],
  ['a stroke that crosses the image', (x, y) => Math.abs(x - 2 * y + 12) < 9],
  ['four pixels of five at random', (x, y) => scatter[y * 60 + x] > 0.2],
  ['all but one pixel of fifty', (x, y) => scatter[y * 60 + x] > 0.02],
  ['two blocks with one line between them', (x, y) => y > 3 && y < 40 && x > 5 && x < 50 && x !== 30],
];

describe('moveToMinimum', () => {
  it.each(masks)('equals the direct solution of every energy within a tenth of a step: %s', (_, isHole) => {
    const example = createExample([60, 44], isHole, noiseAt);
    const { isKnown } = example;
    const known = Int32Array.from(isKnown.keys()).filter((pixel) => isKnown[pixel] === 1);
    const observation = observe(example, known);
    const unknown = Array.from(isKnown.keys()).filter((pixel) => isKnown[pixel] === 0);
    for (const energy of [bendingEnergy, tensionEnergy]) {
      const direct = example.values.slice();
      const solved = createGridSolver(energy, known, example)(observation.values);
      unknown.forEach((pixel, row) => direct.set(solved.subarray(row * 3, row * 3 + 3), pixel * 3));
      expect(largestDifference(fill(energy, example).filled, direct)).toBeLessThan(promised);
    }
    // The direct biharmonic estimate keeps to the range of the known pixels.
    const biharmonic = reconstructBiharmonic(observation);
    const limits = [0, 1, 2].map((channel) => {
      const values = Array.from(known, (pixel) => example.values[pixel * 3 + channel]);
      return { low: Math.min(...values), high: Math.max(...values) };
    });
    const limited = fill(biharmonicEnergy, example).filled.map((value, index) => {
      const { low, high } = limits[index % 3];
      return Math.min(high, Math.max(low, value));
    });
    expect(largestDifference(limited, biharmonic)).toBeLessThan(promised);
  });

  it.each([12, 70, 150])('continues an affine image to the free border, %i pixels away', (reach) => {
    const affine = createExample(
      [160, 60],
      (x, y) => x >= 160 - reach && y > 1,
      (x, y, channel) => 0.1 + 0.004 * x + 0.002 * y * channel,
    );
    expect(largestDifference(fill(bendingEnergy, affine).filled, affine.values)).toBeLessThan(promised);
  });

  it.each([5, 40, 100])('continues a cubic through a hole of %i pixels', (side) => {
    const cubic = createExample(
      [120, 112],
      (x, y) => x >= 8 && x < 8 + side && y >= 5 && y < 5 + side,
      (x, y) => 0.3 + (x ** 3 - 2 * x * y * y + 90 * y * y - 70 * x * y) / 4e6,
    );
    expect(largestDifference(fill(biharmonicEnergy, cubic).filled, cubic.values)).toBeLessThan(promised);
  });

  it('solves every hole by itself: another hole changes nothing in it', () => {
    const isFirst: Holes = (x, y) => x >= 4 && x < 26 && y >= 5 && y < 40;
    const isSecond: Holes = (x, y) => x >= 28 && x < 50 && y >= 3;
    const alone = fill(bendingEnergy, createExample([60, 44], isFirst, noiseAt)).filled;
    const both = fill(
      bendingEnergy,
      createExample([60, 44], (x, y) => isFirst(x, y) || isSecond(x, y), noiseAt),
    ).filled;
    for (let y = 5; y < 40; y++) {
      const part = (values: Float32Array) => values.subarray((y * 60 + 4) * 3, (y * 60 + 26) * 3);
      expect(largestDifference(part(both), part(alone))).toBeLessThan(promised);
    }
  });

  it('needs about as many iterations for a hole of 160 pixels as for one of 40', () => {
    const iterationsOf = (side: number) =>
      fill(
        bendingEnergy,
        createExample(
          [180, 170],
          (x, y) => x >= 6 && x < 6 + side && y >= 4 && y < 4 + side,
          (x, y, channel) => ((x * 7 + y * 13 + channel * 5) % 17) / 17,
        ),
      ).iterations;
    expect(iterationsOf(160)).toBeLessThan(1.6 * iterationsOf(40));
  });

  it.each([
    [1, 200],
    [200, 1],
    [3, 150],
    [9, 9],
  ])('fills in images of any shape: %i × %i', (width, height) => {
    const ramp = createExample(
      [width, height],
      (x, y) => (x + y) % 50 > 3 && x !== 0,
      (x, y) => 0.2 + 0.003 * (x + y),
    );
    expect(largestDifference(fill(bendingEnergy, ramp).filled, ramp.values)).toBeLessThan(promised);
  });

  it('changes nothing if all pixels are known or the minimum is reached', () => {
    const example = createExample([60, 44], masks[0][1], noiseAt);
    const { filled } = fill(bendingEnergy, example);
    const again = filled.slice();
    const image = { ...example, values: again };
    expect([...moveToMinimum(bendingEnergy, image)].length).toBeLessThanOrEqual(2);
    expect(largestDifference(again, filled)).toBeLessThan(promised);
    const whole = { ...example, isKnown: example.isKnown.map(() => 1) };
    expect([...moveToMinimum(bendingEnergy, whole)]).toEqual([]);
  });
});

describe('createCycle', () => {
  it.each(masks)('is symmetric and positive definite, which conjugate gradients need: %s', (_, isHole) => {
    const { isKnown, ...size } = createExample([60, 44], isHole, noiseAt);
    const pixels = Int32Array.from(isKnown.keys()).filter((pixel) => isKnown[pixel] === 0);
    const stencilOf = stencilsOf(bendingEnergy, size);
    const { side, correction, run } = createCycle(createLevel(size, pixels, stencilOf), stencilOf);
    const apply = (vector: Float64Array) => {
      side.set(vector);
      run();
      return correction.slice(0, vector.length);
    };
    const [one, other] = [1, 2].map((factor) =>
      Float64Array.from({ length: pixels.length * 3 }, (_value, index) => Math.sin(factor * index * index)),
    );
    const product = (left: Float64Array, right: Float64Array) =>
      left.reduce((sum, value, index) => sum + value * right[index], 0);
    const [ofOne, ofOther] = [apply(one), apply(other)];
    const scale = Math.sqrt(product(one, ofOne) * product(other, ofOther));
    expect(Math.abs(product(one, ofOther) - product(other, ofOne)) / scale).toBeLessThan(1e-9);
    expect(product(one, ofOne)).toBeGreaterThan(0);
    expect(product(other, ofOther)).toBeGreaterThan(0);
  });
});
