import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ComputeLimits,
  planTiles,
  groupTiles,
  type TileGroup,
} from '../../../main/engine/inpaint/planTiles.ts';
import { createTileReader } from '../../../main/engine/inpaint/readTiles.ts';
import type { KnownImage } from '../../../main/engine/inpaint/knownImage.ts';
import type { Tiling } from '../../../shared/config/networks/network.ts';
import { countEvaluation } from '../../../shared/config/networkSize.ts';
import { networkOf } from '../../../shared/config/networks/registry.ts';
import { presets, resolvePreset } from '../../../shared/config/presets.ts';
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

describe('groupTiles', () => {
  const [config] = presets.filter(({ name }) => name === 'laptop').map(resolvePreset);
  const limits: ComputeLimits = { parts: 2, smallestPart: 2, products: 1.5e10 };
  const unknown = (width: number, height: number): KnownImage => ({
    width,
    height,
    values: new Float32Array(width * height * 3),
    channels: 1,
    bits: new Uint8Array(width * height),
  });
  const pixelsOf = (groups: readonly TileGroup[]) =>
    groups.flatMap(({ tiles }) => tiles).reduce((sum, { width, height }) => sum + width * height, 0);

  it.each([
    [384, 240],
    [240, 384],
    [640, 480],
  ])('gives every part of a pass over %i × %i pixels as many tiles as it needs', (width, height) => {
    for (const { together } of groupTiles(config, unknown(width, height), limits))
      expect(together).toBeGreaterThanOrEqual(limits.parts * limits.smallestPart);
  });

  it('computes a photograph in tiles whose overlap is less than the photograph itself', () => {
    expect(pixelsOf(groupTiles(config, unknown(384, 240), limits))).toBeLessThan(2 * 384 * 240);
    expect(pixelsOf(groupTiles(config, unknown(1024, 768), limits))).toBeLessThan(2 * 1024 * 768);
  });

  it('lets no part compute more than its limit, unless it is the smallest that the network allows', () => {
    const { field } = config;
    for (const products of [1e9, 5e9, 1.5e10, 1e11]) {
      const groups = groupTiles(config, unknown(500, 400), { ...limits, products });
      for (const { tiles, together } of groups) {
        const [{ width, height }] = tiles;
        const side = Math.sqrt(width * height);
        const cost = countEvaluation(field, { observed: 1, queries: width * height }, side);
        const isSmallest =
          Math.max(width, height) <= networkOf(field).planTiling(field, { imageSize: 32, products: 1 }).side;
        if (!isSmallest)
          expect(Math.ceil(together / limits.parts) * cost).toBeLessThanOrEqual(1.05 * products);
      }
    }
  });

  it('computes only the tiles around a small hole', () => {
    const image = unknown(1024, 768);
    image.bits.fill(1);
    for (let row = 300; row < 330; row++) image.bits.fill(0, row * 1024 + 500, row * 1024 + 530);
    const groups = groupTiles(config, image, limits);
    expect(pixelsOf(groups)).toBeLessThan(0.1 * 1024 * 768);
    const tiles = groups.flatMap((group) => group.tiles);
    expect(
      tiles.some(({ x, y, width, height }) => x <= 500 && y <= 300 && x + width > 500 && y + height > 300),
    ).toBe(true);
  });
});
