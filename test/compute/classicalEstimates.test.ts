import { expect, it } from 'vitest';
import { estimateAnew, rememberEstimates } from '../../main/compute/classicalEstimates.ts';
import type { SparseObservation } from '../../shared/images/image.ts';
import { randomPermutation, randomUniforms } from '../../shared/numbers/random.ts';

const observationOf = (index: number): SparseObservation => ({
  height: 8,
  width: 8,
  indices: randomPermutation({ seed: 1, stream: 'mask', step: index }, 64).slice(0, 12),
  values: randomUniforms({ seed: 1, stream: 'synthetic', step: index }, 36),
});

it('a remembered estimate is the estimate, of every observation its own, and is not solved again', () => {
  const estimateOf = rememberEstimates();
  const observations = [0, 1, 2].map(observationOf);
  const first = observations.map(estimateOf);
  expect(first).toEqual(observations.map(estimateAnew));
  observations.forEach((observation, index) => expect(estimateOf(observation)).toBe(first[index]));
});
