import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { renderFigure } from '../../main/reports/figure.ts';
import type { FigureRow } from '../../main/reports/figure.ts';
import { observe } from '../../shared/images/image.ts';
import type { Image } from '../../shared/images/image.ts';

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

interface Picture {
  readonly width: number;
  readonly height: number;
  /** How many pixels have exactly this colour. */
  readonly count: (red: number, green: number, blue: number) => number;
}

async function decode(png: Uint8Array): Promise<Picture> {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  const colours = new Map<string, number>();
  for (let offset = 0; offset < data.length; offset += info.channels) {
    const colour = data.subarray(offset, offset + 3).join();
    colours.set(colour, (colours.get(colour) ?? 0) + 1);
  }
  return { ...info, count: (red, green, blue) => colours.get(`${red},${green},${blue}`) ?? 0 };
}

describe('renderFigure', () => {
  it('shows every image enlarged without interpolation and clamped, on white ground', async () => {
    const picture = await decode(await renderFigure({ rows: [row], title: 'Title', scale: 5 }));
    const pixel = 5 * 5;
    expect(picture.count(255, 0, 0)).toBe(66 * pixel);
    expect(picture.count(0, 255, 0)).toBe(64 * pixel);
    expect(picture.count(0, 0, 255)).toBe(64 * pixel);
    expect(picture.count(224, 226, 231)).toBe(62 * pixel);
    expect(picture.count(255, 255, 255)).toBeGreaterThan((picture.width * picture.height) / 2);
  });

  it('grows by one band a row and one column a result', async () => {
    const one = await decode(await renderFigure({ rows: [row], title: 'Title', scale: 20 }));
    const two = await decode(await renderFigure({ rows: [row, row], title: 'Title', scale: 20 }));
    const fewer = { ...row, results: row.results.slice(1) };
    const narrow = await decode(await renderFigure({ rows: [fewer], title: 'Title', scale: 20 }));
    expect(two.width).toBe(one.width);
    expect(two.height - one.height).toBeGreaterThan(160);
    expect(one.width - narrow.width).toBeGreaterThan(160);
    expect(narrow.height).toBe(one.height);
  });

  it('makes images about 160 pixels wide by default', async () => {
    const picture = await decode(await renderFigure({ rows: [row], title: 'Title' }));
    expect(picture.count(0, 255, 0)).toBe(160 * 160);
  });

  it('draws title, headings, captions and row labels in ink', async () => {
    const inkOf = async (change: Partial<FigureRow>, title: string) =>
      (await decode(await renderFigure({ rows: [{ ...row, ...change }], title, scale: 16 }))).count(
        26,
        26,
        30,
      );
    const plain = await inkOf({}, '');
    expect(plain).toBeGreaterThan(100);
    expect(await inkOf({}, 'Reconstruction')).toBeGreaterThan(plain);
    expect(await inkOf({ label: 'airplane' }, '')).toBeGreaterThan(plain);
    const unscored = row.results.map(({ label, image }) => ({ label, image }));
    expect(await inkOf({ results: unscored }, '')).toBeLessThan(plain);
  });

  it('takes text for text, whatever it contains', async () => {
    const results = [{ label: '</svg><script>&"', image: row.truth, psnr: 1 }];
    await expect(
      renderFigure({ rows: [{ ...row, results, label: '&<' }], title: '<b>&' }),
    ).resolves.toBeDefined();
  });

  it('refuses rows that do not belong together', async () => {
    const small = { height: 4, width: 4, values: new Float32Array(48) };
    const render = (rows: readonly FigureRow[]) => renderFigure({ rows, title: '' });
    await expect(render([])).rejects.toThrow('A figure without rows');
    await expect(render([row, { ...row, truth: small }])).rejects.toThrow(
      'Row 1 has an image of 4×4: expected 8×8',
    );
    const other = { ...row, results: row.results.slice(1) };
    await expect(render([row, other])).rejects.toThrow('Row 1 shows "flow": expected "thin plate, flow"');
  });

  it('refuses scales that are not whole or make the figure too large', async () => {
    await expect(renderFigure({ rows: [row], title: '', scale: 1.5 })).rejects.toThrow('Figure scale 1.5');
    await expect(renderFigure({ rows: [row], title: '', scale: 2000 })).rejects.toThrow('lower the scale');
  });
});
