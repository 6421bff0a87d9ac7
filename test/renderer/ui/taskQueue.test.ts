import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cancelTask, requestTask } from '../../../renderer/models/ui/taskQueue.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('pieces of work', () => {
  it('are done in the order of their requests, each once and in a task of its own', () => {
    const drawn: string[] = [];
    const charts = ['loss', 'gradient', 'psnr'].map((name) => () => void drawn.push(name));
    for (const chart of [...charts, charts[0]]) requestTask(chart);
    expect(drawn).toEqual([]);
    vi.advanceTimersToNextTimer();
    expect(drawn).toEqual(['loss']);
    requestTask(charts[0]);
    vi.runAllTimers();
    expect(drawn).toEqual(['loss', 'gradient', 'psnr', 'loss']);
  });

  it('are left out if they are cancelled first, and do not hold up the others if one fails', () => {
    const drawn: string[] = [];
    const broken = () => {
      throw new Error('no canvas');
    };
    const [removed, kept] = ['removed', 'kept'].map((name) => () => void drawn.push(name));
    for (const chart of [removed, broken, kept]) requestTask(chart);
    cancelTask(removed);
    expect(() => vi.runAllTimers()).toThrow('no canvas');
    vi.runAllTimers();
    expect(drawn).toEqual(['kept']);
  });
});
