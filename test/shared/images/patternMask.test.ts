import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskPatterns } from '../../../shared/images/mask.ts';
import { createBlueNoiseRanks } from '../../../shared/images/blueNoise.ts';
import { drawPatternMask, type PatternMaskOptions } from '../../../shared/images/patternMask.ts';

const options = fc.record({
  pattern: fc.constantFrom(...maskPatterns),
  keepRatio: fc.double({ min: 1e-4, max: 1, noNaN: true }),
  seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  width: fc.integer({ min: 1, max: 90 }),
  height: fc.integer({ min: 1, max: 90 }),
});

describe('a generated mask', () => {
  it('depends on its options alone, consists of zeros and ones, and has at least one known pixel', () => {
    fc.assert(
      fc.property(options, (requested) => {
        const mask = drawPatternMask(requested).bits;
        expect(mask.length).toBe(requested.width * requested.height);
        expect(mask.every((known) => known === 0 || known === 1)).toBe(true);
        expect(countKnown(mask)).toBeGreaterThan(0);
        expect(mask).toEqual(drawPatternMask({ ...requested }).bits);
      }),
      { numRuns: 30 },
    );
  });

  it('has exactly the requested fraction of known pixels, rounded down, if it is uniform or blue noise', () => {
    fc.assert(
      fc.property(options, fc.constantFrom('uniform', 'blue-noise'), (requested, pattern) => {
        const expected = Math.max(1, Math.floor(requested.keepRatio * requested.width * requested.height));
        expect(countKnown(drawPatternMask({ ...requested, pattern }).bits)).toBe(expected);
      }),
      { numRuns: 30 },
    );
  });

  it('hides one rectangle of the requested size, up to a row or column, if it is a block', () => {
    fc.assert(
      fc.property(options, (requested) => {
        const mask = drawPatternMask({ ...requested, pattern: 'block' }).bits;
        const hidden = Array.from(mask.keys()).filter((pixel) => mask[pixel] === 0);
        const rows = new Set(hidden.map((pixel) => Math.floor(pixel / requested.width)));
        const columns = new Set(hidden.map((pixel) => pixel % requested.width));
        expect(rows.size * columns.size).toBe(hidden.length);
        const expected = (1 - requested.keepRatio) * mask.length;
        const longerSide = Math.max(requested.width, requested.height);
        expect(Math.abs(hidden.length - expected)).toBeLessThanOrEqual(longerSide);
      }),
    );
  });

  it('places the block by its seed, in the aspect ratio of the image', () => {
    const blocks = [1, 2, 3].map(
      (seed) => drawPatternMask({ pattern: 'block', keepRatio: 0.75, seed, width: 200, height: 100 }).bits,
    );
    const corners = blocks.map((mask) => mask.indexOf(0));
    expect(new Set(corners).size).toBe(3);
    const [{ length: hidden }] = blocks.map((mask) => mask.filter((known) => !known));
    expect(hidden).toBe(5000);
    expect(blocks[0].indexOf(1, corners[0]) - corners[0]).toBe(100);
  });

  it.each([
    ['grid', 1 / 9, [1, 4, 7], [1, 4, 7]],
    ['grid', 0.3, [0, 2, 4, 6, 8], [0, 2, 4, 6, 8]],
    ['grid', 1e-4, [4], [4]],
    ['lines', 1 / 3, [1, 4, 7], [0, 1, 2, 3, 4, 5, 6, 7, 8]],
    ['lines', 0.2, [1, 6], [0, 1, 2, 3, 4, 5, 6, 7, 8]],
  ] as const)(
    'with pattern %s and fraction %d of 9×9 pixels has the known rows %j and columns %j',
    (pattern, keepRatio, rows, columns) => {
      const mask = drawPatternMask({ pattern, keepRatio, seed: 0, width: 9, height: 9 }).bits;
      const expected = rows.flatMap((row) => columns.map((column) => row * 9 + column));
      expect(Array.from(mask.keys()).filter((pixel) => mask[pixel])).toEqual(expected);
    },
  );

  it.each(maskPatterns)(
    'with pattern %s has a known pixel in an image of one pixel, and only known pixels at fraction 1',
    (pattern) => {
      const one = { pattern, seed: 3, width: 1, height: 1 };
      expect([...drawPatternMask({ ...one, keepRatio: 0.001 }).bits]).toEqual([1]);
      const all = drawPatternMask({ pattern, seed: 3, width: 13, height: 7, keepRatio: 1 }).bits;
      expect(all.every(Boolean)).toBe(true);
    },
  );

  it('has as many known pixels in each quarter if it is uniform', () => {
    const side = 64;
    const mask = drawPatternMask({
      pattern: 'uniform',
      keepRatio: 0.2,
      seed: 42,
      width: side,
      height: side,
    }).bits;
    const quarters = [0, 0, 0, 0];
    mask.forEach((known, pixel) => {
      quarters[2 * Math.floor(pixel / side / 32) + Math.floor((pixel % side) / 32)] += known;
    });
    // Each quarter has 1024 pixels; the mean count is 204.75, its standard deviation 11.1.
    quarters.forEach((count) => expect(Math.abs(count - 204.75)).toBeLessThan(45));
    const other = drawPatternMask({
      pattern: 'uniform',
      keepRatio: 0.2,
      seed: 43,
      width: side,
      height: side,
    }).bits;
    expect(other).not.toEqual(mask);
  });

  it.each([
    [{ keepRatio: 0 }, 'Fraction of known pixels 0'],
    [{ keepRatio: 1.5 }, 'Fraction of known pixels 1.5'],
    [{ keepRatio: Number.NaN }, 'Fraction of known pixels NaN'],
    [{ seed: -1 }, 'Mask seed -1'],
    [{ width: 0 }, 'An image of 0×9 pixels'],
    [{ height: 2.5 }, 'An image of 9×2.5 pixels'],
  ])('is not generated for %j', (invalid, message) => {
    const valid: PatternMaskOptions = { pattern: 'uniform', keepRatio: 0.2, seed: 0, width: 9, height: 9 };
    expect(() => drawPatternMask({ ...valid, ...invalid })).toThrow(message);
  });
});

