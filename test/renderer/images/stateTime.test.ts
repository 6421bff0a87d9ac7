import { describe, expect, it } from 'vitest';
import { describeTime } from '../../../renderer/models/images/versionNames.ts';

describe('the time of a state', () => {
  it('has two decimals, and four if it would look like the start or the end', () => {
    expect([0, 0.0031, 0.25, 0.4, 0.998, 1].map((time) => describeTime(time))).toEqual([
      't = 0.00',
      't = 0.0031',
      't = 0.25',
      't = 0.40',
      't = 0.9980',
      't = 1.00',
    ]);
  });

  it('has four decimals if two times would look the same', () => {
    const times = [0, 0.5, 0.8, 0.8038, 1];
    expect(times.map((time) => describeTime(time, times))).toEqual([
      't = 0.00',
      't = 0.50',
      't = 0.8000',
      't = 0.8038',
      't = 1.00',
    ]);
  });
});
