import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorScale } from '../../../renderer/models/images/colourMap.ts';
import { colourOf } from '../../../shared/charts/colourMap.ts';
import {
  describeObservation,
  isObserved,
  splitPreview,
  type PreviewRow,
} from '../../../renderer/models/images/previewRows.ts';
import { imageFromPixels, readPixel, type RasterImage } from '../../../renderer/models/images/rasterImage.ts';
import { errorMap, imagePsnr, pixelError, scorePreview } from '../../../renderer/models/images/imageError.ts';

/** Creates an image with a colour per pixel. */
function paint(
  width: number,
  height: number,
  colour: (x: number, y: number) => readonly number[],
): RasterImage {
  const pixels = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) pixels.set([...colour(x, y), 255], (y * width + x) * 4);
  return imageFromPixels({ width, height }, pixels);
}

const flat = (value: number) => paint(4, 4, () => [value, value, value]);

function rowOf(truth: RasterImage, result: RasterImage, observed = flat(128)): PreviewRow {
  return { truth, result, observed };
}

describe('the rows of a preview', () => {
  it('are split pixel by pixel', () => {
    const preview = paint(6, 4, (x, y) => [x, y, 7]);
    const rows = splitPreview(preview);
    expect(rows).toHaveLength(2);
    expect(readPixel(rows[1].observed, 1, 0)).toEqual([3, 2, 7]);
    expect(readPixel(rows[1].result, 1, 1)).toEqual([5, 3, 7]);
    expect(rows[0].truth).toMatchObject({ width: 2, height: 2 });
  });

  it('are rejected with their size if they do not consist of three images', () => {
    for (const [width, height] of [
      [7, 4],
      [6, 3],
      [6, 0],
    ])
      expect(() => splitPreview(paint(width, height, () => [0, 0, 0]))).toThrow(`${width}×${height}`);
  });

  it('distinguish an observed grey pixel from an unobserved one by the truth', () => {
    const truth = paint(2, 1, (x) => (x === 0 ? [128, 128, 128] : [9, 9, 9]));
    const observed = paint(2, 1, () => [128, 128, 128]);
    const row = rowOf(truth, truth, observed);
    expect([isObserved(row, 0, 0), isObserved(row, 1, 0)]).toEqual([true, false]);
  });

  it('treat transparent pixels as unobserved', () => {
    const pixels = Uint8ClampedArray.of(0, 0, 0, 0, 0, 0, 0, 255);
    const truth = paint(2, 1, () => [0, 0, 0]);
    const row = rowOf(truth, truth, imageFromPixels({ width: 2, height: 1 }, pixels));
    expect([isObserved(row, 0, 0), isObserved(row, 1, 0)]).toEqual([false, true]);
  });
});

describe('the score of a preview', () => {
  it('equals the PSNR of the two images', () => {
    const row = rowOf(
      flat(100),
      paint(4, 4, (x, y) => [100 + x, 100 - y, 90]),
    );
    expect(imagePsnr(row.result, row.truth)).toBeCloseTo(scorePreview(row).psnr ?? 0, 9);
    expect(imagePsnr(row.truth, row.truth)).toBe(Infinity);
  });

  it('is 13.98 dB for a constant error of 51/255 = 0.2', () => {
    const { mse, psnr, psnrUnobserved } = scorePreview(rowOf(flat(100), flat(151)));
    expect(mse).toBeCloseTo(0.04, 12);
    expect(psnr).toBeCloseTo(-10 * Math.log10(0.04), 10);
    expect(psnrUnobserved).toBeCloseTo(-10 * Math.log10(0.04), 10);
  });

  it('is infinite for an exact result', () => {
    expect(scorePreview(rowOf(flat(100), flat(100)))).toEqual({
      mse: 0,
      psnr: Infinity,
      psnrUnobserved: Infinity,
    });
  });

  it('leaves observed pixels out of the PSNR over unobserved ones', () => {
    const truth = flat(100);
    const isKnown = (x: number, y: number) => (x + y) % 2 === 0;
    const observed = paint(4, 4, (x, y) => (isKnown(x, y) ? [100, 100, 100] : [128, 128, 128]));
    const result = paint(4, 4, (x, y) => (isKnown(x, y) ? [100, 100, 100] : [151, 151, 151]));
    const { mse, psnrUnobserved } = scorePreview(rowOf(truth, result, observed));
    expect(mse).toBeCloseTo(0.02, 12);
    expect(psnrUnobserved).toBeCloseTo(-10 * Math.log10(0.04), 10);
  });
});

describe('a preview of a Bayer pattern', () => {
  const truth = flat(100);
  // GBRG: the phase is recognised by the channels that are 0.
  const shown = (x: number, y: number) => [1, 2, 0, 1][2 * (y % 2) + (x % 2)];
  const only = (value: number) => (x: number, y: number) =>
    [0, 1, 2].map((channel) => (channel === shown(x, y) ? value : 0));
  const observed = paint(4, 4, only(100));

  it('names the channel that a pixel shows', () => {
    const row = rowOf(truth, truth, observed);
    expect([0, 1, 2, 3].map((at) => describeObservation(row, at % 2, at >> 1))).toEqual([
      'green known',
      'blue known',
      'red known',
      'green known',
    ]);
    expect(describeObservation(rowOf(truth, truth), 0, 0)).toBe('hidden');
    expect(describeObservation(rowOf(truth, truth, truth), 0, 0)).toBe('known');
    expect(describeObservation(rowOf(flat(0), truth, flat(0)), 0, 0)).toBe('known');
  });

  it('counts every value but the observed one of each pixel as unobserved', () => {
    const wrong = (isObservedWrong: boolean) =>
      paint(4, 4, (x, y) =>
        [0, 1, 2].map((channel) => ((channel === shown(x, y)) === isObservedWrong ? 151 : 100)),
      );
    const inHidden = scorePreview(rowOf(truth, wrong(false), observed));
    expect(inHidden.mse).toBeCloseTo((2 / 3) * 0.04, 12);
    expect(inHidden.psnrUnobserved).toBeCloseTo(-10 * Math.log10(0.04), 10);
    expect(scorePreview(rowOf(truth, wrong(true), observed)).psnrUnobserved).toBe(Infinity);
  });
});

describe('the error map', () => {
  it('has the first colour for no error and the last from the end of the scale', () => {
    const map = errorMap(flat(0), flat(0));
    expect(readPixel(map, 0, 0)).toEqual(colourOf(0));
    const worst = Math.ceil(errorScale * 255);
    expect(readPixel(errorMap(flat(worst), flat(0)), 2, 2)).toEqual(colourOf(1));
  });

  it('averages the absolute errors of the channels', () => {
    const result = paint(1, 1, () => [30, 0, 60]);
    const truth = paint(1, 1, () => [0, 30, 60]);
    expect(pixelError(result, truth, 0, 0)).toBeCloseTo(60 / 3 / 255, 12);
    expect(pixelError(truth, result, 0, 0)).toBeCloseTo(60 / 3 / 255, 12);
  });

  it('grows brighter with the error', () => {
    const lightness = ([red, green, blue]: readonly number[]) =>
      0.2126 * red + 0.7152 * green + 0.0722 * blue;
    const fraction = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fraction, fraction, (a, b) => {
        fc.pre(b - a > 0.02);
        expect(lightness(colourOf(b))).toBeGreaterThan(lightness(colourOf(a)));
      }),
    );
  });
});
