/**
 * One multigrid cycle for a fourth-order system at scattered or connected pixels of a grid: an approximate inverse that is
 * symmetric and positive definite, and therefore a preconditioner of conjugate gradients. Trottenberg, Oosterlee & Schüller
 * 2001, "Multigrid", §2.4 and §7.8.
 *
 * The functions of a coarser level are quadratic B-splines of four pixels of the finer one, because the bilaplacian needs
 * transfers of more than second order; one that touches a known pixel is left out. What is left out is smooth over a few pixels
 * only, and smoothing on the finer level finds it. A row of a coarser matrix, Pᵀ A P, depends only on the distance to the border
 * of the image, so that no matrix is stored.
 */

import { factoriseBand, solveFactorised } from './bandedCholesky.ts';
import { shareStencils, type Stencil, type StencilOf, toStencil } from './gridEnergy.ts';
import type { ImageSize } from './nearest.ts';

/** A system at some pixels of a grid. Vectors hold three channels of every pixel, and three zeros for all other pixels. */
export interface GridLevel {
  readonly size: ImageSize;
  /** Pixels of the system in the order of its rows. */
  readonly pixels: Int32Array;
  /** Row of every pixel of the grid; the number of rows for those outside the system. */
  readonly rows: Int32Array;
  /** Row by row. */
  readonly stencils: readonly Stencil[];
  /** Which stencil a row has. */
  readonly kinds: Uint8Array;
}

export interface Cycle {
  readonly level: GridLevel;
  /** Right-hand side of a cycle, n × 3 and three zeros. */
  readonly side: Float64Array;
  /** Result of a cycle, as `side`. */
  readonly correction: Float64Array;
  /** Runs the cycle. */
  readonly run: () => void;
}

export function createLevel(size: ImageSize, pixels: Int32Array, stencilOf: StencilOf): GridLevel {
  const rows = new Int32Array(size.width * size.height).fill(pixels.length);
  const stencils: Stencil[] = [];
  const known = new Map<Stencil, number>();
  const kinds = new Uint8Array(pixels.length);
  pixels.forEach((pixel, row) => {
    rows[pixel] = row;
    const stencil = stencilOf(pixel);
    const kind = known.get(stencil) ?? stencils.push(stencil) - 1;
    known.set(stencil, kind);
    kinds[row] = kind;
  });
  return { size, pixels, rows, stencils, kinds };
}

/** Computes output = A · vector. */
export function multiply(level: GridLevel, vector: Float64Array, output: Float64Array): void {
  const { pixels, rows, stencils, kinds } = level;
  for (let row = 0; row < pixels.length; row++) {
    const pixel = pixels[row];
    const { steps, weights } = stencils[kinds[row]];
    let red = 0;
    let green = 0;
    let blue = 0;
    for (let index = 0; index < steps.length; index++) {
      const weight = weights[index];
      const at = rows[pixel + steps[index]] * 3;
      red += weight * vector[at];
      green += weight * vector[at + 1];
      blue += weight * vector[at + 2];
    }
    output[row * 3] = red;
    output[row * 3 + 1] = green;
    output[row * 3 + 2] = blue;
  }
}

/** Multiplications up to which a level is solved directly. */
const directProducts = 2e6;
/** Grids with a shorter side are not halved. */
const shortestSide = 8;
const reachOfCoarse = 3;
/** Factor of over-relaxation: fewer iterations than with 1 (plain Gauss–Seidel), for every kind of hole that was tried. */
const relaxation = 1.4;

/** Creates the cycle of a system and of all coarser ones. */
export function createCycle(level: GridLevel, stencilOf: StencilOf): Cycle {
  const vector = () => new Float64Array(level.pixels.length * 3 + 3);
  const [side, correction] = [vector(), vector()];
  const direct = createDirectSolver(level);
  if (direct) {
    const run = () => {
      correction.set(side);
      direct(correction);
    };
    return { level, side, correction, run };
  }
  const coarser = createCoarserCycle(level, stencilOf);
  const defect = vector();
  const run = () => {
    relaxForward(level, side, correction);
    if (coarser) {
      computeDefect(level, correction, defect);
      restrict(defect, level, coarser);
      coarser.run();
      prolong(coarser, level, correction);
    }
    // The reverse order makes the cycle symmetric.
    relaxBackward(level, side, correction);
  };
  return { level, side, correction, run };
}

