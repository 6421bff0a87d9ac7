/**
 * Thin-plate spline through the observed pixels: kernel r² log r plus an affine part, no smoothing.
 * Duchon 1977, "Splines minimizing rotation-invariant semi-norms in Sobolev spaces"; Wahba 1990, §2.4.
 *
 * Where more pixels are observed than not, the same bending energy is minimised on the pixel grid (`gridSolver.ts`),
 * which needs a system in the few unobserved pixels instead of a dense one in the many observed pixels.
 */

import { pasteObserved, type SparseObservation } from '../../../shared/images/image.ts';
import { bendingEnergy } from './gridEnergy.ts';
import { createGridSolver } from './gridSolver.ts';
import { solveLinearSystem } from './linearSolver.ts';
import { type ImageSize, nearestObserved, reconstructNearest } from './nearest.ts';

/** A dense system of this size takes 128 MiB and about half a minute. */
export const largestThinPlate = 4096;
/** Most kernel values that are computed in advance. */
const largestTable = 2 ** 18;

/**
 * Returns height × width × 3 values, exact at observed pixels; affine images are reproduced exactly. With fewer than three
 * observed pixels, or all on one line, the result is that of `reconstructNearest`. O(n³ / 3 + n × pixels) for n observed
 * pixels; densely observed images cost what `createGridSolver` states.
 * @throws Error above 4096 observed pixels, unless the image is densely observed.
 */
export function reconstructThinPlate(observation: SparseObservation): Float32Array {
  const { height, width, indices } = observation;
  if (isOnOneLine(indices, width)) return reconstructNearest(observation);
  const output = new Float32Array(height * width * 3);
  pasteObserved(output, observation);
  const unknowns = unobservedPixels(indices, height * width);
  if (unknowns.length === 0) return output;
  const estimated = isDenselyObserved(indices.length, observation)
    ? createGridSolver(bendingEnergy, indices, observation)(observation.values)
    : splineAt(observation, unknowns);
  unknowns.forEach((pixel, row) => output.set(estimated.subarray(row * 3, row * 3 + 3), pixel * 3));
  return output;
}

/** Returns the spline at some pixels, n × 3. @throws Error above 4096 observed pixels. */
function splineAt({ height, width, indices, values }: SparseObservation, pixels: Int32Array): Float32Array {
  const output = new Float32Array(pixels.length * 3);
  const spline = createSpline(indices, { height, width });
  const coefficients = new Float64Array(spline.order * 3);
  coefficients.set(values);
  solveLinearSystem({ matrix: spline.matrix(), size: spline.order, values: coefficients, columns: 3 });
  pixels.forEach((pixel, row) => {
    const sums = [0, 0, 0];
    for (let term = 0; term < spline.order; term++) {
      const basis = spline.basis(term, pixel);
      for (let channel = 0; channel < 3; channel++) sums[channel] += basis * coefficients[term * 3 + channel];
    }
    output.set(sums, row * 3);
  });
  return output;
}

/** A classical estimate of every image under one mask. */
export interface MaskEstimator {
  /** Pixels to estimate, row-major. */
  readonly unobserved: Int32Array;
  /** Returns their values, m × 3, for those of the observed pixels, n × 3, in the order of the mask. Linear; may leave [0, 1]. */
  readonly estimate: (values: Float32Array) => Float32Array;
}

/**
 * Solves the thin plate of a mask once; afterwards an image costs a product with a matrix [m, n], or a sparse substitution
 * where the image is densely observed.
 * @throws Error above 4096 observed pixels, unless the image is densely observed.
 */
export function createThinPlateEstimator(indices: Int32Array, size: ImageSize): MaskEstimator {
  const unobserved = unobservedPixels(indices, size.height * size.width);
  if (isDenselyObserved(indices.length, size) && !isOnOneLine(indices, size.width)) {
    return { unobserved, estimate: createGridSolver(bendingEnergy, indices, size) };
  }
  const whole = thinPlateOperator(indices, size);
  const weights = new Float32Array(unobserved.length * indices.length);
  unobserved.forEach((pixel, row) => {
    const from = pixel * indices.length;
    weights.set(whole.subarray(from, from + indices.length), row * indices.length);
  });
  const estimate = (values: Float32Array) => {
    const output = new Float32Array(unobserved.length * 3);
    applyOperator(weights, values, output);
    return output;
  };
  return { unobserved, estimate };
}

/** Returns whether more pixels are observed than not. */
function isDenselyObserved(observed: number, { height, width }: ImageSize): boolean {
  return 2 * observed > height * width;
}

/**
 * Returns the spline as a matrix W, row-major [height · width, n]: estimate = W · values for any colours at `indices`.
 * It is Duchon's spline for every mask. O(n² × pixels).
 * @throws Error above 4096 observed pixels.
 */
