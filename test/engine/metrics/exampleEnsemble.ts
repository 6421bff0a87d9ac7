/** Ensembles for the tests of this room. */

import { randomNormals } from '../../../shared/numbers/random.ts';

/** Waves whose scores NumPy and SciPy computed from the definitions, pair by pair. */
export const waves = {
  truth: Float64Array.from({ length: 24 }, (_, i) => Math.sin(i)),
  samples: Array.from({ length: 5 }, (_, s) =>
    Float64Array.from({ length: 24 }, (_, i) => 0.8 * Math.sin(i + 0.3 * (s + 1) ** 2)),
  ),
};

/** A truth of independent N(0, 1) values and samples of N(shift, scale²). */
export function gaussianEnsemble(options: {
  values: number;
  samples: number;
  seed?: number;
  scale?: number;
  shift?: number;
}) {
  const { values, samples, seed = 1, scale = 1, shift = 0 } = options;
  const draw = (step: number) => Float64Array.from(randomNormals({ seed, stream: 'noise', step }, values));
  return {
    truth: draw(0),
    samples: Array.from({ length: samples }, (_, s) => draw(s + 1).map((value) => shift + scale * value)),
  };
}