describe('blue noise', () => {
  it('ranks each pixel of its tile once, in an order that depends on the seed', () => {
    const ranks = createBlueNoiseRanks(7);
    expect([...ranks].sort((a, b) => a - b)).toEqual(Array.from({ length: 4096 }, (_, rank) => rank));
    expect(createBlueNoiseRanks(8)).not.toEqual(ranks);
  });

  it.each([0.02, 0.1, 0.2, 0.5, 0.8])(
    'has less than a tenth of the low-frequency power of a uniform mask at fraction %d',
    (keepRatio) => {
      const size = { seed: 5, width: 64, height: 64, keepRatio };
      const blue = lowFrequencyPower(drawPatternMask({ ...size, pattern: 'blue-noise' }).bits);
      const white = lowFrequencyPower(drawPatternMask({ ...size, pattern: 'uniform' }).bits);
      expect(blue).toBeLessThan(white / 10);
    },
  );

  it('distributes the known pixels evenly over an image of several tiles', () => {
    const mask = drawPatternMask({
      pattern: 'blue-noise',
      keepRatio: 0.1,
      seed: 1,
      width: 640,
      height: 64,
    }).bits;
    for (let left = 0; left < 640; left += 64) {
      let count = 0;
      for (let pixel = 0; pixel < mask.length; pixel++) {
        const column = pixel % 640;
        if (column >= left && column < left + 64) count += mask[pixel];
      }
      expect(Math.abs(count - 409.6)).toBeLessThan(2);
    }
  });
});

function countKnown(mask: Uint8Array): number {
  return mask.reduce((sum, known) => sum + known, 0);
}

/** Returns the power of a mask of 64×64 pixels at up to 3 periods per side, without the mean. */
function lowFrequencyPower(mask: Uint8Array): number {
  let power = 0;
  for (let down = 0; down <= 3; down++) {
    for (let right = -3; right <= 3; right++) {
      if (down === 0 && right <= 0) continue;
      let real = 0;
      let imaginary = 0;
      mask.forEach((known, pixel) => {
        const angle = (2 * Math.PI * (down * Math.floor(pixel / 64) + right * (pixel % 64))) / 64;
        real += known * Math.cos(angle);
        imaginary += known * Math.sin(angle);
      });
      power += real ** 2 + imaginary ** 2;
    }
  }
  return power;
}
