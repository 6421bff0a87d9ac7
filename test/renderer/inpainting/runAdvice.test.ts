import { describe, expect, it } from 'vitest';
import {
  findBetterRun,
  noAdvice,
  orderRuns,
  toRunAdvice,
} from '../../../renderer/models/inpainting/runAdvice.ts';

const runs = ['a', 'b', 'c', 'd'].map((id) => ({ id }));
const advice = toRunAdvice([
  { runId: 'a', warning: 'Trained on random pixels.' },
  { runId: 'b', warning: null },
  { runId: 'd', warning: null },
]);

describe('the runs for a mask', () => {
  it('begin with those that were trained with such masks; otherwise their order is kept', () => {
    expect(orderRuns(runs, advice).map(({ id }) => id)).toEqual(['b', 'd', 'a', 'c']);
    expect(orderRuns(runs, noAdvice)).toEqual(runs);
  });

  it('include a better one only if the chosen one is warned of the mask', () => {
    expect(findBetterRun(runs, advice, 'a')).toEqual({ id: 'b' });
    for (const chosen of ['b', 'c', null]) expect(findBetterRun(runs, advice, chosen)).toBeNull();
    expect(findBetterRun(runs, toRunAdvice([{ runId: 'a', warning: 'New.' }]), 'a')).toBeNull();
  });
});
