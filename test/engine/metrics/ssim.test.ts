import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { meanAbsoluteError, meanSquaredError, psnr } from '../../../main/engine/metrics/pixelErrors.ts';
import { ssim, type SsimWindow } from '../../../main/engine/metrics/ssim.ts';

const height = 13;
const width = 17;
const truth = Float64Array.from(
  { length: height * width * 3 },
  (_, index) => 0.5 + 0.5 * Math.sin(0.37 * index),
);
const result = truth.map((value, index) => Math.min(1, Math.max(0, value + 0.2 * Math.cos(0.23 * index))));
const windows: readonly SsimWindow[] = ['uniform', 'gaussian'];

describe('ssim', () => {
  it('agrees with SciPy filters over the same windows', () => {
    expect(ssim(truth, result, { height, width, window: 'uniform' })).toBeCloseTo(0.9338500721374507, 10);
    expect(ssim(truth, result, { height, width, window: 'gaussian' })).toBeCloseTo(0.9392507660106254, 10);
  });

  it.each(windows)('is 1 for equal images and symmetric (%s)', (window) => {
    const options = { height, width, window };
    expect(ssim(truth, truth, options)).toBeCloseTo(1, 12);
    expect(ssim(truth, result, options)).toBeCloseTo(ssim(result, truth, options), 12);
  });

  it.each(windows)('reduces to the luminance term for two flat images (%s)', (window) => {
    const size = { height, width, window };
    const flat = (value: number) => new Float64Array(truth.length).fill(value);
    const luminance = (2 * 0.2 * 0.6 + 1e-4) / (0.2 ** 2 + 0.6 ** 2 + 1e-4);
    expect(ssim(flat(0.2), flat(0.6), size)).toBeCloseTo(luminance, 10);
  });

  it('accepts images of exactly the window size and refuses smaller ones', () => {
    const image = (side: number) => new Float32Array(side * side * 3).fill(0.5);
    const score = (side: number, window: SsimWindow) =>
      ssim(image(side), image(side), { height: side, width: side, window });
    expect(score(7, 'uniform')).toBeCloseTo(1, 12);
    expect(score(11, 'gaussian')).toBeCloseTo(1, 12);
    expect(() => score(6, 'uniform')).toThrow('at least 7×7 pixels, found 6×6');
    expect(() => score(10, 'gaussian')).toThrow('at least 11×11 pixels, found 10×10');
  });

  it('refuses a size that does not match the number of values', () => {
    expect(() => ssim(truth, result, { height, width: 16, window: 'uniform' })).toThrow(
      'has 624 values, found 663',
    );
  });
});

interface ReferenceRow {
  readonly mse: number;
  readonly mae: number;
  readonly psnr: number | null;
  readonly ssim_uniform7: number;
  readonly ssim_gaussian11: number;
}

const folder = join(import.meta.dirname, '../../../../shared/reference');
const isPresent = existsSync(join(folder, 'metrics.safetensors'));
const imageLength = 32 * 32 * 3;

/** Reads the two float64 tensors of the file: an 8-byte header length, a JSON header and raw numbers. */
function readImages(): { targets: Float64Array; predictions: Float64Array } {
  const file = readFileSync(join(folder, 'metrics.safetensors'));
  const start = 8 + Number(file.readBigUInt64LE(0));
  const values = new Float64Array(file.buffer.slice(file.byteOffset + start, file.byteOffset + file.length));
  return { targets: values.subarray(0, values.length / 2), predictions: values.subarray(values.length / 2) };
}

describe('metrics', () => {
  it.skipIf(!isPresent)(
    'agree with scikit-image on real images (skipped without ../shared/reference)',
    () => {
      const { targets, predictions } = readImages();
      const rows: ReferenceRow[] = JSON.parse(readFileSync(join(folder, 'metrics.json'), 'utf8'));
      const size = { height: 32, width: 32 };
      rows.forEach((row, index) => {
        const truth = targets.subarray(index * imageLength, (index + 1) * imageLength);
        const result = predictions.subarray(index * imageLength, (index + 1) * imageLength);
        expect(meanSquaredError(truth, result)).toBeCloseTo(row.mse, 9);
        expect(meanAbsoluteError(truth, result)).toBeCloseTo(row.mae, 9);
        if (row.psnr === null) expect(psnr(truth, result)).toBe(Infinity);
        else expect(psnr(truth, result)).toBeCloseTo(row.psnr, 6);
        expect(ssim(truth, result, { ...size, window: 'uniform' })).toBeCloseTo(row.ssim_uniform7, 7);
        expect(ssim(truth, result, { ...size, window: 'gaussian' })).toBeCloseTo(row.ssim_gaussian11, 7);
      });
      expect(rows).toHaveLength(6);
    },
  );
});
