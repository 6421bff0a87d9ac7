/**
 * The unobserved pixels that minimise an energy of the image's own pixel grid (`gridEnergy.ts`), by factorising their system:
 * for many images under one mask. Large images are solved in `gridMinimum.ts`.
 *
 * The spline of Duchon (`thinPlate.ts`) minimises the integral of the bending energy over the plane and needs a dense system in
 * the observed pixels; this is a sparse one in the unobserved pixels.
 */

import { factoriseBand, solveFactorised } from './bandedCholesky.ts';
import { largestBand, type Numbering, numberUnknowns } from './biharmonic.ts';
import type { GridEnergy, VisitDifference } from './gridEnergy.ts';
import type { ImageSize } from './nearest.ts';

/** Returns the values of the unobserved pixels in row-major order, m × columns, for the observed ones, n × columns. Linear. */
export type GridSolver = (values: Float32Array) => Float32Array;

/**
 * Factorises the system of a mask; every image under that mask is then one substitution. Images whose energy is zero are
 * reproduced (affine ones by bending, constant ones by tension), and the solver commutes with the symmetries of the square,
 * both up to rounding. No energy is counted outside the image, so that its border is free. O(m × lines²) once and O(m × lines)
 * per image for m unobserved pixels with at most `lines` of them in two lines of the image. `columns`: values of a pixel,
 * default 3.
 * @throws Error when the observed pixels determine no minimum, or the factor needs more than 1 GiB.
 */
export function createGridSolver(
  energy: GridEnergy,
  indices: Int32Array,
  size: ImageSize,
  columns = 3,
): GridSolver {
  const numbering = numberUnknowns({ ...size, indices });
  const { unknowns, bandwidth } = numbering;
  if (unknowns.length * (bandwidth + 1) > largestBand) {
    throw new Error(
      `A spline on the grid of ${unknowns.length} unknown pixels needs more than 1 GiB: ` +
        'expected an image of about 470×470 at most; reduce the image or choose another method.',
    );
  }
  const { band, couplings } = assembleEnergy(energy, numbering, { ...size, indices });
  factoriseBand({ band, size: unknowns.length, bandwidth });
  const rowMajor = unknowns.map((_, row) => row).sort((one, other) => unknowns[one] - unknowns[other]);
  return (observed) => {
    const values = new Float64Array(unknowns.length * columns);
    couplings.weights.forEach((weight, index) => {
      const row = couplings.rows[index] * columns;
      const from = couplings.observed[index] * columns;
      for (let column = 0; column < columns; column++)
        values[row + column] -= weight * observed[from + column];
    });
    solveFactorised({ band, size: unknowns.length, bandwidth, values, columns });
    const output = new Float32Array(values.length);
    rowMajor.forEach((row, index) => {
      for (let column = 0; column < columns; column++)
        output[index * columns + column] = values[row * columns + column];
    });
    return output;
  };
}

/** Entries of the Hessian between unobserved and observed pixels; one pair may have several, which add up. */
interface Couplings {
  readonly rows: number[];
  /** Positions in the list of observed pixels. */
  readonly observed: number[];
  readonly weights: number[];
}

/** Assembles half the Hessian of an energy: its band in the unknowns, and its entries with observed pixels. */
function assembleEnergy(
  energy: GridEnergy,
  { unknowns, rows, bandwidth }: Numbering,
  { indices, ...size }: ImageSize & { readonly indices: Int32Array },
) {
  const band = new Float64Array(unknowns.length * (bandwidth + 1));
  const positions = new Int32Array(rows.length);
  indices.forEach((pixel, position) => (positions[pixel] = position));
  const couplings: Couplings = { rows: [], observed: [], weights: [] };
  const visit: VisitDifference = (pixels, coefficients, factor) => {
    pixels.forEach((pixel, i) => {
      const row = rows[pixel];
      if (row < 0) return;
      pixels.forEach((other, j) => {
        const weight = factor * coefficients[i] * coefficients[j];
        const column = rows[other];
        if (column < 0) {
          couplings.rows.push(row);
          couplings.observed.push(positions[other]);
          couplings.weights.push(weight);
        } else if (column <= row) band[row * (bandwidth + 1) + bandwidth + column - row] += weight;
      });
    });
  };
  rows.forEach((_, pixel) => energy.visitDifferences(pixel, size, visit));
  return { band, couplings };
}
