import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createBlueNoiseRanks } from '../../../shared/masks/blueNoise.ts';
import { glyphs } from '../../../shared/masks/font.ts';
import {
  describeLaw,
  describeMixture,
  drawMask,
  evaluationLaw,
  maskLawNames,
  type MaskPlace,
  type MaskSettings,
  traitsOfLaw,
  usedOptions,
} from '../../../shared/masks/laws.ts';
import { singleLawNames } from '../../../shared/masks/singleLaws.ts';

const options = fc.record({
  law: fc.constantFrom(...maskLawNames),
  keepRatio: fc.double({ min: 1e-4, max: 1, noNaN: true }),
  seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  width: fc.integer({ min: 1, max: 90 }),
  height: fc.integer({ min: 1, max: 90 }),
});

describe('a generated mask', () => {
  it('depends on its options alone, consists of zeros and ones, and has at least one known pixel', () => {
    fc.assert(
      fc.property(options, (requested) => {
        const { bits, channels } = drawMask(requested);
        expect(bits.length).toBe(requested.width * requested.height * channels);
        expect(bits.every((known) => known === 0 || known === 1)).toBe(true);
        expect(countKnown(bits)).toBeGreaterThan(0);
        expect(bits).toEqual(drawMask({ ...requested }).bits);
      }),
      { numRuns: 30 },
    );
  });

  it('has exactly the requested fraction of known pixels, rounded down, if it is uniform or blue noise', () => {
    fc.assert(
      fc.property(options, fc.constantFrom('uniform', 'blue-noise'), (requested, law) => {
        const expected = Math.max(1, Math.floor(requested.keepRatio * requested.width * requested.height));
        expect(countKnown(drawMask({ ...requested, law }).bits)).toBe(expected);
      }),
      { numRuns: 30 },
    );
  });

  it('hides one rectangle of the requested size, up to a row or column, if it is a block', () => {
    fc.assert(
      fc.property(options, (requested) => {
        const mask = drawMask({ ...requested, law: 'block' }).bits;
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
      (seed) => drawMask({ law: 'block', keepRatio: 0.75, seed, width: 200, height: 100 }).bits,
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
    'of law %s and fraction %d of 9×9 pixels has the known rows %j and columns %j',
    (law, keepRatio, rows, columns) => {
      const mask = drawMask({ law, keepRatio, seed: 0, width: 9, height: 9 }).bits;
      const expected = rows.flatMap((row) => columns.map((column) => row * 9 + column));
      expect(Array.from(mask.keys()).filter((pixel) => mask[pixel])).toEqual(expected);
    },
  );

  it.each(singleLawNames.filter((law) => law !== 'bayer'))(
    'of law %s has a known pixel in an image of one pixel, and only known pixels at fraction 1',
    (law) => {
      const one = { law, seed: 3, width: 1, height: 1 };
      expect([...drawMask({ ...one, keepRatio: 0.001 }).bits]).toEqual([1]);
      const all = drawMask({ law, seed: 3, width: 13, height: 7, keepRatio: 1 }).bits;
      expect(all.every(Boolean)).toBe(true);
    },
  );

  it('has as many known pixels in each quarter if it is uniform', () => {
    const side = 64;
    const mask = drawMask({
      law: 'uniform',
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
    const other = drawMask({
      law: 'uniform',
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
    const valid: MaskSettings & MaskPlace = { law: 'uniform', keepRatio: 0.2, seed: 0, width: 9, height: 9 };
    expect(() => drawMask({ ...valid, ...invalid })).toThrow(message);
  });
});

describe('every law of a single kind of mask', () => {
  /** The masks of stored results: drawn by the first version that had the law. */
  it.each([
    ['uniform', 1, '7faf800552905143'],
    ['blue-noise', 1, '5f3e5baa63c592fc'],
    ['grid', 1, '016f5af53b6dd185'],
    ['lines', 1, '4a2042477c36d458'],
    ['block', 1, 'c2f98908449beeeb'],
    ['block', 4, '522d42c8d14c113a'],
    ['strokes', 1, 'd6e25dd9bf6828b9'],
    ['text', 1, 'f6301885bd97b9b4'],
    ['border', 1, '29a538bb6db24458'],
  ] as const)('%s with %d blocks draws the masks that it has always drawn', (law, blocks, digest) => {
    const hash = createHash('sha256');
    for (const keepRatio of [0.05, 0.3, 0.8])
      hash.update(drawMask({ law, blocks, keepRatio, seed: 42, width: 50, height: 37 }).bits);
    expect(hash.digest('hex').slice(0, 16)).toBe(digest);
  });

  it.each(singleLawNames)(
    '%s knows as many pixels for every seed and image, and as many masks as it has seeds',
    (law) => {
      for (const blocks of [1, 3]) {
        const masks = [0, 1, 2, 3].map((index) =>
          drawMask({ law, blocks, keepRatio: 0.7, seed: 5 + (index % 2), index, width: 30, height: 22 }),
        );
        expect(new Set(masks.map(({ bits }) => countKnown(bits))).size).toBe(1);
        const { isSeeded } = traitsOfLaw(law);
        expect(new Set(masks.map(({ bits }) => bits.join(''))).size).toBe(isSeeded ? 4 : 1);
      }
    },
  );

  it('names only the options that it has and that differ from their defaults', () => {
    const all = { markSize: 0.1, blocks: 3 };
    expect(usedOptions({ law: 'strokes', ...all })).toEqual({ markSize: 0.1 });
    expect(usedOptions({ law: 'block', ...all })).toEqual({ blocks: 3 });
    expect(usedOptions({ law: 'block', markSize: null, blocks: 1 })).toEqual({});
    expect(describeLaw({ law: 'text', ...all })).toBe('text (size 0.1)');
    expect(describeLaw({ law: 'numpy', ...all })).toBe('random pixels');
    const mixture = 'text  2.0,grid';
    expect(describeLaw({ law: 'mixture', ...all, mixture })).toBe('mixture of 67 % text, 33 % grid');
    expect(describeLaw({ law: 'mixture', ...all, mixture }, 'mixture')).toBe('mixture (text 2, grid)');
  });

  it('is a mixture described by shares and ranges', () => {
    expect(
      describeMixture('strokes 2 keep=0.07..0.95 size=0.02..0.1, block blocks=1..3, uniform 0.01 keep=0.2'),
    ).toBe(
      '66 % brush strokes (size 0.02–0.1, 7–95 % known), 33 % blocks (1–3 per image), 0.33 % random pixels (20 % known)',
    );
    expect(describeMixture('bayer phase=GRBG, block blocks=1')).toBe(
      '50 % Bayer pattern (GRBG), 50 % blocks (1 per image)',
    );
  });

  it('is that of the evaluations of its runs, except that all random pixels are those of NumPy', () => {
    expect(evaluationLaw({ law: 'counter', blocks: 2 })).toEqual({ law: 'numpy' });
    expect(evaluationLaw({ law: 'uniform' })).toEqual({ law: 'numpy' });
    expect(evaluationLaw({ law: 'strokes', markSize: 0.1, blocks: 2 })).toEqual({
      law: 'strokes',
      markSize: 0.1,
    });
  });
});

describe('holes', () => {
  const place = { seed: 8, width: 60, height: 45 };

  it('of strokes, letters and several blocks have exactly the requested size', () => {
    fc.assert(
      fc.property(
        options,
        fc.constantFrom('strokes', 'text', 'block'),
        fc.integer({ min: 2, max: 9 }),
        (requested, law, blocks) => {
          const expected = Math.max(1, Math.floor(requested.keepRatio * requested.width * requested.height));
          expect(countKnown(drawMask({ ...requested, law, blocks }).bits)).toBe(expected);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('are as many separate regions as there are blocks, where there is room', () => {
    for (const blocks of [2, 5, 9]) {
      const { bits } = drawMask({ ...place, law: 'block', blocks, keepRatio: 0.85 });
      expect(countRegions(bits, place.width)).toBe(blocks);
    }
  });

  it('have shorter outlines for their area if strokes and letters are larger', () => {
    for (const law of ['strokes', 'text'] as const) {
      const outlines = [0.02, 0.1, 0.3].map((markSize) =>
        countEdges(drawMask({ law, markSize, keepRatio: 0.7, seed: 1, width: 240, height: 240 }).bits, 240),
      );
      expect(outlines).toEqual(outlines.toSorted((one, other) => other - one));
      expect(outlines[0]).toBeGreaterThan(2 * outlines[2]);
    }
  });

  it('around the centre leave one rectangle with the aspect ratio and the middle of the image', () => {
    const { bits } = drawMask({ law: 'border', keepRatio: 0.25, seed: 0, width: 80, height: 40 });
    const known = Array.from(bits.keys()).filter((pixel) => bits[pixel] === 1);
    const [first, last] = [known[0], known[known.length - 1]];
    expect([first % 80, Math.floor(first / 80), last % 80, Math.floor(last / 80)]).toEqual([20, 10, 59, 29]);
    expect(known).toHaveLength(800);
  });

  it('cannot be drawn with options out of range', () => {
    const strokes = { ...place, law: 'strokes', keepRatio: 0.5 } as const;
    expect(() => drawMask({ ...strokes, markSize: 0.7 })).toThrow('Size of strokes or letters 0.7: expected');
    expect(() => drawMask({ ...strokes, blocks: 0 })).toThrow('Number of blocks 0: expected');
    expect(() => drawMask({ ...strokes, index: -1 })).toThrow('Image index -1: expected');
  });
});

describe('the font', () => {
  it('has a different shape for every letter, digit and sign, none of them empty', () => {
    expect(glyphs).toHaveLength(66);
    expect(glyphs.every(({ cells }) => cells.length > 4)).toBe(true);
    expect(new Set(glyphs.map(({ cells }) => JSON.stringify(cells))).size).toBe(66);
    expect(new Set(glyphs.map(({ character }) => character)).size).toBe(66);
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
      const blue = lowFrequencyPower(drawMask({ ...size, law: 'blue-noise' }).bits);
      const white = lowFrequencyPower(drawMask({ ...size, law: 'uniform' }).bits);
      expect(blue).toBeLessThan(white / 10);
    },
  );

  it('distributes the known pixels evenly over an image of several tiles', () => {
    const mask = drawMask({
      law: 'blue-noise',
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

/** Returns the number of hidden regions, whose pixels touch at their sides. */
function countRegions(bits: Uint8Array, width: number): number {
  const open = bits.slice();
  let regions = 0;
  for (let first = open.indexOf(0); first >= 0; first = open.indexOf(0)) {
    regions++;
    const queue = [first];
    while (queue.length > 0) {
      const pixel = queue.pop() as number;
      if (open[pixel] !== 0) continue;
      open[pixel] = 1;
      const column = pixel % width;
      queue.push(pixel - width, pixel + width);
      if (column > 0) queue.push(pixel - 1);
      if (column < width - 1) queue.push(pixel + 1);
    }
  }
  return regions;
}

/** Returns how often a known and a hidden pixel are next to each other in a row. */
function countEdges(bits: Uint8Array, width: number): number {
  return bits.reduce(
    (count, known, pixel) => count + (pixel % width > 0 && known !== bits[pixel - 1] ? 1 : 0),
    0,
  );
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
