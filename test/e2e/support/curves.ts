/** Curves that look like those of a training; every number, including noise, is a function of the step. */

import type { MetricName, MetricPoint } from '../../../shared/metric.ts';

/** Returns a reproducible number in [0, 1). */
export function noiseAt(step: number, stream: number): number {
  const value = Math.sin(step * 12.9898 + stream * 78.233) * 43_758.5453;
  return value - Math.floor(value);
}

export function curveAt(step: number): { loss: number; gradNorm: number; learningRate: number } {
  const decay = Math.exp(-step / 700);
  const loss = (0.02 + 0.25 * decay) * (0.8 + 0.4 * noiseAt(step, 1));
  const gradNorm = (0.3 + 2 * decay) * (0.6 + 0.8 * noiseAt(step, 2));
  return { loss, gradNorm, learningRate: 2e-3 * Math.min(1, step / 50) };
}

export function psnrAt(step: number): { psnr: number; ssim: number; mse: number; mae: number } {
  const psnr = 23.4 - 8 * Math.exp(-step / 600) + 0.3 * (noiseAt(step, 3) - 0.5);
  const mse = 10 ** (-psnr / 10);
  return { psnr, ssim: 0.82 - 0.5 * Math.exp(-step / 600), mse, mae: 0.75 * Math.sqrt(mse) };
}

/** Returns the points of a run of `steps` steps: losses every `logEvery`, scores every `evaluateEvery` steps. */
export function curvePoints(
  steps: number,
  { logEvery = 10, evaluateEvery = 250, from = Date.UTC(2026, 10, 20, 9) } = {},
): MetricPoint[] {
  const points: MetricPoint[] = [];
  const add = (step: number, values: Readonly<Record<string, number>>, prefix = '') => {
    const time = { processSeconds: step * 0.08, wallTime: from + step * 80 };
    for (const [name, value] of Object.entries(values)) {
      points.push({ step, name: `${prefix}${name}` as MetricName, value, ...time });
    }
  };
  for (let step = logEvery; step <= steps; step += logEvery) {
    add(step, curveAt(step));
    if (step % evaluateEvery === 0) add(step, psnrAt(step), 'evaluation/');
  }
  return points;
}
