import { describe, expect, it } from 'vitest';
import { drawPatternMask } from '../../shared/images/patternMask.ts';
import { type MaskImage, readMask } from '../../shared/images/readMask.ts';

/** A mask of one row from grey values, or of RGBA pixels. */
function rowOf(values: readonly (number | readonly number[])[], white = 255): MaskImage {
  const rgba = values.flatMap((value) => (typeof value === 'number' ? [value, value, value, white] : value));
  const Kind = white === 255 ? Uint8Array : Uint16Array;
  return { width: values.length, height: 1, rgba: Kind.from(rgba), white };
}

const read = (values: Parameters<typeof rowOf>[0], white?: number) => [
  ...readMask(rowOf(values, white)).bits,
];
const clear = [0, 0, 0, 0];

describe('a mask', () => {
  it.each([
    ['black and white', [0, 255, 255, 0], [0, 1, 1, 0]],
    ['0 and 1', [0, 1, 1, 0], [0, 1, 1, 0]],
    ['two greys', [100, 200, 100], [0, 1, 0]],
    ['soft edges', [0, 127, 128, 255], [0, 0, 1, 1]],
    [
      'two colours',
      [
        [255, 128, 0, 255],
        [0, 0, 128, 255],
      ],
      [1, 0],
    ],
    [
      'a red hole in white',
      [
        [255, 255, 255, 255],
        [255, 0, 0, 255],
      ],
      [1, 0],
    ],
  ])('of %s is known where it is bright', (_name, values, expected) => {
    expect(read(values)).toEqual(expected);
  });

  it('of 16 bits is read with all of them, so that 0 and 1 differ', () => {
    expect(read([0, 1], 65_535)).toEqual([0, 1]);
    expect(read([0, 255], 65_535)).toEqual([0, 1]);
    expect(read([0, 32_767, 32_768, 65_535], 65_535)).toEqual([0, 0, 1, 1]);
  });

  it('with transparent parts is known where it is opaque, unless it is black and white', () => {
    const image = [[250, 140, 20, 255], [240, 130, 10, 255], clear, [230, 120, 40, 127]];
    expect(read(image)).toEqual([1, 1, 0, 0]);
    expect(readMask(rowOf(image)).notes).toEqual([
      'Its opaque pixels are known and its transparent ones are not (50 %).',
    ]);
    expect(read([0, 255, clear])).toEqual([0, 1, 0]);
    expect(read([0, 0, clear])).toEqual([1, 1, 0]);
  });

  it('can be inverted, after everything else', () => {
    expect([...readMask(rowOf([0, 1, clear]), { invert: true }).bits]).toEqual([0, 0, 1]);
    expect([...readMask(rowOf([0, 255, 255]), { invert: true }).bits]).toEqual([1, 0, 0]);
  });

  it('that knows nothing is refused with what it looks like', () => {
    const say = (values: Parameters<typeof rowOf>[0]) => () => readMask(rowOf(values));
    expect(say([0, 0])).toThrow('marks no pixel as known: it is black all over');
    expect(say([90, 90])).toThrow('it has one brightness all over, 90 of 255');
    expect(say([0, 1, 2])).toThrow('its brightest pixel has 2 of 255');
    expect(say([clear, clear])).toThrow('it is transparent all over');
    expect(() => readMask(rowOf([255, 255]), { invert: true })).toThrow('Inverted, the mask marks no pixel');
  });

  it('that is a photograph says that it is not black and white', () => {
    expect(readMask(rowOf([20, 90, 128, 160, 250])).notes[0]).toMatch(/^It is not black and white: 60 %/);
  });
});

describe('a mask that looks inverted', () => {
  const size = { width: 40, height: 30 };
  const grey = (bytes: Uint8Array) => ({
    ...size,
    white: 255,
    rgba: Uint8Array.from({ length: 4 * bytes.length }, (_, index) =>
      index % 4 === 3 ? 255 : 255 * bytes[Math.floor(index / 4)],
    ),
  });
  const blobs = Uint8Array.from({ length: 1200 }, (_, pixel) =>
    Math.hypot((pixel % 40) - 12, Math.floor(pixel / 40) - 14) < 6 ? 1 : 0,
  );

  it('has its few known pixels together', () => {
    expect(readMask(grey(blobs)).looksInverted).toBe(true);
    expect(readMask(grey(blobs.map((known) => 1 - known))).looksInverted).toBe(false);
  });

  it.each(['uniform', 'blue-noise', 'grid', 'lines', 'block'] as const)(
    'is none drawn by the rule %s',
    (pattern) => {
      for (const keepRatio of [0.05, 0.2, 0.45]) {
        const { bits } = drawPatternMask({ pattern, keepRatio, seed: 3, ...size });
        expect([keepRatio, readMask(grey(bits)).looksInverted]).toEqual([keepRatio, false]);
      }
    },
  );
});