/** One sweep of successive over-relaxation that starts from zero, in the order of the rows: later rows are zero while a row is computed. */
function relaxForward(
  { pixels, rows, stencils, kinds }: GridLevel,
  side: Float64Array,
  correction: Float64Array,
): void {
  for (let row = 0; row < pixels.length; row++) {
    const pixel = pixels[row];
    const { steps, weights, centre, diagonal } = stencils[kinds[row]];
    const factor = relaxation / diagonal;
    let red = side[row * 3];
    let green = side[row * 3 + 1];
    let blue = side[row * 3 + 2];
    for (let index = 0; index < centre; index++) {
      const weight = weights[index];
      const at = rows[pixel + steps[index]] * 3;
      red -= weight * correction[at];
      green -= weight * correction[at + 1];
      blue -= weight * correction[at + 2];
    }
    correction[row * 3] = factor * red;
    correction[row * 3 + 1] = factor * green;
    correction[row * 3 + 2] = factor * blue;
  }
}

/**
 * Computes side − A · correction after `relaxForward`. With A = L + D + U and (L + D / ω) · correction = side, this is
 * ((1 / ω − 1) D − U) · correction: half the products, and without the right-hand side.
 */
function computeDefect(
  { pixels, rows, stencils, kinds }: GridLevel,
  correction: Float64Array,
  defect: Float64Array,
): void {
  for (let row = 0; row < pixels.length; row++) {
    const pixel = pixels[row];
    const { steps, weights, centre, diagonal } = stencils[kinds[row]];
    const own = (1 / relaxation - 1) * diagonal;
    let red = own * correction[row * 3];
    let green = own * correction[row * 3 + 1];
    let blue = own * correction[row * 3 + 2];
    for (let index = centre + 1; index < steps.length; index++) {
      const weight = weights[index];
      const at = rows[pixel + steps[index]] * 3;
      red -= weight * correction[at];
      green -= weight * correction[at + 1];
      blue -= weight * correction[at + 2];
    }
    defect[row * 3] = red;
    defect[row * 3 + 1] = green;
    defect[row * 3 + 2] = blue;
  }
}

/** One sweep of successive over-relaxation in the reverse order of the rows. */
function relaxBackward(
  { pixels, rows, stencils, kinds }: GridLevel,
  side: Float64Array,
  correction: Float64Array,
): void {
  for (let row = pixels.length - 1; row >= 0; row--) {
    const pixel = pixels[row];
    const { steps, weights, diagonal } = stencils[kinds[row]];
    const factor = relaxation / diagonal;
    let red = side[row * 3];
    let green = side[row * 3 + 1];
    let blue = side[row * 3 + 2];
    for (let index = 0; index < steps.length; index++) {
      const weight = weights[index];
      const at = rows[pixel + steps[index]] * 3;
      red -= weight * correction[at];
      green -= weight * correction[at + 1];
      blue -= weight * correction[at + 2];
    }
    correction[row * 3] += factor * red;
    correction[row * 3 + 1] += factor * green;
    correction[row * 3 + 2] += factor * blue;
  }
}

/** Returns a function that solves the system in place; null if that is too much work. The shorter side of the grid bounds the band. */
function createDirectSolver({ size, pixels, rows, stencils, kinds }: GridLevel) {
  const { width, height } = size;
  const isColumnWise = width > height;
  const rank = (pixel: number) =>
    isColumnWise ? (pixel % width) * height + Math.floor(pixel / width) : pixel;
  // A band that holds two lines and two pixels is the widest that can occur.
  const shorter = Math.min(width, height);
  const isThin = shorter < shortestSide;
  if (!isThin && pixels.length * Math.min(pixels.length, 2 * shorter) ** 2 > directProducts) return null;
  const order = Int32Array.from(pixels.keys()).sort((one, other) => rank(pixels[one]) - rank(pixels[other]));
  const positions = new Int32Array(order.length);
  order.forEach((row, position) => (positions[row] = position));
  const visit = (row: number, entry: (column: number, weight: number) => void) => {
    const { steps, weights } = stencils[kinds[row]];
    steps.forEach((step, index) => {
      const other = rows[pixels[row] + step];
      if (other < pixels.length && positions[other] <= positions[row])
        entry(positions[other], weights[index]);
    });
  };
  let bandwidth = 0;
  order.forEach((row, position) =>
    visit(row, (column) => (bandwidth = Math.max(bandwidth, position - column))),
  );
  const band = new Float64Array(order.length * (bandwidth + 1));
  order.forEach((row, position) =>
    visit(
      row,
      (column, weight) => (band[position * (bandwidth + 1) + bandwidth + column - position] += weight),
    ),
  );
  factoriseBand({ band, size: order.length, bandwidth });
  const values = new Float64Array(order.length * 3);
  return (vector: Float64Array) => {
    order.forEach((row, position) => values.set(vector.subarray(row * 3, row * 3 + 3), position * 3));
    solveFactorised({ band, size: order.length, bandwidth, values, columns: 3 });
    order.forEach((row, position) => vector.set(values.subarray(position * 3, position * 3 + 3), row * 3));
  };
}

/** Values of a quadratic B-spline at the four pixels of the finer grid that it covers: Chaikin's weights. */
const splineWeights = [0.25, 0.75, 0.75, 0.25];

