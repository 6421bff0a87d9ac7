import { describe, expect, it } from 'vitest';

import { toGrowthRows, toLoopShare } from './stepCost.ts';

describe('toGrowthRows', () => {
  const variants = [
    { quantity: 'batch', from: 16, to: 32 },
    { quantity: 'latents', from: 32, to: 64 },
  ] as const;

  it('divides the time of every variant by that of the plan, round by round', () => {
    const rows = toGrowthRows(variants, [
      [10, 20, 30],
      [18, 40, 57],
      [11, 22, 33],
    ]);
    expect(rows).toEqual([
      { quantity: 'batch', from: 16, to: 32, milliseconds: 40, ratio: 1.9 },
      { quantity: 'latents', from: 32, to: 64, milliseconds: 22, ratio: 1.1 },
    ]);
  });

  it('omits a variant that failed', () => {
    expect(toGrowthRows(variants, [[10], undefined, [12]]).map(({ quantity }) => quantity)).toEqual([
      'latents',
    ]);
  });
});

describe('toLoopShare', () => {
  it('is the median of the fraction of time that each step spends outside TensorFlow', () => {
    const share = toLoopShare('small', { milliseconds: [100, 200, 50], native: [90, 100, 49] });
    expect(share).toEqual({ config: 'small', milliseconds: 100, nativeMilliseconds: 90, outsideShare: 0.1 });
  });
});
