import { describe, expect, it } from 'vitest';
import { describeTime } from '../../../shared/text/timeRange.ts';

const describeRange = (seconds: number, range: [number, number]) =>
  describeTime({ seconds, range, explanation: '' });

describe('an estimate of time', () => {
  it('is a range with one unit, one number where the range is narrow, and a limit where it is short', () => {
    expect(describeRange(3, [2, 5])).toBe('2 to 5 s');
    expect(describeRange(40, [38, 44])).toBe('about 40 s');
    expect(describeRange(90, [50, 180])).toBe('50 s to 3 min');
    expect(describeRange(0.2, [0.1, 0.6])).toBe('under 1 s');
    expect(describeRange(1, [0.2, 3])).toBe('up to 3 s');
  });

  it('is said to be unknown where nothing has been measured', () => {
    expect(describeTime({ seconds: null, range: null, explanation: '' })).toBe('not known yet');
  });
});
