import { describe, expect, it } from 'vitest';
import { drawMask } from '../../../shared/masks/laws.ts';
import { type MaskImage, readMask } from '../../../shared/images/readMask.ts';

/** Returns an image of one row of grey values or RGBA pixels. */
function createRow(values: readonly (number | readonly number[])[], white = 255): MaskImage {
  const rgba = values.flatMap((value) => (typeof value === 'number' ? [value, value, value, white] : value));
  const Kind = white === 255 ? Uint8Array : Uint16Array;
  return { width: values.length, height: 1, rgba: Kind.from(rgba), white };
}

const read = (values: Parameters<typeof createRow>[0], white?: number) => [
  ...readMask(createRow(values, white)).bits,
];
const transparent = [0, 0, 0, 0];

describe('readMask', () => {
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
  ])('treats the brighter pixels of a mask with %s as known', (_name, values, expected) => {
    expect(read(values)).toEqual(expected);
  });

  it('uses all 16 bits of a deep mask, so that 0 and 1 differ', () => {
    expect(read([0, 1], 65_535)).toEqual([0, 1]);
    expect(read([0, 255], 65_535)).toEqual([0, 1]);
    expect(read([0, 32_767, 32_768, 65_535], 65_535)).toEqual([0, 0, 1, 1]);
  });

  it('treats opaque pixels as known if the mask has transparent parts and is not black and white', () => {
    const image = [[250, 140, 20, 255], [240, 130, 10, 255], transparent, [230, 120, 40, 127]];
    expect(read(image)).toEqual([1, 1, 0, 0]);
    expect(readMask(createRow(image)).notes).toEqual([
      'Its opaque pixels are known and its transparent ones are not (50 %).',
    ]);
    expect(read([0, 255, transparent])).toEqual([0, 1, 0]);
    expect(read([0, 0, transparent])).toEqual([1, 1, 0]);
  });

  it('inverts the mask on request', () => {
    expect([...readMask(createRow([0, 1, transparent]), { invert: true }).bits]).toEqual([0, 0, 1]);
    expect([...readMask(createRow([0, 255, 255]), { invert: true }).bits]).toEqual([1, 0, 0]);
  });

  it('rejects a mask without known pixels and describes what it looks like', () => {
    const readValues = (values: Parameters<typeof createRow>[0]) => () => readMask(createRow(values));
    expect(readValues([0, 0])).toThrow('marks no pixel as known: it is black all over');
    expect(readValues([90, 90])).toThrow('it has one brightness all over, 90 of 255');
    expect(readValues([0, 1, 2])).toThrow('its brightest pixel has 2 of 255');
    expect(readValues([transparent, transparent])).toThrow('it is transparent all over');
    expect(() => readMask(createRow([255, 255]), { invert: true })).toThrow(
      'Inverted, the mask marks no pixel',
    );
  });

  it('adds a note if a mask is not black and white, such as a photo', () => {
    expect(readMask(createRow([20, 90, 128, 160, 250])).notes[0]).toMatch(/^It is not black and white: 60 %/);
  });
});

describe('a mask image whose channels differ', () => {
  const [red, green, blue, white, black] = [
    [255, 0, 0, 255],
    [0, 255, 0, 255],
    [0, 0, 255, 255],
    [255, 255, 255, 255],
    [0, 0, 0, 255],
  ];

  it('is a mask for each channel if it is of at least three pure colours, two of them neither black nor white', () => {
    const found = readMask(createRow([red, green, blue, black]));
    expect(found).toMatchObject({ width: 4, height: 1, channels: 3, known: 3, looksInverted: false });
    expect([...found.bits]).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]);
    expect(found.notes).toEqual([
      'Each of its channels is a mask of its own: 25 % of the values are known. Save it in grey if it marks whole pixels.',
    ]);
    expect([...readMask(createRow([red, green, blue]), { invert: true }).bits]).toEqual([
      0, 1, 1, 1, 0, 1, 1, 1, 0,
    ]);
    const deep = [red, green, blue].map((colour) => colour.map((value) => value * 257));
    expect(readMask(createRow(deep, 65_535)).channels).toBe(3);
  });

  it('is a mask of whole pixels if any value is in between, as in JPEG, any pixel transparent, or its colours are fewer', () => {
    const rows = [
      [red, green, blue, [254, 255, 255, 255]],
      [red, green, blue, [1, 1, 1, 255], white],
      [red, green, white, [255, 255, 255, 254]],
      [red, white, black],
      [red, white],
      // Two pure colours: the brighter one is known.
      [red, [255, 255, 0, 255]],
      [white, black],
    ];
    for (const row of rows) expect(readMask(createRow(row)).channels).toBe(1);
  });

  it('is a mask for each channel with fewer colours if the file says so, but never without a colour', () => {
    const read = (row: readonly (readonly number[])[]) =>
      readMask({ ...createRow(row), isPerChannel: true }).channels;
    expect([read([red, white]), read([white, black])]).toEqual([3, 1]);
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

  it('has few known pixels, all close together', () => {
    expect(readMask(grey(blobs)).looksInverted).toBe(true);
    expect(readMask(grey(blobs.map((known) => 1 - known))).looksInverted).toBe(false);
  });

  it.each(['uniform', 'blue-noise', 'grid', 'lines', 'block'] as const)(
    'is never generated by the pattern %s',
    (pattern) => {
      for (const keepRatio of [0.05, 0.2, 0.45]) {
        const { bits } = drawMask({ law: pattern, keepRatio, seed: 3, ...size });
        expect([keepRatio, readMask(grey(bits)).looksInverted]).toEqual([keepRatio, false]);
      }
    },
  );

  it('has few known pixels in thin marks, such as scratches', () => {
    const scratch = new Uint8Array(1200);
    for (let x = 3; x < 37; x++) scratch[(5 + (x >> 1)) * 40 + x] = 1;
    expect(readMask(grey(scratch)).looksInverted).toBe(true);
    expect(readMask(grey(scratch.map((known) => 1 - known))).looksInverted).toBe(false);
    // A line across the whole image is one of a pattern.
    const line = Uint8Array.from({ length: 1200 }, (_, pixel) => (Math.floor(pixel / 40) === 7 ? 1 : 0));
    expect(readMask(grey(line)).looksInverted).toBe(false);
  });
});
