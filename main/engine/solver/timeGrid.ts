/** Time grids: where along the path the steps of a solver are short. */

import * as tf from '@tensorflow/tfjs-core';
import type { SamplerConfig } from '../../../shared/config/config.ts';
import type { Path } from '../path/affine.ts';
import { computeNumbers } from '../tensors.ts';
import type { TimeGrid } from './solver.ts';

/** Largest and smallest noise-to-data ratio σ / α of the inner times of the edm grid: Karras et al. 2022, table 1. */
const largestRatio = 80;
const smallestRatio = 0.002;

/**
 * Returns steps + 1 increasing times from 0 to 1. `uniform`: equal steps; `cosine`: (1 − cos πu) / 2, short at both ends;
 * `edm`: σ / α equally spaced in its ρ-th root, Karras et al. 2022, eq. 5; `shifted`: u / (u + shift (1 − u)), Esser et al.
 * 2024, eq. 23.
 * @throws RangeError unless steps is an integer ≥ 1.
 */
export function timeGrid(
  settings: Pick<SamplerConfig, 'grid' | 'steps' | 'gridRho' | 'gridShift'>,
  path: Path,
): TimeGrid {
  const { steps, gridShift } = settings;
  if (!Number.isInteger(steps) || steps < 1) {
    throw new RangeError(`Found ${steps} solver steps: expected a whole number of at least 1.`);
  }
  const uniform = Array.from({ length: steps + 1 }, (_, index) => index / steps);
  switch (settings.grid) {
    case 'uniform':
      return uniform;
    case 'cosine':
      return uniform.map((u) => (1 - Math.cos(Math.PI * u)) / 2);
    case 'shifted':
      return uniform.map((u) => u / (u + gridShift * (1 - u)));
    case 'edm':
      return [0, ...timesOfRatios(path, edmRatios(settings)), 1];
  }
}

/** Returns the ratios at the inner times. */
function edmRatios({ steps, gridRho }: Pick<SamplerConfig, 'steps' | 'gridRho'>): number[] {
  const from = largestRatio ** (1 / gridRho);
  const to = smallestRatio ** (1 / gridRho);
  return Array.from(
    { length: steps - 1 },
    (_, index) => (from + ((index + 1) / (steps - 1)) * (to - from)) ** gridRho,
  );
}

/** Returns the times at which the path has these ratios of σ to α, by bisection: the ratio decreases along every path. */
function timesOfRatios(path: Path, ratios: readonly number[]): number[] {
  let bounds = ratios.map(() => ({ low: 0, high: 1 }));
  for (let halving = 0; halving < 24; halving++) {
    const middles = bounds.map(({ low, high }) => (low + high) / 2);
    const found = ratiosAt(path, middles);
    bounds = bounds.map(({ low, high }, index) =>
      found[index] > ratios[index] ? { low: middles[index], high } : { low, high: middles[index] },
    );
  }
  return bounds.map(({ low, high }) => (low + high) / 2);
}

function ratiosAt(path: Path, times: readonly number[]): Float32Array {
  if (times.length === 0) return new Float32Array();
  return computeNumbers(() => {
    const { alpha, sigma } = path.coefficients(tf.tensor1d([...times]));
    return tf.div(sigma, alpha);
  });
}