export function thinPlateOperator(indices: Int32Array, size: ImageSize): Float32Array {
  const count = indices.length;
  const operator = new Float32Array(size.height * size.width * count);
  if (isOnOneLine(indices, size.width)) {
    nearestObserved(indices, size).forEach((row, pixel) => (operator[pixel * count + row] = 1));
    return operator;
  }
  indices.forEach((pixel, row) => (operator[pixel * count + row] = 1));
  const unknowns = unobservedPixels(indices, size.height * size.width);
  if (unknowns.length === 0) return operator;
  const spline = createSpline(indices, size);
  const values = new Float64Array(spline.order * unknowns.length);
  for (let term = 0; term < spline.order; term++) {
    unknowns.forEach(
      (pixel, column) => (values[term * unknowns.length + column] = spline.basis(term, pixel)),
    );
  }
  // The matrix A is symmetric, so the weights bᵀ A⁻¹ of a pixel with basis values b are the solution of A w = b.
  solveLinearSystem({ matrix: spline.matrix(), size: spline.order, values, columns: unknowns.length });
  unknowns.forEach((pixel, column) => {
    for (let row = 0; row < count; row++)
      operator[pixel * count + row] = values[row * unknowns.length + column];
  });
  return operator;
}

/** Returns whether there are no three pixels off one line, which an affine part needs. */
export function isOnOneLine(indices: Int32Array, width: number): boolean {
  if (indices.length < 3) return true;
  const originX = indices[0] % width;
  const originY = Math.floor(indices[0] / width);
  const alongX = (indices[1] % width) - originX;
  const alongY = Math.floor(indices[1] / width) - originY;
  return indices.every(
    (pixel) => alongX * (Math.floor(pixel / width) - originY) === alongY * ((pixel % width) - originX),
  );
}

/** Returns the pixels that are not observed, ascending. */
export function unobservedPixels(indices: Int32Array, pixels: number): Int32Array {
  const isObserved = new Uint8Array(pixels);
  indices.forEach((pixel) => (isObserved[pixel] = 1));
  return Int32Array.from(isObserved.keys()).filter((pixel) => isObserved[pixel] === 0);
}

interface Spline {
  /** Number of terms: n kernels and three affine ones. */
  readonly order: number;
  /** Returns the value of one term at a pixel. */
  readonly basis: (term: number, pixel: number) => number;
  /** Returns the interpolation conditions and the orthogonality of the kernel part to affine functions, [order, order]. */
  readonly matrix: () => Float64Array;
}

function createSpline(indices: Int32Array, { height, width }: ImageSize): Spline {
  const count = indices.length;
  if (count > largestThinPlate) {
    throw new Error(
      `Thin plate through ${count} observed pixels: expected at most ${largestThinPlate}; ` +
        'lower the keep ratio, reduce the image or choose biharmonic.',
    );
  }
  // Kernel and affine terms of similar size keep the system well conditioned; the scale does not change the spline.
  const half = Math.max(height, width) / 2;
  const kernelOf = (square: number) => (square === 0 ? 0 : (0.5 * square * Math.log(square)) / half ** 2);
  const squares = (height - 1) ** 2 + (width - 1) ** 2 + 1;
  // A table is worth its memory only if each of its numbers is read many times.
  const table =
    squares <= largestTable ? Float64Array.from({ length: squares }, (_, square) => kernelOf(square)) : null;
  const order = count + 3;
  const basis = (term: number, pixel: number) => {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    if (term >= count) return [1, x / half - 1, y / half - 1][term - count];
    const dx = x - (indices[term] % width);
    const dy = y - Math.floor(indices[term] / width);
    const square = dx * dx + dy * dy;
    return table ? table[square] : kernelOf(square);
  };
  const matrix = () => {
    const entries = new Float64Array(order * order);
    indices.forEach((pixel, row) => {
      for (let term = 0; term < order; term++) {
        entries[row * order + term] = basis(term, pixel);
        entries[term * order + row] = entries[row * order + term];
      }
    });
    return entries;
  };
  return { order, basis, matrix };
}

/**
 * Computes output = operator · values in place: `operator` [pixels, n], `values` [n, 3], `output` [pixels, 3].
 * @throws Error when the lengths do not match.
 */
export function applyOperator(operator: Float32Array, values: Float32Array, output: Float32Array): void {
  const count = values.length / 3;
  if (operator.length * 9 !== values.length * output.length) {
    throw new Error(
      `An operator of ${operator.length} weights does not take ${values.length} values to ${output.length}: ` +
        'expected pixels × n weights, n × 3 values, pixels × 3 results; use the operator of this mask.',
    );
  }
  // Sums are computed in double precision.
  const colours = new Float64Array(values);
  const last = output.length / 3 - 1;
  // Two pixels at a time read every colour half as often; the last of an odd number is its own partner.
  for (let pixel = 0; pixel <= last; pixel += 2) {
    const partner = Math.min(pixel + 1, last);
    let red = 0;
    let green = 0;
    let blue = 0;
    let partnerRed = 0;
    let partnerGreen = 0;
    let partnerBlue = 0;
    for (let row = 0; row < count; row++) {
      const weight = operator[pixel * count + row];
      const partnerWeight = operator[partner * count + row];
      const at = row * 3;
      red += weight * colours[at];
      green += weight * colours[at + 1];
      blue += weight * colours[at + 2];
      partnerRed += partnerWeight * colours[at];
      partnerGreen += partnerWeight * colours[at + 1];
      partnerBlue += partnerWeight * colours[at + 2];
    }
    writeColour(output, pixel, [red, green, blue]);
    writeColour(output, partner, [partnerRed, partnerGreen, partnerBlue]);
  }
}

function writeColour(output: Float32Array, pixel: number, [red, green, blue]: readonly number[]): void {
  output[pixel * 3] = red;
  output[pixel * 3 + 1] = green;
  output[pixel * 3 + 2] = blue;
}