/** The pixels of the finer grid that function `index` of the coarser one covers, from 2 index − 3 to 2 index, inside the image. */
function coveredBy(index: number, length: number): { from: number; to: number } {
  return { from: Math.max(0, 2 * index - 3), to: Math.min(length - 1, 2 * index) };
}

/** Visits the pixels that a function covers, with its values there. */
function visitCovered(
  pixel: number,
  coarse: ImageSize,
  { width, height, visit }: ImageSize & { visit: (pixel: number, weight: number) => void },
): void {
  const column = pixel % coarse.width;
  const row = (pixel - column) / coarse.width;
  const [across, down] = [coveredBy(column, width), coveredBy(row, height)];
  for (let y = down.from; y <= down.to; y++) {
    const weight = splineWeights[y - 2 * row + 3];
    for (let x = across.from; x <= across.to; x++)
      visit(y * width + x, weight * splineWeights[x - 2 * column + 3]);
  }
}

/** Creates the cycle of the next coarser level; null if no function fits between the known pixels. */
function createCoarserCycle(level: GridLevel, stencilOf: StencilOf): Cycle | null {
  const { size } = level;
  const lengthOf = (length: number) => Math.floor(length / 2) + 2;
  const coarse = { width: lengthOf(size.width), height: lengthOf(size.height) };
  const isInside = (pixel: number) => isCovered(pixel, coarse, level);
  const functions = new Int32Array(coarse.width * coarse.height).map((_, pixel) => pixel).filter(isInside);
  if (functions.length === 0) return null;
  const coarseStencilOf = shareStencils(coarse, reachOfCoarse, (pixel) =>
    coarsen(pixel, { coarse, size, stencilOf }),
  );
  return createCycle(createLevel(coarse, functions, coarseStencilOf), coarseStencilOf);
}

/** Returns whether all pixels that a function covers belong to the system of the finer level. */
function isCovered(pixel: number, coarse: ImageSize, { size, pixels, rows }: GridLevel): boolean {
  const column = pixel % coarse.width;
  const [across, down] = [
    coveredBy(column, size.width),
    coveredBy((pixel - column) / coarse.width, size.height),
  ];
  for (let y = down.from; y <= down.to; y++) {
    for (let x = across.from; x <= across.to; x++)
      if (rows[y * size.width + x] >= pixels.length) return false;
  }
  return true;
}

/** Returns the row of Pᵀ A P for one function. */
function coarsen(
  pixel: number,
  { coarse, size, stencilOf }: { coarse: ImageSize; size: ImageSize; stencilOf: StencilOf },
): Stencil {
  const products = new Map<number, number>();
  visitCovered(pixel, coarse, {
    ...size,
    visit(finer, value) {
      const { steps, weights } = stencilOf(finer);
      steps.forEach((step, index) => {
        const sum = products.get(finer + step) ?? 0;
        products.set(finer + step, sum + value * weights[index]);
      });
    },
  });
  const row = new Map<number, number>();
  const [x, y] = [pixel % coarse.width, Math.floor(pixel / coarse.width)];
  const reach = 3;
  for (let otherY = Math.max(0, y - reach); otherY <= Math.min(coarse.height - 1, y + reach); otherY++) {
    for (let otherX = Math.max(0, x - reach); otherX <= Math.min(coarse.width - 1, x + reach); otherX++) {
      const other = otherY * coarse.width + otherX;
      let sum = 0;
      visitCovered(other, coarse, {
        ...size,
        visit: (finer, value) => (sum += value * (products.get(finer) ?? 0)),
      });
      row.set(other - pixel, sum);
    }
  }
  return toStencil(row);
}

/** Computes the right-hand side of the coarser level, Pᵀ · defect. */
function restrict(defect: Float64Array, { size, rows }: GridLevel, { level, side }: Cycle): void {
  let at = 0;
  const visit = (finer: number, weight: number) => {
    const from = rows[finer] * 3;
    side[at] += weight * defect[from];
    side[at + 1] += weight * defect[from + 1];
    side[at + 2] += weight * defect[from + 2];
  };
  side.fill(0);
  const to = { ...size, visit };
  for (let row = 0; row < level.pixels.length; row++) {
    at = row * 3;
    visitCovered(level.pixels[row], level.size, to);
  }
}

/** Adds P · correction of the coarser level. */
function prolong({ level, correction }: Cycle, { size, rows }: GridLevel, output: Float64Array): void {
  let at = 0;
  const visit = (finer: number, weight: number) => {
    const target = rows[finer] * 3;
    output[target] += weight * correction[at];
    output[target + 1] += weight * correction[at + 1];
    output[target + 2] += weight * correction[at + 2];
  };
  const to = { ...size, visit };
  for (let row = 0; row < level.pixels.length; row++) {
    at = row * 3;
    visitCovered(level.pixels[row], level.size, to);
  }
}
