/**
 * Energies of an image on its own pixel grid: sums of squared differences between pixels at most two steps apart. The
 * unknown pixels that minimise one of them solve a sparse positive definite system. Away from the border of the image the
 * biharmonic and the bending energy have the same rows: those of the bilaplacian with 13 points.
 */

import type { ClassicalEstimate } from '../../../shared/config/config.ts';
import type { ImageSize } from './nearest.ts';

/** Visits a difference: pixels, their coefficients, and the weight of its square in the energy. */
export type VisitDifference = (
  pixels: readonly number[],
  coefficients: readonly number[],
  weight: number,
) => void;

export interface GridEnergy {
  /** Visits the differences that belong to a pixel; every difference of the image belongs to one pixel, at most two steps away. */
  readonly visitDifferences: (pixel: number, size: ImageSize, visit: VisitDifference) => void;
}

/**
 * Squares of the five-point Laplacian, whose reflection at the border omits neighbours outside the image. At its minimum the
 * bilaplacian of unknown pixels vanishes: Damelin & Hoang 2018, "On surface completion and image inpainting by biharmonic
 * functions", §3. Any known pixel determines a minimum.
 */
export const biharmonicEnergy: GridEnergy = {
  visitDifferences(pixel, { height, width }, visit) {
    const x = pixel % width;
    const neighbours: number[] = [];
    if (x > 0) neighbours.push(pixel - 1);
    if (x < width - 1) neighbours.push(pixel + 1);
    if (pixel >= width) neighbours.push(pixel - width);
    if (pixel < (height - 1) * width) neighbours.push(pixel + width);
    visit([pixel, ...neighbours], [neighbours.length, ...neighbours.map(() => -1)], 1);
  },
};

/**
 * Bending energy Σ u_xx² + 2 u_xy² + u_yy² of second differences inside the image, whose border is therefore free:
 * Terzopoulos 1983, "Multilevel computational processes for visual surface reconstruction", §3. Three known pixels that are
 * not on one line determine a minimum.
 */
export const bendingEnergy: GridEnergy = {
  visitDifferences(pixel, { width }, visit) {
    const alongLine = [1, -2, 1];
    const acrossCell = [1, -1, -1, 1];
    const x = pixel % width;
    if (x >= 2) visit([pixel - 2, pixel - 1, pixel], alongLine, 1);
    if (pixel >= 2 * width) visit([pixel - 2 * width, pixel - width, pixel], alongLine, 1);
    if (x >= 1 && pixel >= width) visit([pixel - width - 1, pixel - width, pixel - 1, pixel], acrossCell, 2);
  },
};

/**
 * Weight of squared slopes next to squared second differences, in 1/pixel². It is the inverse square of a length, 3.2 pixels:
 * gaps that are narrower are bridged by bending, wider ones are spanned like a membrane.
 */
const tension = 0.1;

/**
 * Bending energy plus tension Σ u_x² + u_y²: Franke 1985, "Thin plate splines with tension"; Smith & Wessel 1990, "Gridding
 * with continuous curvature splines in tension". The slopes at the edge of a wide hole fade inside it, where a plate without
 * tension overshoots. Any known pixel determines a minimum.
 */
export const tensionEnergy: GridEnergy = {
  visitDifferences(pixel, size, visit) {
    bendingEnergy.visitDifferences(pixel, size, visit);
    if (pixel % size.width >= 1) visit([pixel - 1, pixel], [-1, 1], tension);
    if (pixel >= size.width) visit([pixel - size.width, pixel], [-1, 1], tension);
  },
};

/** Returns the energy that a classical estimate minimises where it is computed on the grid. */
export function energyOf(method: ClassicalEstimate): GridEnergy {
  return method === 'thin-plate' ? bendingEnergy : tensionEnergy;
}

/** Row of a pixel in a matrix on the grid. */
export interface Stencil {
  /** Pixels with an entry in the row, the pixel itself included, as differences of their indices, in ascending order. */
  readonly steps: Int32Array;
  readonly weights: Float64Array;
  /** Position of the pixel itself among them. */
  readonly centre: number;
  readonly diagonal: number;
}

export type StencilOf = (pixel: number) => Stencil;

/** Returns the rows of an energy's matrix: half the derivatives of the energy by every pixel. */
export function stencilsOf(energy: GridEnergy, size: ImageSize): StencilOf {
  const reach = 2;
  return shareStencils(size, reach, (pixel) => {
    const [x, y] = [pixel % size.width, Math.floor(pixel / size.width)];
    const weights = new Map<number, number>();
    const visit: VisitDifference = (pixels, coefficients, weight) => {
      const own = pixels.indexOf(pixel);
      if (own < 0) return;
      pixels.forEach((other, index) => {
        const sum = weights.get(other - pixel) ?? 0;
        weights.set(other - pixel, sum + weight * coefficients[own] * coefficients[index]);
      });
    };
    for (let row = Math.max(0, y - reach); row <= Math.min(size.height - 1, y + reach); row++) {
      for (let column = Math.max(0, x - reach); column <= Math.min(size.width - 1, x + reach); column++)
        energy.visitDifferences(row * size.width + column, size, visit);
    }
    return toStencil(weights);
  });
}

/** Returns stencils that are computed once for all pixels with the same distances to the border, as far as they are below `reach`. */
export function shareStencils({ width, height }: ImageSize, reach: number, compute: StencilOf): StencilOf {
  const shared = new Map<number, Stencil>();
  return (pixel) => {
    const x = pixel % width;
    const y = (pixel - x) / width;
    const across = Math.min(x, reach) * (reach + 1) + Math.min(width - 1 - x, reach);
    const down = Math.min(y, reach) * (reach + 1) + Math.min(height - 1 - y, reach);
    const key = across * (reach + 1) ** 2 + down;
    const found = shared.get(key);
    if (found) return found;
    const stencil = compute(pixel);
    shared.set(key, stencil);
    return stencil;
  };
}

/** Returns the stencil with these weights by step, without those that are zero. */
export function toStencil(weights: ReadonlyMap<number, number>): Stencil {
  const entries = [...weights].filter(([, weight]) => weight !== 0).sort(([one], [other]) => one - other);
  const steps = Int32Array.from(entries, ([step]) => step);
  return {
    steps,
    weights: Float64Array.from(entries, ([, weight]) => weight),
    centre: steps.indexOf(0),
    diagonal: weights.get(0) ?? 0,
  };
}
