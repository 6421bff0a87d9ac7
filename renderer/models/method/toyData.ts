/** Distributions in the plane that a toy learns. All have about mean 0 and standard deviation 1. */

import { pathFactors, type PathKind } from '../../../shared/method/paths.ts';
import { randomIntegers, randomNormals, randomUniforms } from '../../../shared/numbers/random.ts';

export const toyShapes = {
  moons: 'Two moons',
  checkerboard: 'Checkerboard',
  clusters: 'Five clusters (exact field known)',
  colours: 'Colours of an image',
} as const;
export type ToyShape = keyof typeof toyShapes;

/** What is learned: a shape, and for `colours` the points of the image. */
export interface ToyData {
  readonly shape: ToyShape;
  /** [N, 2], standardised; of `colours` only. */
  readonly points?: Float32Array;
}

/** Centres [K, 2] of equally likely normal distributions with the deviation `spread`. */
export const clusters = {
  centres: Float32Array.from([0, 1, 2, 3, 4].flatMap((index) => circlePoint((2 * Math.PI * index) / 5))),
  spread: 0.25,
};

function circlePoint(angle: number): [number, number] {
  return [1.35 * Math.cos(angle + Math.PI / 2), 1.35 * Math.sin(angle + Math.PI / 2)];
}

/** Samples `count` points [count, 2]; each step has its own. */
export function drawData(
  { shape, points }: ToyData,
  key: { readonly seed: number; readonly step: number },
  count: number,
): Float32Array {
  const uniforms = randomUniforms({ ...key, stream: 'synthetic' }, 3 * count);
  const normals = randomNormals({ ...key, stream: 'shapes' }, 2 * count);
  const found = new Float32Array(2 * count);
  const chosen =
    shape === 'colours' && points
      ? randomIntegers({ ...key, stream: 'order' }, count, points.length / 2)
      : null;
  for (let row = 0; row < count; row++) {
    const random = uniforms.subarray(3 * row, 3 * row + 3);
    const noise = normals.subarray(2 * row, 2 * row + 2);
    if (points && chosen) found.set(points.subarray(2 * chosen[row], 2 * chosen[row] + 2), 2 * row);
    else found.set(drawPoint(shape, random, noise), 2 * row);
  }
  return found;
}

function drawPoint(shape: ToyShape, random: Float32Array, noise: Float32Array): [number, number] {
  if (shape === 'checkerboard') {
    // Eight of the sixteen squares of [−2, 2]².
    const column = Math.floor(4 * random[0]);
    const row = 2 * Math.floor(2 * random[2]) + (column % 2);
    return [0.85 * (4 * random[0] - 2), 0.85 * (row + random[1] - 2)];
  }
  if (shape === 'moons') {
    const angle = Math.PI * random[0];
    const isUpper = random[1] < 0.5;
    const x = isUpper ? Math.cos(angle) : 1 - Math.cos(angle);
    const y = isUpper ? Math.sin(angle) : 0.5 - Math.sin(angle);
    return [1.15 * (x - 0.5) + 0.07 * noise[0], 1.9 * (y - 0.25) + 0.07 * noise[1]];
  }
  const centre = 2 * Math.floor(5 * random[0]);
  return [
    clusters.centres[centre] + clusters.spread * noise[0],
    clusters.centres[centre + 1] + clusters.spread * noise[1],
  ];
}

/**
 * Returns the exact velocity [2] of the clusters at a place and time along a path: the mean of dx_t/dt given x_t, which
 * is a mixture of the linear regressions of the single clusters. Lipman et al. 2023, theorem 1.
 */
export function exactVelocity(
  kind: PathKind,
  [x, y]: readonly [number, number],
  time: number,
): [number, number] {
  const { alpha, sigma, alphaRate, sigmaRate } = pathFactors(kind, time);
  const { centres, spread } = clusters;
  const variance = (alpha * spread) ** 2 + sigma ** 2;
  const distances = Array.from({ length: centres.length / 2 }, (_, index) => {
    const [dx, dy] = [x - alpha * centres[2 * index], y - alpha * centres[2 * index + 1]];
    return { dx, dy, exponent: -(dx * dx + dy * dy) / (2 * variance) };
  });
  const largest = Math.max(...distances.map(({ exponent }) => exponent));
  const weights = distances.map(({ exponent }) => Math.exp(exponent - largest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const slope = (alphaRate * alpha * spread ** 2 + sigmaRate * sigma) / variance;
  return distances.reduce<[number, number]>(
    ([across, up], { dx, dy }, index) => {
      const weight = weights[index] / total;
      return [
        across + weight * (alphaRate * centres[2 * index] + slope * dx),
        up + weight * (alphaRate * centres[2 * index + 1] + slope * dy),
      ];
    },
    [0, 0],
  );
}

/**
 * Returns the colours of pixels (RGBA, 8 bits) as points [N, 2], lightness against red minus blue, both standardised;
 * at most `limit` pixels, evenly spaced.
 * @throws Error if the image has a single colour, which is no distribution to learn.
 */
export function colourPoints(pixels: Uint8ClampedArray, limit = 4096): Float32Array {
  const stride = Math.max(1, Math.floor(pixels.length / 4 / limit));
  const count = Math.floor(pixels.length / 4 / stride);
  const points = new Float32Array(2 * count);
  for (let index = 0; index < count; index++) {
    const [red, green, blue] = pixels.subarray(4 * stride * index, 4 * stride * index + 3);
    points[2 * index] = red - blue;
    points[2 * index + 1] = (red + green + blue) / 3;
  }
  const isUniform = [0, 1].map((axis) => standardise(points, axis)).every((deviation) => deviation === 0);
  if (isUniform)
    throw new Error('All pixels of this image have one colour. Choose an image with several colours.');
  return points;
}

/** Standardises one axis in place; returns its deviation before. */
function standardise(points: Float32Array, axis: number): number {
  const count = points.length / 2;
  let [sum, squares] = [0, 0];
  for (let at = axis; at < points.length; at += 2) sum += points[at];
  const mean = sum / count;
  for (let at = axis; at < points.length; at += 2) squares += (points[at] - mean) ** 2;
  const deviation = Math.sqrt(squares / count);
  for (let at = axis; at < points.length; at += 2) points[at] = (points[at] - mean) / (deviation || 1);
  return deviation;
}
