/** The two ends of the path of one example pixel. */

import { type PathConfig, pathScales } from '../../../shared/config/config.ts';
import type { PixelEnds } from '../../../shared/method/pathCharts.ts';
import { pathFactors, type PathKind, pathState } from '../../../shared/method/paths.ts';
import { randomNormals } from '../../../shared/numbers/random.ts';

/** How a path starts: at noise, or at noise around a classical estimate of the pixel. In colours. */
export interface PathStart {
  readonly startNoise: number;
  /** Standard deviation of the estimate around the true value; null: the path starts at noise. */
  readonly estimateDeviation: number | null;
}

/** Noise with the standard deviation 1, as in the papers. */
export const plainStart: PathStart = { startNoise: 1, estimateDeviation: null };

/** Returns how the paths of a run start. A run that has not measured its images yet counts in units of them. */
export function pathStartOf(path: PathConfig): PathStart {
  const isMeasured = path.unit === 'colours' || path.measured !== null;
  const { unit, startNoise } = isMeasured ? pathScales(path) : { unit: 1, startNoise: path.startNoise };
  const deviation = path.measured?.residual ?? unit * (path.residualDeviation || 0.1);
  return { startNoise, estimateDeviation: path.start === 'classical' ? deviation : null };
}

/** Returns both ends of the path of a pixel with these true values in [0, 1]; every `draw` has a noise of its own. */
export function drawPixelEnds(
  data: readonly number[],
  { startNoise, estimateDeviation }: PathStart,
  draw: number,
): PixelEnds {
  const key = { seed: 7, step: draw };
  const noise = randomNormals({ ...key, stream: 'noise' }, data.length);
  const misses = randomNormals({ ...key, stream: 'sampling' }, data.length);
  const start = data.map((value, channel) => {
    const centre = estimateDeviation === null ? 0 : value + estimateDeviation * misses[channel];
    return centre + startNoise * noise[channel];
  });
  return { start, data };
}

/** Returns the state of each channel at a time. */
export function pixelAt(kind: PathKind, { start, data }: PixelEnds, time: number): number[] {
  const factors = pathFactors(kind, time);
  return data.map((value, channel) => pathState(factors, { start: start[channel], data: value }));
}

/** Returns the values of `#rrggbb` in [0, 1]. */
export function readColour(text: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(text.slice(at, at + 2), 16) / 255);
}

/** Returns values as a colour of CSS; those outside [0, 1] are clamped. */
export function writeColour(values: readonly number[]): string {
  return `rgb(${values.map((value) => Math.round(255 * Math.min(1, Math.max(0, value)))).join(' ')})`;
}
