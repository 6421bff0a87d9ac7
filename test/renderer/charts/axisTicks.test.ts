import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  clockTicks,
  durationTicks,
  formatPosition,
  formatTick,
} from '../../../renderer/models/charts/axisTicks.ts';

describe('durationTicks', () => {
  it('Ticks of the training time are at round times', () => {
    expect(durationTicks({ min: 0, max: 120, count: 6 })).toEqual([0, 30, 60, 90, 120]);
    expect(durationTicks({ min: 100, max: 7300, count: 4 })).toEqual([1800, 3600, 5400, 7200]);
  });

  it('There is at most one tick more than requested', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e6 }),
        fc.integer({ min: 1, max: 1e7 }),
        fc.integer({ min: 2, max: 20 }),
        (min, width, count) => {
          const ticks = durationTicks({ min, max: min + width, count });
          expect(ticks.length).toBeLessThanOrEqual(count + 1);
          for (const tick of ticks) expect(tick >= min && tick <= min + width).toBe(true);
        },
      ),
    );
  });

  it('Tick labels omit empty parts such as "0 min"', () => {
    expect(formatTick('processTime', 7200, 1800)).toBe('2 h');
    expect(formatTick('processTime', 90, 30)).toBe('1 min 30 s');
    expect(formatTick('processTime', 120, 30)).toBe('2 min');
  });
});

describe('clockTicks', () => {
  it("Clock ticks are at round times in the user's time zone", () => {
    const start = Date.UTC(2026, 10, 23, 20, 17);
    // India, 5 h 30 min ahead of UTC.
    const ticks = clockTicks({ min: start, max: start + 3 * 3600e3, count: 4 }, -330);
    expect(ticks.map((tick) => new Date(tick).toISOString().slice(11, 16))).toEqual([
      '20:30',
      '21:30',
      '22:30',
    ]);
  });
});

describe('formatPosition', () => {
  it('A position on the axis is formatted with its unit', () => {
    expect(formatPosition('step', 1200)).toBe('step 1200');
    expect(formatPosition('epoch', 1.5)).toBe('epoch 1.50');
    expect(formatPosition('imagesSeen', 640)).toBe('640 images');
    expect(formatPosition('processTime', 200)).toBe('3 min 20 s');
  });
});
