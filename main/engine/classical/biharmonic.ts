/**
 * Biharmonic inpainting: unobserved pixels get the values at which the bilaplacian vanishes.
 * Damelin & Hoang 2018, "On surface completion and image inpainting by biharmonic functions", §3.
 */

import { pasteObserved, type SparseObservation } from '../../../shared/images/image.ts';
import { type BandedSystem, solveBandedSystem } from './bandedCholesky.ts';
import { biharmonicEnergy, stencilsOf } from './gridEnergy.ts';

/** Most numbers in the band: 1 GiB of doubles. */
export const largestBand = 2 ** 27;

/**
 * Returns height × width × 3 values, exact at observed pixels; the others lie within the observed range of each channel. The
 * bilaplacian is the square of the five-point Laplacian with reflecting borders, which makes a positive definite system in
 * the unobserved pixels. O(pixels × (shorter side)²) time, O(pixels × shorter side) memory.
 * @throws Error when the image needs more than 1 GiB for the system.
 */
export function reconstructBiharmonic(observation: SparseObservation): Float32Array {
  const numbering = numberUnknowns(observation);
  const output = new Float32Array(observation.height * observation.width * 3);
  pasteObserved(output, observation);
  if (numbering.unknowns.length === 0) return output;
  const system = assembleSystem(observation, numbering, output);
  solveBandedSystem(system);
  const [low, high] = channelLimits(observation.values);
  numbering.unknowns.forEach((pixel, row) => {
    for (let channel = 0; channel < 3; channel++) {
      const value = system.values[row * 3 + channel];
      output[pixel * 3 + channel] = Math.min(high[channel], Math.max(low[channel], value));
    }
  });
  return output;
}

export interface Numbering {
  /** Pixels to solve for, in the order of the system's rows. */
  readonly unknowns: Int32Array;
  /** Row of every pixel; −1 for observed ones. */
  readonly rows: Int32Array;
  readonly bandwidth: number;
}

/** Numbers the unknowns line by line along the shorter side, so that the band is at most two lines wide. */
export function numberUnknowns({
  height,
  width,
  indices,
}: Pick<SparseObservation, 'height' | 'width' | 'indices'>): Numbering {
  const isColumnWise = width > height;
  const line = Math.min(height, width);
  const pixelAt = (position: number) =>
    isColumnWise ? (position % height) * width + Math.floor(position / height) : position;
  const rows = new Int32Array(height * width);
  indices.forEach((pixel) => (rows[pixel] = -1));
  const unknowns: number[] = [];
  const unknownsBefore = new Int32Array(rows.length + 1);
  for (let position = 0; position < rows.length; position++) {
    const pixel = pixelAt(position);
    if (rows[pixel] === 0) rows[pixel] = unknowns.push(pixel) - 1;
    unknownsBefore[position + 1] = unknowns.length;
  }
  let bandwidth = 0;
  for (let position = 0; position < rows.length; position++) {
    if (rows[pixelAt(position)] < 0) continue;
    const reach =
      unknownsBefore[Math.min(rows.length, position + 2 * line + 1)] - unknownsBefore[position + 1];
    bandwidth = Math.max(bandwidth, reach);
  }
  return { unknowns: Int32Array.from(unknowns), rows, bandwidth };
}

/** Assembles the equations of the unknown pixels; contributions of observed neighbours go to the right-hand side. */
function assembleSystem(
  size: SparseObservation,
  { unknowns, rows, bandwidth }: Numbering,
  known: Float32Array,
): BandedSystem {
  if (unknowns.length * (bandwidth + 1) > largestBand) {
    throw new Error(
      `Biharmonic reconstruction of ${unknowns.length} unknown pixels needs more than 1 GiB: ` +
        'expected an image of about 470×470 at most; reduce the image or choose another method.',
    );
  }
  const band = new Float64Array(unknowns.length * (bandwidth + 1));
  const values = new Float64Array(unknowns.length * 3);
  const stencilOf = stencilsOf(biharmonicEnergy, size);
  unknowns.forEach((pixel, row) => {
    const { steps, weights } = stencilOf(pixel);
    steps.forEach((step, index) => {
      const column = rows[pixel + step];
      if (column < 0) {
        for (let channel = 0; channel < 3; channel++)
          values[row * 3 + channel] -= weights[index] * known[(pixel + step) * 3 + channel];
      } else if (column <= row) band[row * (bandwidth + 1) + bandwidth + column - row] += weights[index];
    });
  });
  return { band, size: unknowns.length, bandwidth, values, columns: 3 };
}

/** Returns the smallest and the largest observed value of each channel. */
export function channelLimits(values: Float32Array): readonly [number[], number[]] {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  values.forEach((value, index) => {
    low[index % 3] = Math.min(low[index % 3], value);
    high[index % 3] = Math.max(high[index % 3], value);
  });
  return [low, high];
}
