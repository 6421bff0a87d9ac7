import { describe, expect, it } from 'vitest';
import { listAverages } from '../../../renderer/composables/run/useEvaluationForm.ts';

const titles = (...runs: Parameters<typeof listAverages>[0]) => listAverages(runs).map(({ title }) => title);

describe('listAverages', () => {
  it('The choices are the main EMA, further EMAs, and the weights without EMA', () => {
    expect(listAverages([{ ema: 0.999, emaMore: [0.99] }])).toEqual([
      { value: 'main', title: '0.999, the main one' },
      { value: '0.99', title: '0.99' },
      { value: 'off', title: 'Off: weights of the last step' },
    ]);
  });

  it('For several runs, only EMAs that all of them keep can be chosen', () => {
    expect(titles({ ema: 0.999, emaMore: [0.99] }, { ema: 0.99, emaMore: [] })).toEqual([
      'The main one of each run',
      '0.99',
      'Off: weights of the last step',
    ]);
    expect(titles({ ema: 0.999, emaMore: [0.99] }, { ema: 0.999, emaMore: [] })).toEqual([
      '0.999, the main one',
      'Off: weights of the last step',
    ]);
  });

  it('There is no choice if no run keeps an EMA', () => {
    expect(titles({ ema: 0, emaMore: [] })).toEqual(['None is kept']);
  });
});
