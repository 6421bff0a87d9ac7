import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cancelRedraw, requestRedraw } from '../../../renderer/models/charts/redrawQueue.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('charts that are to be drawn', () => {
  it('are drawn in the order of their requests, each once and in a task of its own', () => {
    const drawn: string[] = [];
    const charts = ['loss', 'gradient', 'psnr'].map((name) => () => void drawn.push(name));
    for (const chart of [...charts, charts[0]]) requestRedraw(chart);
    expect(drawn).toEqual([]);
    vi.advanceTimersToNextTimer();
    expect(drawn).toEqual(['loss']);
    requestRedraw(charts[0]);
    vi.runAllTimers();
    expect(drawn).toEqual(['loss', 'gradient', 'psnr', 'loss']);
  });

  it('are left out if they are removed first, and do not hold up the others if one cannot be drawn', () => {
    const drawn: string[] = [];
    const broken = () => {
      throw new Error('no canvas');
    };
    const [removed, kept] = ['removed', 'kept'].map((name) => () => void drawn.push(name));
    for (const chart of [removed, broken, kept]) requestRedraw(chart);
    cancelRedraw(removed);
    expect(() => vi.runAllTimers()).toThrow('no canvas');
    vi.runAllTimers();
    expect(drawn).toEqual(['kept']);
  });
});
