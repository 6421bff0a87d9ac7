/** The times a solver visits: where along the path its steps are short. */

import * as tf from '@tensorflow/tfjs-core';
import type { SamplerConfig } from '../../../shared/config/config.ts';
import type { Path } from '../path/path.ts';
import type { TimeGrid } from './solver.ts';

/** Noise-to-data ratios σ / α between which the edm grid lies: Karras et al. 2022, table 1. */
const [largestRatio, smallestRatio] = [80, 0.002];

/**
 * steps + 1 increasing times from 0 to 1. `uniform`: equal steps; `cosine`: (1 − cos πu) / 2, short at both ends; `edm`:
 * σ / α equally spaced in its ρ-th root, Karras et al. 2022, eq. 5; `shifted`: u / (u + shift (1 − u)), Esser et al. 2024,
 * eq. 23. @throws RangeError unless steps is an integer ≥ 1.
 */
export function timeGrid(
  settings: Pick<SamplerConfig, 'grid' | 'steps' | 'gridRho' | 'gridShift'>,
  path: Path,
): TimeGrid {
  const { steps, gridShift } = settings;
  if (!Number.isInteger(steps) || steps < 1) {
    throw new RangeError(`A solver needs a whole number of steps ≥ 1, found ${steps}.`);
  }
  const shares = Array.from({ length: steps + 1 }, (_, index) => index / steps);
  switch (settings.grid) {
    case 'uniform':
      return shares;
    case 'cosine':
      return shares.map((share) => (1 - Math.cos(Math.PI * share)) / 2);
    case 'shifted':
      return shares.map((share) => share / (share + gridShift * (1 - share)));
    case 'edm':
      return [0, ...timesOfRatios(path, edmRatios(settings)), 1];
  }
}

/** The ratios between the first time and the last. */
function edmRatios({ steps, gridRho }: Pick<SamplerConfig, 'steps' | 'gridRho'>): number[] {
  const [from, to] = [largestRatio ** (1 / gridRho), smallestRatio ** (1 / gridRho)];
  return Array.from(
    { length: steps - 1 },
    (_, index) => (from + ((index + 1) / (steps - 1)) * (to - from)) ** gridRho,
  );
}

/** Where the path has these ratios of σ to α, by bisection: along every path the ratio falls. */
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
  const tensor = tf.tidy(() => {
    const { alpha, sigma } = path.coefficients(tf.tensor1d([...times]));
    return tf.div(sigma, alpha);
  });
  const ratios = tensor.dataSync() as Float32Array;
  tensor.dispose();
  return ratios;
}
