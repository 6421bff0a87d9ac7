/** Parity of the metrics: `metrics.safetensors` holds the images, `metrics.json` the values. */

import { readFileSync } from 'node:fs';
import { meanAbsoluteError } from '../../engine/metrics/meanAbsoluteError.ts';
import { meanSquaredError } from '../../engine/metrics/meanSquaredError.ts';
import { psnr } from '../../engine/metrics/psnr.ts';
import { ssim } from '../../engine/metrics/ssim.ts';
import { readSafetensors, tensorNamed } from '../../store/files/safetensors.ts';
import { checkError, type ParityCheck } from './parityCheck.ts';

type ExpectedMetrics = Readonly<Record<string, number | null>>;

const tolerance = 1e-6;

/** Absolute error of every metric, largest over the images. */
export function checkMetrics(tensorPath: string, valuePath: string): ParityCheck[] {
  const { tensors } = readSafetensors(tensorPath);
  const target = tensorNamed(tensors, 'target');
  const prediction = tensorNamed(tensors, 'prediction');
  const [, height, width] = target.shape;
  const size = height * width * 3;
  const expected = JSON.parse(readFileSync(valuePath, 'utf8')) as ExpectedMetrics[];
  const found = expected.map((_, image) => {
    const part = (data: typeof target.data) =>
      Float64Array.from(data.subarray(image * size, (image + 1) * size), Number);
    return measure(part(target.data), part(prediction.data), { height, width });
  });
  return Object.keys(found[0]).map((name) => {
    const errors = expected.map((values, image) => difference(found[image][name], values[name]));
    return checkError(`metrics ${name}`, Math.max(...errors), tolerance);
  });
}

function measure(
  target: Float64Array,
  prediction: Float64Array,
  size: { height: number; width: number },
): Record<string, number> {
  return {
    mse: meanSquaredError(target, prediction),
    mae: meanAbsoluteError(target, prediction),
    psnr: psnr(target, prediction),
    ssim_uniform7: ssim(target, prediction, { ...size, window: 'uniform' }),
    ssim_gaussian11: ssim(target, prediction, { ...size, window: 'gaussian' }),
  };
}

/** null stands for infinite. */
function difference(found: number, expected: number | null | undefined): number {
  if (expected === null) return found === Number.POSITIVE_INFINITY ? 0 : Number.POSITIVE_INFINITY;
  return expected === undefined ? Number.POSITIVE_INFINITY : Math.abs(found - expected);
}
