/** The paths x_t = α x₁ + σ x₀ as plain functions of t, for figures; `main/engine/path/schedules.ts` has the same ones for tensors. */

import { type PathConfig, pathScales } from '../config/config.ts';
import { randomNormals } from '../numbers/random.ts';

export type PathKind = PathConfig['kind'];

/** α and σ at one time, with their derivatives with respect to t; t = 0 is noise, t = 1 is data. */
export interface PathFactors {
  readonly alpha: number;
  readonly sigma: number;
  readonly alphaRate: number;
  readonly sigmaRate: number;
}

/** In the order in which figures show them. */
export const pathNames: Readonly<Record<PathKind, string>> = {
  linear: 'Linear',
  cosine: 'Cosine',
  'variance-preserving': 'Variance-preserving',
};

/** β of the variance-preserving SDE at the data and at the noise: Song et al. 2021, appendix C. */
export const betaAtData = 0.1;
export const betaAtNoise = 20;

const factorsOf: Readonly<Record<PathKind, (time: number) => PathFactors>> = {
  // Lipman et al. 2023, eq. 22 with σ_min = 0.
  linear: (time) => ({ alpha: time, sigma: 1 - time, alphaRate: 1, sigmaRate: -1 }),
  // Nichol & Dhariwal 2021, eq. 17 in continuous time without the offset.
  cosine(time) {
    const alpha = Math.sin((Math.PI / 2) * time);
    const sigma = Math.sin((Math.PI / 2) * (1 - time));
    return { alpha, sigma, alphaRate: (Math.PI / 2) * sigma, sigmaRate: -(Math.PI / 2) * alpha };
  },
  // Song et al. 2021, eq. 33, with τ = 1 − t: log α = −½ ∫₀^τ β, σ² = 1 − α².
  'variance-preserving'(time) {
    const tau = 1 - time;
    const beta = betaAtData + tau * (betaAtNoise - betaAtData);
    const integral = (tau * (beta + betaAtData)) / 2;
    const alpha = Math.exp(-integral / 2);
    const sigma = Math.sqrt(-Math.expm1(-integral));
    const alphaRate = (alpha * beta) / 2;
    return { alpha, sigma, alphaRate, sigmaRate: -(alpha * alphaRate) / sigma };
  },
};

/** α and σ of each path in TeX, as `factorsOf` computes them. */
export const pathFormulas: Readonly<Record<PathKind, string>> = {
  linear: String.raw`\alpha = t, \quad \sigma = 1 - t`,
  cosine: String.raw`\alpha = \sin\tfrac{\pi t}{2}, \quad \sigma = \cos\tfrac{\pi t}{2}`,
  'variance-preserving': String.raw`\alpha = e^{-\frac12\int_0^{1-t}\beta}, \quad \sigma = \sqrt{1-\alpha^2}, \quad \beta(\tau) = ${betaAtData} + ${betaAtNoise - betaAtData}\,\tau`,
};

/** Returns α, σ and their derivatives at a time in [0, 1]. σ′ of the variance-preserving path is −∞ at t = 1. */
export function pathFactors(kind: PathKind, time: number): PathFactors {
  return factorsOf[kind](time);
}

/** Returns α x₁ + σ x₀. */
export function pathState(
  { alpha, sigma }: Pick<PathFactors, 'alpha' | 'sigma'>,
  { start, data }: { readonly start: number; readonly data: number },
): number {
  return alpha * data + sigma * start;
}

/** Returns dx_t/dt = α′ x₁ + σ′ x₀: what a network that predicts the velocity is trained on. */
export function pathVelocity(
  { alphaRate, sigmaRate }: Pick<PathFactors, 'alphaRate' | 'sigmaRate'>,
  { start, data }: { readonly start: number; readonly data: number },
): number {
  return alphaRate * data + sigmaRate * start;
}

/** The two ends of the path of one pixel: x₀ and x₁, a number for each channel. */
export interface PixelEnds {
  readonly start: readonly number[];
  readonly data: readonly number[];
}

/** The true value of an example pixel, `#d98a3d`. */
export const examplePixel: readonly number[] = [0xd9, 0x8a, 0x3d].map((value) => value / 255);

/** How a path starts: at noise, or at noise around a classical estimate of the pixel. In colours. */
export interface PathStart {
  readonly startNoise: number;
  /** Standard deviation of the estimate around the true value; null: the path starts at noise. */
  readonly estimateDeviation: number | null;
}

/** Noise with the standard deviation 1, as in the papers. */
export const plainStart: PathStart = { startNoise: 1, estimateDeviation: null };

/** Contrast around the example pixel, for paths that count in it: that of a soft photograph. */
const exampleContrast = 0.1;

/** Returns how the paths of a run start. A run that has not measured its images yet counts in units of them. */
export function pathStartOf(path: PathConfig): PathStart {
  const isMeasured = path.unit === 'colours' || path.measured !== null;
  const { unit, startNoise } = isMeasured ? pathScales(path) : { unit: 1, startNoise: path.startNoise };
  const deviation = path.measured?.residual ?? unit * (path.residualDeviation || 0.1);
  const contrast = path.unit === 'local' && isMeasured ? exampleContrast : 1;
  return {
    startNoise: startNoise * contrast,
    estimateDeviation: path.start === 'classical' ? deviation * contrast : null,
  };
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
