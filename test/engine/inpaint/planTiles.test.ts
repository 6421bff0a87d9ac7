import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planTiles } from '../../../main/engine/inpaint/planTiles.ts';
import type { Tiling } from '../../../shared/config/networks/network.ts';

const plans = fc
  .record({
    width: fc.integer({ min: 1, max: 200 }),
    height: fc.integer({ min: 1, max: 200 }),
    multiple: fc.constantFrom(1, 2, 4, 8),
    sides: fc.integer({ min: 4, max: 12 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    margin: fc.integer({ min: 0, max: 20 }),
  })
  .map(({ width, height, multiple, sides, share, margin }) => {
    const side = multiple * sides;
    return { width, height, options: { side, multiple, margin, overlap: Math.floor((share * side) / 2) } };
  });

describe('planTiles', () => {
  it('covers every pixel of any image with weights that sum to 1', () => {
    fc.assert(
      fc.property(plans, ({ width, height, options }) => {
        const sums = new Float64Array(width * height);
        for (const { x, y, columnWeights, rowWeights } of planTiles({ width, height }, options)) {
          rowWeights.forEach((row, j) =>
            columnWeights.forEach((column, i) => (sums[(y + j) * width + x + i] += row * column)),
          );
        }
        expect(sums.reduce((worst, sum) => Math.max(worst, Math.abs(sum - 1)), 0)).toBeLessThan(1e-5);
      }),
      { numRuns: 40 },
    );
  });

  it('stays inside the image, begins at multiples and has at least the requested overlap', () => {
    fc.assert(
      fc.property(plans, ({ width, height, options }) => {
        const tiles = planTiles({ width, height }, options);
        for (const tile of tiles) {
          const isInside = tile.x + tile.width <= width && tile.y + tile.height <= height;
          const isOnGrid = (tile.x % options.multiple) + (tile.y % options.multiple) === 0;
          if (!isInside || !isOnGrid || tile.width > options.side) expect.fail(JSON.stringify(tile));
        }
        const row = tiles.filter(({ y }) => y === 0);
        expect(row.at(-1)).toMatchObject({ x: width - (row.at(-1)?.width ?? 0) });
        row.slice(1).forEach(({ x }, index) => {
          const shared = row[index].x + row[index].width - x;
          // What the last one is shorter by is not shared.
          expect(shared).toBeGreaterThanOrEqual(options.overlap);
        });
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    { width: 1, height: 1 },
    { width: 7, height: 1 },
    { width: 32, height: 32 },
  ])('is one tile of the whole image at $width × $height', (size) => {
    expect(planTiles(size, { side: 32, overlap: 8 })).toMatchObject([{ x: 0, y: 0, ...size }]);
  });

  it('moves the last tile inside and shares the way evenly', () => {
    const tiles = planTiles({ width: 100, height: 1 }, { side: 32, overlap: 8 });
    expect(tiles.map(({ x, width }) => [x, x + width])).toEqual([
      [0, 31],
      [23, 54],
      [46, 77],
      [69, 100],
    ]);
  });

  it('counts nothing within the margin of an inner border', () => {
    const [left, right] = planTiles({ width: 60, height: 1 }, { side: 40, overlap: 20, margin: 5 });
    expect(Array.from(left.columnWeights.slice(-5))).toEqual([0, 0, 0, 0, 0]);
    expect(Array.from(right.columnWeights.slice(0, 5))).toEqual([0, 0, 0, 0, 0]);
    expect(left.columnWeights.slice(0, 5)).toEqual(new Float32Array(5).fill(1));
  });

  it('refuses an overlap of more than half a tile', () => {
    const options: Tiling = { side: 32, overlap: 17 };
    expect(() => planTiles({ width: 33, height: 1 }, options)).toThrow('an overlap of at most 16');
  });
});
