import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { type FigureRow, renderFigure, renderFigureSvg } from '../../main/reports/figure.ts';
import { createTypesetter } from '../../main/reports/typesetter.ts';
import { type Image, observe } from '../../shared/images/image.ts';

const size = { height: 8, width: 8 };

function flatImage(red: number, green: number, blue: number): Image {
  return { ...size, values: Float32Array.from({ length: 192 }, (_, index) => [red, green, blue][index % 3]) };
}

const row: FigureRow = {
  truth: flatImage(1, 0, 0),
  input: observe(flatImage(1, 0, 0), Int32Array.of(0, 9)),
  results: [
    { label: 'thin plate', image: flatImage(0, 1, 0), psnr: 22.794 },
    { label: 'flow', image: flatImage(0, 0, 1.7), psnr: Infinity },
  ],
};

interface DecodedFigure {
  readonly width: number;
  readonly height: number;
  /** Returns the number of pixels of exactly this colour. */
  readonly count: (red: number, green: number, blue: number) => number;
}

async function decode(png: Uint8Array): Promise<DecodedFigure> {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  const colours = new Map<string, number>();
  for (let offset = 0; offset < data.length; offset += info.channels) {
    const colour = data.subarray(offset, offset + 3).join();
    colours.set(colour, (colours.get(colour) ?? 0) + 1);
  }
  return { ...info, count: (red, green, blue) => colours.get(`${red},${green},${blue}`) ?? 0 };
}

