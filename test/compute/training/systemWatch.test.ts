import { describe, expect, it } from 'vitest';
import { createSystemWatch } from '../../../main/compute/training/systemWatch.ts';

describe('the system watch', () => {
  it('returns the means since the sample before, at most every five seconds, from the first step on', () => {
    let milliseconds = 100_000;
    let cpuMicroseconds = 7e6;
    let readings = 0;
    const watch = createSystemWatch(
      () => milliseconds,
      () => {
        readings += 1;
        return { milliseconds, cpuMicroseconds, memoryBytes: 3e8 };
      },
    );
    const samples = Array.from({ length: 26 }, (_, index) => {
      const sample = watch.sample(index + 1);
      // Half a second per step, on one and a half cores.
      milliseconds += 500;
      cpuMicroseconds += 750_000;
      return sample;
    });
    const taken = samples.flatMap((sample, index) => (sample ? [[index + 1, sample] as const] : []));
    const expected = { stepsPerSecond: 2, cpuCores: 1.5, memoryBytes: 3e8 };
    expect(taken).toEqual([
      [11, expected],
      [21, expected],
    ]);
    expect(readings).toBe(3);
  });
});
