import { describe, expect, it } from 'vitest';
import {
  findBetterRun,
  findRecommended,
  type JudgedRun,
  noAdvice,
  orderRuns,
  toRunAdvice,
} from '../../../renderer/models/inpainting/runAdvice.ts';

const scores = { key: 'cifar10', label: 'cifar10 32×32' };
const runs = ['a', 'b', 'c', 'd'].map((id, index): JudgedRun => ({
  id,
  scores,
  bestPsnr: 20 + index,
  warning: null,
}));
const training = {
  trainedOn: 'random pixels of 32 × 32 images',
  imageSize: 32,
  isCropped: false,
  obstacle: null,
};
const warned = { ...training, runId: 'a', warning: 'Trained on random pixels.' };
const advice = toRunAdvice([
  warned,
  { ...training, runId: 'b', warning: null },
  { ...training, runId: 'd', warning: null },
]);
const image = { width: 32, height: 32, isFitted: false };
const judgement = { advice, image };

describe('the runs for a mask', () => {
  it('begin with those that were trained with such masks, of these with the best score', () => {
    expect(orderRuns(runs, judgement).map(({ id }) => id)).toEqual(['d', 'b', 'a', 'c']);
    expect(orderRuns(runs, { advice: noAdvice, image })).toEqual(runs);
    expect(findRecommended(runs, judgement)?.id).toBe('d');
  });

  it('have no recommended one if none was trained with such masks', () => {
    expect(findRecommended(runs, { advice: toRunAdvice([warned]), image })).toBeNull();
    expect(findRecommended(runs, { advice: noAdvice, image })).toBeNull();
    expect(findRecommended([], judgement)).toBeNull();
  });

  it('include a better one only if the chosen one is warned of the mask', () => {
    expect(findBetterRun(runs, judgement, 'a')?.id).toBe('d');
    for (const chosen of ['b', 'c', null]) expect(findBetterRun(runs, judgement, chosen)).toBeNull();
    expect(findBetterRun(runs, { advice: toRunAdvice([warned]), image }, 'a')).toBeNull();
  });
});
