import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskPatterns } from '../../shared/images/mask.ts';
import { createBlueNoiseRanks } from '../../shared/images/blueNoise.ts';
import { drawPatternMask, type PatternMaskOptions } from '../../shared/images/patternMask.ts';

const options = fc.record({
  pattern: fc.constantFrom(...maskPatterns),
  keepRatio: fc.double({ min: 1e-4, max: 1, noNaN: true }),
  seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  width: fc.integer({ min: 1, max: 90 }),
  height: fc.integer({ min: 1, max: 90 }),
});

describe('a drawn mask', () => {
  it('is a function of its options alone, of zeros and ones, and knows at least one pixel', () => {
    fc.assert(
      fc.property(options, (asked) => {
        const mask = drawPatternMask(asked).bits;
        expect(mask.length).toBe(asked.width * asked.height);
        expect(mask.every((known) => known === 0 || known === 1)).toBe(true);
        expect(countKnown(mask)).toBeGreaterThan(0);
        expect(mask).toEqual(drawPatternMask({ ...asked }).bits);
      }),
      { numRuns: 30 },
    );
  });

  it('knows exactly the share asked for, rounded down, where it is uniform or blue noise', () => {
    fc.assert(
      fc.property(options, fc.constantFrom('uniform', 'blue-noise'), (asked, pattern) => {
        const expected = Math.max(1, Math.floor(asked.keepRatio * asked.width * asked.height));
        expect(countKnown(drawPatternMask({ ...asked, pattern }).bits)).toBe(expected);
      }),
      { numRuns: 30 },
    );
  });

  it('hides one rectangle of the share asked for, to a row or column, where it is a block', () => {
    fc.assert(
      fc.property(options, (asked) => {
        const mask = drawPatternMask({ ...asked, pattern: 'block' }).bits;
        const hidden = Array.from(mask.keys()).filter((pixel) => mask[pixel] === 0);
        const rows = new Set(hidden.map((pixel) => Math.floor(pixel / asked.width)));
        const columns = new Set(hidden.map((pixel) => pixel % asked.width));
        expect(rows.size * columns.size).toBe(hidden.length);
        const wanted = (1 - asked.keepRatio) * mask.length;
        expect(Math.abs(hidden.length - wanted)).toBeLessThanOrEqual(Math.max(asked.width, asked.height));
      }),
    );
  });

  it('puts a block elsewhere with another seed, in the shape of the image', () => {
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
    'of %s with share %d in 9×9 pixels knows rows %j and columns %j',
    (pattern, keepRatio, rows, columns) => {
      const mask = drawPatternMask({ pattern, keepRatio, seed: 0, width: 9, height: 9 }).bits;
      const expected = rows.flatMap((row) => columns.map((column) => row * 9 + column));
      expect(Array.from(mask.keys()).filter((pixel) => mask[pixel])).toEqual(expected);
    },
  );

  it.each(maskPatterns)(
    'of law %s knows the pixel of an image of one, and everything at fraction 1',
    (pattern) => {
      const one = { pattern, seed: 3, width: 1, height: 1 };
      expect([...drawPatternMask({ ...one, keepRatio: 0.001 }).bits]).toEqual([1]);
      const all = drawPatternMask({ pattern, seed: 3, width: 13, height: 7, keepRatio: 1 }).bits;
      expect(all.every(Boolean)).toBe(true);
    },
  );

  it('leaves no part of a uniform image out', () => {
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
    // A quarter has 1024 pixels: mean 204.75, standard deviation 11.1.
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
    [{ keepRatio: 0 }, 'Share of known pixels 0'],
    [{ keepRatio: 1.5 }, 'Share of known pixels 1.5'],
    [{ keepRatio: Number.NaN }, 'Share of known pixels NaN'],
    [{ seed: -1 }, 'Mask seed -1'],
    [{ width: 0 }, 'An image of 0×9 pixels'],
    [{ height: 2.5 }, 'An image of 9×2.5 pixels'],
  ])('refuses %j', (wrong, message) => {
    const asked = { pattern: 'uniform', keepRatio: 0.2, seed: 0, width: 9, height: 9, ...wrong } as const;
    expect(() => drawPatternMask(asked as PatternMaskOptions)).toThrow(message);
  });
});

describe('blue noise', () => {
  it('ranks every place of its tile once, another seed otherwise', () => {
    const ranks = createBlueNoiseRanks(7);
    expect([...ranks].sort((a, b) => a - b)).toEqual(Array.from({ length: 4096 }, (_, rank) => rank));
    expect(createBlueNoiseRanks(8)).not.toEqual(ranks);
  });

  it.each([0.02, 0.1, 0.2, 0.5, 0.8])(
    'has a tenth of the low frequencies of a uniform mask at share %d',
    (keepRatio) => {
      const size = { seed: 5, width: 64, height: 64, keepRatio };
      const blue = lowFrequencyPower(drawPatternMask({ ...size, pattern: 'blue-noise' }).bits);
      const white = lowFrequencyPower(drawPatternMask({ ...size, pattern: 'uniform' }).bits);
      expect(blue).toBeLessThan(white / 10);
    },
  );

  it('spreads the known pixels over the whole of an image of many tiles', () => {
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

/** Power at up to 3 waves a side, of 64×64 pixels; without the mean. */
function lowFrequencyPower(mask: Uint8Array): number {
  let power = 0;
  for (let down = 0; down <= 3; down++) {
    for (let right = -3; right <= 3; right++) {
      if (down === 0 && right <= 0) continue;
      let [real, imaginary] = [0, 0];
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
