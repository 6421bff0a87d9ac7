import { describe, expect, it } from 'vitest';
import { createChannelPlates } from '../../../main/engine/classical/channels.ts';
import { classicalMethodNames, reconstructClassically } from '../../../main/engine/classical/registry.ts';
import { type Image, observe } from '../../../shared/images/image.ts';
import { bayerPhases, drawChannels } from '../../../shared/masks/laws.ts';
import { randomUniforms } from '../../../shared/numbers/random.ts';

const height = 10;
const width = 13;
const every = Int32Array.from({ length: height * width }, (_, pixel) => pixel);
const size = { height, width };

function channelsOf(phase: (typeof bayerPhases)[number]): Uint8Array {
  const channels = drawChannels({ law: 'bayer', phase }, size);
  if (!channels) throw new Error('The law bayer observes single channels.');
  return channels;
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

  it.each(classicalMethodNames)('%s reconstructs each channel from its own pixels alone', (method) => {
    const channels = channelsOf('RGGB');
    const result = reconstructClassically(method, observe(random, every, channels));
    for (const channel of [0, 1, 2]) {
      const own = every.filter((pixel) => channels[pixel] === channel);
      const alone = reconstructClassically(method, observe(random, own));
      for (let at = channel; at < alone.length; at += 3) expect(result[at]).toBeCloseTo(alone[at], 5);
    }
  });

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

describe('createChannelPlates', () => {
  // Of GBRG more than half of the pixels are green in an image of odd sides.
  it.each([
    ['RGGB', size],
    ['GBRG', { height: 9, width: 11 }],
  ] as const)('estimates every channel as the thin plate of its pixels does (%s)', (phase, of) => {
    const pixels = Int32Array.from({ length: of.height * of.width }, (_, pixel) => pixel);
    const channels = drawChannels({ law: 'bayer', phase }, of);
    if (!channels) throw new Error('The law bayer observes single channels.');
    const image = { ...of, values: random.values.subarray(0, 3 * pixels.length) };
    const expected = reconstructClassically('thin plate', observe(image, pixels, channels));
    createChannelPlates({ indices: pixels, channels }, of).forEach(
      ({ rows, unobserved, estimate }, channel) => {
        const found = estimate(Float32Array.from(rows, (row) => image.values[3 * pixels[row] + channel]));
        expect(rows.length + unobserved.length).toBe(pixels.length);
        unobserved.forEach((pixel, row) =>
          expect(Math.min(1, Math.max(0, found[row]))).toBeCloseTo(expected[3 * pixel + channel], 4),
        );
      },
    );
  });
});
