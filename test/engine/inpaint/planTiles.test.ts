import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planTiles, groupTiles, type TileGroup } from '../../../main/engine/inpaint/planTiles.ts';
import { createTileReader } from '../../../main/engine/inpaint/readTiles.ts';
import type { Tiling } from '../../../shared/config/networks/network.ts';
import { randomNormals } from '../../../shared/numbers/random.ts';
import { createSmallModel } from '../../compute/smallModel.ts';
import { tf } from '../../support/backend.ts';
import { expectClose, numbersOf } from '../field/waves.ts';
import { trainings } from '../train/smallRun.ts';
import { knownSmooth } from './exampleImage.ts';
import { smallLimits } from './exampleModel.ts';

const arbitraryPlans = fc
  .record({
    width: fc.integer({ min: 1, max: 200 }),
    height: fc.integer({ min: 1, max: 200 }),
    multiple: fc.constantFrom(1, 2, 4, 8),
    sides: fc.integer({ min: 4, max: 12 }),
    overlap: fc.double({ min: 0, max: 1, noNaN: true }),
    margin: fc.integer({ min: 0, max: 20 }),
  })
  .map(({ width, height, multiple, sides, overlap, margin }) => {
    const side = multiple * sides;
    return { width, height, options: { side, multiple, margin, overlap: Math.floor((overlap * side) / 2) } };
  });

describe('planTiles', () => {
  it('covers every pixel of any image with weights that sum to 1', () => {
    fc.assert(
      fc.property(arbitraryPlans, ({ width, height, options }) => {
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

  it('places tiles inside the image, at multiples, with at least the requested overlap', () => {
    fc.assert(
      fc.property(arbitraryPlans, ({ width, height, options }) => {
        const tiles = planTiles({ width, height }, options);
        for (const tile of tiles) {
          const isInside = tile.x + tile.width <= width && tile.y + tile.height <= height;
          const isOnGrid = (tile.x % options.multiple) + (tile.y % options.multiple) === 0;
          if (!isInside || !isOnGrid || tile.width > options.side) expect.fail(JSON.stringify(tile));
        }
        const row = tiles.filter(({ y }) => y === 0);
        expect(row.at(-1)).toMatchObject({ x: width - (row.at(-1)?.width ?? 0) });
        row.slice(1).forEach(({ x }, index) => {
          const overlap = row[index].x + row[index].width - x;
          // A shorter last tile does not reduce the overlap.
          expect(overlap).toBeGreaterThanOrEqual(options.overlap);
        });
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    { width: 1, height: 1 },
    { width: 7, height: 1 },
    { width: 32, height: 32 },
  ])('returns a single tile for an image of $width × $height', (size) => {
    expect(planTiles(size, { side: 32, overlap: 8 })).toMatchObject([{ x: 0, y: 0, ...size }]);
  });

  it('spaces the tiles evenly so that the last one ends at the border', () => {
    const tiles = planTiles({ width: 100, height: 1 }, { side: 32, overlap: 8 });
    expect(tiles.map(({ x, width }) => [x, x + width])).toEqual([
      [0, 31],
      [23, 54],
      [46, 77],
      [69, 100],
    ]);
  });

  it('gives no weight to the margin of an inner border', () => {
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

it.each([
  { name: 'local', readBlocks: 2, overlap: 0 },
  { name: 'mixing', readBlocks: 1, overlap: 6 },
  { name: 'mixing', readBlocks: 3, overlap: 10 },
] as const)(
  'predictions of the network "$name" in tiles that overlap by $overlap pixels equal those for the whole image',
  async ({ name, readBlocks, overlap }) => {
    const training = trainings[name];
    const model = createSmallModel({ ...training, field: { ...training.field, readBlocks } });
    const image = knownSmooth(100, 70);
    const estimate = image.values.map((_, index) => 0.5 + 0.3 * Math.sin(index / 50));
    const state = randomNormals({ seed: 1, stream: 'sampling', step: 0 }, estimate.length);
    const read = async (groups: readonly TileGroup[]) => {
      const reader = createTileReader(model, { image, estimate, isEstimateRead: true }, { groups });
      const at = { state: tf.tensor(state, [1, state.length / 3, 3]), time: 0.5, start: state };
      const found = numbersOf((await reader.answer('velocity', at)).velocity);
      reader.dispose();
      return found;
    };
    const groups = groupTiles(model.config, image, smallLimits);
    const columns = groups.flatMap(({ tiles }) => tiles).filter(({ y }) => y === 0);
    expect(columns.slice(1).map(({ x }, index) => columns[index].x + columns[index].width - x)).toEqual([
      overlap,
    ]);
    const whole = { tiles: planTiles(image, { side: 100, overlap: 0 }), together: 1, observed: 1 };
    expectClose(await read(groups), await read([whole]));
  },
);
