/**
 * Unknown pixels at the minimum of an energy of the pixel grid, all holes of an image as a whole: conjugate gradients with
 * a multigrid cycle as preconditioner. Golub & Van Loan, "Matrix Computations", §11.5. The number of iterations hardly depends
 * on the size and shape of holes, so that time and memory grow with the number of unknown pixels.
 */

import { type GridEnergy, stencilsOf } from './gridEnergy.ts';
import { createCycle, createLevel, type GridLevel, multiply } from './multigrid.ts';
import type { ImageSize } from './nearest.ts';

/** An image of which some pixels are known. */
export interface PartlyKnown extends ImageSize {
  /** height × width × 3 values; those of unknown pixels are where the search for the minimum starts. */
  readonly values: Float32Array;
  /** height × width, 1 = known. The known pixels must determine the minimum. */
  readonly isKnown: Uint8Array;
}

/**
 * Largest change of a value in the last iteration: a hundredth of a step of 8 bits. The values are then within a tenth of a
 * step of the minimum, or a fifth where a whole image has four known pixels.
 */
const tolerance = 1 / 255 / 100;
/** Two to four times as many as any hole has needed. */
const mostIterations = 200;

/**
 * Moves the unknown pixels of an image to the minimum, within a tenth of a step of 8 bits. Yields after every iteration how much
 * of the way is done, 0 to 1. Takes about 200 bytes per unknown pixel.
 */
export function* moveToMinimum(energy: GridEnergy, image: PartlyKnown): Generator<number, void, undefined> {
  const { values, isKnown } = image;
  const pixels = new Int32Array(isKnown.length)
    .map((_, pixel) => pixel)
    .filter((pixel) => isKnown[pixel] === 0);
  if (pixels.length === 0) return;
  const stencilOf = stencilsOf(energy, image);
  const level = createLevel(image, pixels, stencilOf);
  const cycle = createCycle(level, stencilOf);
  const { side: residual, correction } = cycle;
  residual.set(negativeGradient(level, values));
  const direction = new Float64Array(residual.length);
  const product = new Float64Array(residual.length);
  let previous: Channels = [0, 0, 0];
  let first = 0;
  for (let iteration = 0; iteration < mostIterations; iteration++) {
    cycle.run();
    const squares = channelProducts(residual, correction);
    scaleAndAdd(direction, divide(squares, previous), correction);
    previous = squares;
    multiply(level, direction, product);
    const lengths = divide(squares, channelProducts(direction, product));
    subtractScaled(residual, lengths, product);
    const largest = moveAlong(values, { pixels, direction, lengths });
    if (largest <= tolerance) return;
    first ||= largest;
    yield Math.min(1, Math.max(0, Math.log(first / largest) / Math.log(first / tolerance)));
  }
}

/** One number for every channel. */
type Channels = readonly [number, number, number];

/** Returns the quotients; 0 for channels that are solved, whose divisors are 0. */
function divide(one: Channels, other: Channels): Channels {
  const quotient = (channel: number) => (other[channel] > 0 ? one[channel] / other[channel] : 0);
  return [quotient(0), quotient(1), quotient(2)];
}

/** Computes target = factors · target + vector. */
function scaleAndAdd(target: Float64Array, [red, green, blue]: Channels, vector: Float64Array): void {
  for (let index = 0; index < target.length; index += 3) {
    target[index] = vector[index] + red * target[index];
    target[index + 1] = vector[index + 1] + green * target[index + 1];
    target[index + 2] = vector[index + 2] + blue * target[index + 2];
  }
}

/** Computes target = target − factors · vector. */
function subtractScaled(target: Float64Array, [red, green, blue]: Channels, vector: Float64Array): void {
  for (let index = 0; index < target.length; index += 3) {
    target[index] -= red * vector[index];
    target[index + 1] -= green * vector[index + 1];
    target[index + 2] -= blue * vector[index + 2];
  }
}

/** Moves the pixels of an image along a direction; returns the largest change of a value. */
function moveAlong(
  values: Float32Array,
  of: { pixels: Int32Array; direction: Float64Array; lengths: Channels },
): number {
  const { pixels, direction } = of;
  const [red, green, blue] = of.lengths;
  let largest = 0;
  for (let row = 0; row < pixels.length; row++) {
    const at = pixels[row] * 3;
    const changes = row * 3;
    const [first, second, third] = [
      red * direction[changes],
      green * direction[changes + 1],
      blue * direction[changes + 2],
    ];
    values[at] += first;
    values[at + 1] += second;
    values[at + 2] += third;
    largest = Math.max(largest, Math.abs(first), Math.abs(second), Math.abs(third));
  }
  return largest;
}

/** Returns minus half the derivative of the energy by every unknown pixel. */
function negativeGradient({ pixels, stencils, kinds }: GridLevel, values: Float32Array): Float64Array {
  const gradient = new Float64Array(pixels.length * 3 + 3);
  pixels.forEach((pixel, row) => {
    const { steps, weights } = stencils[kinds[row]];
    steps.forEach((step, index) => {
      for (let channel = 0; channel < 3; channel++)
        gradient[row * 3 + channel] -= weights[index] * values[(pixel + step) * 3 + channel];
    });
  });
  return gradient;
}

/** Returns the scalar product of two vectors for every channel. */
function channelProducts(one: Float64Array, other: Float64Array): Channels {
  let red = 0;
  let green = 0;
  let blue = 0;
  for (let index = 0; index < one.length; index += 3) {
    red += one[index] * other[index];
    green += one[index + 1] * other[index + 1];
    blue += one[index + 2] * other[index + 2];
  }
  return [red, green, blue];
}