describe('renderFigure', () => {
  it('shows every image enlarged without interpolation and clamped, on a white background', async () => {
    const figure = await decode(await renderFigure({ rows: [row], title: 'Title', scale: 5 }));
    const pixel = 5 * 5;
    expect(figure.count(255, 0, 0)).toBe(66 * pixel);
    expect(figure.count(0, 255, 0)).toBe(64 * pixel);
    expect(figure.count(0, 0, 255)).toBe(64 * pixel);
    expect(figure.count(224, 226, 231)).toBe(62 * pixel);
    expect(figure.count(255, 255, 255)).toBeGreaterThan((figure.width * figure.height) / 2);
  });

  it('grows by one band per row and one column per result', async () => {
    const one = await decode(await renderFigure({ rows: [row], title: 'Title', scale: 20 }));
    const two = await decode(await renderFigure({ rows: [row, row], title: 'Title', scale: 20 }));
    const fewer = { ...row, results: row.results.slice(1) };
    const narrow = await decode(await renderFigure({ rows: [fewer], title: 'Title', scale: 20 }));
    expect(two.width).toBe(one.width);
    expect(two.height - one.height).toBeGreaterThan(160);
    expect(one.width - narrow.width).toBeGreaterThan(160);
    expect(narrow.height).toBe(one.height);
  });

  it('shows images about 160 pixels wide by default', async () => {
    const figure = await decode(await renderFigure({ rows: [row], title: 'Title' }));
    expect(figure.count(0, 255, 0)).toBe(160 * 160);
  });

  it('draws title, headings, captions and row labels', async () => {
    const countInk = async (change: Partial<FigureRow>, title: string) =>
      (await decode(await renderFigure({ rows: [{ ...row, ...change }], title, scale: 16 }))).count(
        26,
        26,
        30,
      );
    const plain = await countInk({}, '');
    expect(plain).toBeGreaterThan(100);
    expect(await countInk({}, 'Reconstruction')).toBeGreaterThan(plain);
    expect(await countInk({ label: 'airplane' }, '')).toBeGreaterThan(plain);
    const unscored = row.results.map(({ label, image }) => ({ label, image }));
    expect(await countInk({ results: unscored }, '')).toBeLessThan(plain);
  });

  it('escapes markup in every text', async () => {
    const results = [{ label: '</svg><script>&"', image: row.truth, psnr: 1 }];
    await expect(
      renderFigure({ rows: [{ ...row, results, label: '&<' }], title: '<b>&' }),
    ).resolves.toBeDefined();
  });

  it('has the same images and texts as SVG, where nothing is read from another file', async () => {
    const options = { rows: [{ ...row, label: '&<' }], title: 'Title & more', scale: 5 };
    const svg = await renderFigureSvg(options);
    expect(svg).toContain('<title>Title &amp; more</title>');
    expect(svg.match(/href="(?!data:image\/png;base64,)/g)).toBeNull();
    const [drawn, expected] = await Promise.all([
      decode(await sharp(Buffer.from(svg)).flatten({ background: '#ffffff' }).png().toBuffer()),
      decode(await renderFigure(options)),
    ]);
    expect([drawn.width, drawn.height]).toEqual([expected.width, expected.height]);
    const countAll = ({ count }: DecodedFigure) => [
      count(255, 0, 0),
      count(0, 255, 0),
      count(0, 0, 255),
      count(224, 226, 231),
    ];
    expect(countAll(drawn)).toEqual(countAll(expected));
    // Letters are blended with the ground in another order.
    const [ink, expectedInk] = [drawn, expected].map(({ count }) => count(26, 26, 30));
    expect(Math.abs(ink / expectedInk - 1)).toBeLessThan(0.1);
    expect(drawn.count(0, 255, 0)).toBe(64 * 25);
  });

  it('rejects rows with different image sizes or results', async () => {
    const small = { height: 4, width: 4, values: new Float32Array(48) };
    const render = (rows: readonly FigureRow[]) => renderFigure({ rows, title: '' });
    await expect(render([])).rejects.toThrow('A figure without rows');
    await expect(render([row, { ...row, truth: small }])).rejects.toThrow(
      'Row 1 has an image of 4×4: expected 8×8',
    );
    const other = { ...row, results: row.results.slice(1) };
    await expect(render([row, other])).rejects.toThrow('Row 1 shows "flow": expected "thin plate, flow"');
  });

  it('rejects scales that are not integers or make the figure too large', async () => {
    await expect(renderFigure({ rows: [row], title: '', scale: 1.5 })).rejects.toThrow('Figure scale 1.5');
    await expect(renderFigure({ rows: [row], title: '', scale: 2000 })).rejects.toThrow('lower the scale');
  });
});

const typesetter = createTypesetter();
const style = { size: 16, weight: 'regular' } as const;

describe('createTypesetter', () => {
  it('measures widths that are proportional to the size and add up', () => {
    const width = typesetter.measure('22.79 dB', style);
    expect(typesetter.measure('22.79 dB', { ...style, size: 32 })).toBeCloseTo(2 * width, 9);
    expect(typesetter.measure('22.79', style) + typesetter.measure(' dB', style)).toBeCloseTo(width, 9);
    expect(typesetter.measure('', style)).toBe(0);
  });

  it('places the outline of a text by its anchor', () => {
    const firstX = (anchor: 'start' | 'middle' | 'end') =>
      Number(/^M(-?[\d.]+)/.exec(typesetter.outline('HH', { ...style, x: 100, y: 0, anchor }))?.[1]);
    const width = typesetter.measure('HH', style);
    expect(firstX('start') - firstX('end')).toBeCloseTo(width, 1);
    expect(firstX('start') - firstX('middle')).toBeCloseTo(width / 2, 1);
    expect(firstX('start')).toBeGreaterThan(100);
  });

  it('draws Greek and Cyrillic letters, and a question mark for missing glyphs', () => {
    const options = { ...style, x: 0, y: 0, anchor: 'start' } as const;
    const unknown = typesetter.outline('?', options);
    expect(typesetter.outline('σ', options)).not.toBe(unknown);
    expect(typesetter.outline('Ж', options)).not.toBe(unknown);
    expect(typesetter.outline('漢', options)).toBe(unknown);
  });

  it('wraps at spaces into few lines of similar length', () => {
    const text = 'flow · posterior mean (1 NFE)';
    const width = typesetter.measure('flow · posterior mean (1', style);
    expect(typesetter.wrap(text, { ...style, width })).toEqual(['flow · posterior', 'mean (1 NFE)']);
    expect(typesetter.wrap(text, { ...style, width: 1000 })).toEqual([text]);
    expect(typesetter.wrap('unbreakable word', { ...style, width: 5 })).toEqual(['unbreakable', 'word']);
  });
});
