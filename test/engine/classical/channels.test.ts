import { describe, expect, it } from 'vitest';
import { createChannelEstimators } from '../../../main/engine/classical/channels.ts';
import { bendingEnergy } from '../../../main/engine/classical/gridEnergy.ts';
import { createGridSolver } from '../../../main/engine/classical/gridSolver.ts';
import { classicalMethodNames, reconstructClassically } from '../../../main/engine/classical/registry.ts';
import { type Image, observe } from '../../../shared/images/image.ts';
import { bayerChannels, bayerPhases } from '../../../shared/masks/bayer.ts';
import { randomUniforms } from '../../../shared/numbers/random.ts';

const height = 10;
const width = 13;
const every = Int32Array.from({ length: height * width }, (_, pixel) => pixel);
const size = { height, width };

function channelsOf(phase: (typeof bayerPhases)[number]): Uint8Array {
  return bayerChannels(phase, size);
}

const affine: Image = {
  ...size,
  values: Float32Array.from({ length: height * width * 3 }, (_, index) => {
    const [x, y] = [Math.floor(index / 3) % width, Math.floor(index / 3 / width)];
    return [0.1 + 0.02 * x + 0.05 * y, 0.8 - 0.04 * x + 0.01 * y, 0.3 + 0.03 * x - 0.02 * y][index % 3];
  }),
};
const random: Image = { ...size, values: randomUniforms({ seed: 3, stream: 'synthetic', step: 0 }, 390) };

describe('classical methods on a Bayer pattern', () => {
  it.each(bayerPhases)('the thin plate returns affine images exactly (%s)', (phase) => {
    const result = reconstructClassically('thin plate', observe(affine, every, channelsOf(phase)));
    result.forEach((value, index) => expect(value).toBeCloseTo(affine.values[index], 4));
  });

  it.each(bayerPhases)(
    'linear interpolation returns affine images exactly inside the pattern (%s)',
    (phase) => {
      const result = reconstructClassically('linear', observe(affine, every, channelsOf(phase)));
      for (let y = 1; y < height - 1; y++)
        for (let x = 1; x < width - 1; x++)
          for (let at = 3 * (y * width + x); at < 3 * (y * width + x) + 3; at++)
            expect(result[at]).toBeCloseTo(affine.values[at], 5);
    },
  );

  it.each(classicalMethodNames)('%s keeps the observed values, in any order of the pixels', (method) => {
    const channels = channelsOf('GRBG');
    const result = reconstructClassically(method, observe(random, every, channels));
    channels.forEach((channel, pixel) =>
      expect(result[3 * pixel + channel]).toBe(random.values[3 * pixel + channel]),
    );
    const reversed = observe(random, every.toReversed(), channels.toReversed());
    expect(reconstructClassically(method, reversed)).toEqual(result);
  });

  it.each(classicalMethodNames.filter((method) => method !== 'thin plate'))(
    '%s reconstructs each channel from its own pixels alone',
    (method) => {
      const channels = channelsOf('RGGB');
      const result = reconstructClassically(method, observe(random, every, channels));
      for (const channel of [0, 1, 2]) {
        const own = every.filter((pixel) => channels[pixel] === channel);
        const alone = reconstructClassically(method, observe(random, own));
        for (let at = channel; at < alone.length; at += 3) expect(result[at]).toBeCloseTo(alone[at], 5);
      }
    },
  );

  it('read nothing but the observed values', () => {
    const channels = channelsOf('BGGR');
    const other = { ...random, values: random.values.map((value) => 1 - value) };
    channels.forEach((channel, pixel) => {
      other.values[3 * pixel + channel] = random.values[3 * pixel + channel];
    });
    const [one, two] = [random, other].map((image) => observe(image, every, channels));
    expect(one).toEqual(two);
  });

  it('refuse an image in which a channel is observed nowhere', () => {
    const line = { height: 1, width: 4, values: new Float32Array(12) };
    const seen = observe(line, Int32Array.of(0, 1, 2, 3), Uint8Array.of(0, 1, 0, 1));
    expect(() => reconstructClassically('nearest', seen)).toThrow('The blue channel of no pixel is observed');
  });
});

describe('the thin plate of a channel', () => {
  it('is that of the pixel grid through its own pixels', () => {
    const channels = channelsOf('RGGB');
    const result = reconstructClassically('thin plate', observe(random, every, channels));
    for (const channel of [0, 1, 2]) {
      const own = every.filter((pixel) => channels[pixel] === channel);
      const others = every.filter((pixel) => channels[pixel] !== channel);
      const plate = createGridSolver(bendingEnergy, own, size)(observe(random, own).values);
      others.forEach((pixel, row) => {
        const expected = Math.min(1, Math.max(0, plate[3 * row + channel]));
        expect(result[3 * pixel + channel]).toBeCloseTo(expected, 5);
      });
    }
  });

  it('is the spline up to a few hundredths on a smooth image', () => {
    const values = affine.values.map((value, index) => value ** 2 * (1 + (index % 3)) * 0.4);
    const channels = channelsOf('GBRG');
    const result = reconstructClassically('thin plate', observe({ ...size, values }, every, channels));
    const own = every.filter((pixel) => channels[pixel] === 0);
    const spline = reconstructClassically('thin plate', observe({ ...size, values }, own));
    for (let at = 0; at < spline.length; at += 3)
      expect(Math.abs(result[at] - spline[at])).toBeLessThan(0.03);
  });

  it('is that of the nearest pixel where all pixels of a channel are on one line', () => {
    const flat = { height: 2, width: 4, values: random.values.subarray(0, 24) };
    const pixels = Int32Array.from({ length: 8 }, (_, pixel) => pixel);
    const channels = Uint8Array.of(0, 1, 0, 1, 1, 2, 1, 2);
    const result = reconstructClassically('thin plate', observe(flat, pixels, channels));
    const expected = reconstructClassically('nearest', observe(flat, pixels, channels));
    for (const channel of [0, 2])
      for (let at = channel; at < 24; at += 3) expect(result[at]).toBe(expected[at]);
  });

  it('is found for more pixels of a channel than the spline can have', () => {
    const large = { height: 130, width: 130 };
    const channels = bayerChannels('RGGB', large);
    const indices = Int32Array.from(channels.keys());
    const [red] = createChannelEstimators(bendingEnergy, { indices, channels }, large);
    const grey = red.estimate(new Float32Array(red.rows.length).fill(0.25));
    expect([red.rows.length, grey.length]).toEqual([4225, 12675]);
    grey.forEach((value, index) => index % 997 === 0 && expect(value).toBeCloseTo(0.25, 3));
  });
});
