import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { meanAbsoluteError, meanSquaredError, psnr } from '../../../main/engine/metrics/pixelErrors.ts';
import { ssim } from '../../../main/engine/metrics/ssim.ts';

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

/** The two float64 tensors of the file: an 8-byte header length, a JSON header, raw numbers. */
function readImages(): { targets: Float64Array; predictions: Float64Array } {
  const file = readFileSync(join(folder, 'metrics.safetensors'));
  const start = 8 + Number(file.readBigUInt64LE(0));
  const values = new Float64Array(file.buffer.slice(file.byteOffset + start, file.byteOffset + file.length));
  return { targets: values.subarray(0, values.length / 2), predictions: values.subarray(values.length / 2) };
}

describe('metrics', () => {
  it.skipIf(!isPresent)('equal scikit-image on real images (skipped without ../shared/reference)', () => {
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
  });
});
