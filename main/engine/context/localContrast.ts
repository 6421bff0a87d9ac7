/**
 * The level and the contrast of an image around each pixel, from what is known of it: local contrast normalisation, Jarrett
 * et al. 2009, "What is the best multi-stage architecture for object recognition?", §3.2. A network whose residual counts in
 * the local contrast treats soft and hard images alike.
 */

import type { Image } from '../../../shared/images/image.ts';

/** The surroundings of every pixel of an image, in colours. */
export interface LocalContrast {
  /** Mean of the estimate around each pixel, height × width × 3. */
  readonly level: Float32Array;
  /** Root mean square of the known values around that level, height × width; at least `smallestContrast`. */
  readonly contrast: Float32Array;
}

/** Standard deviation of the Gaussian that surroundings are weighted with, in pixels. */
const reach = 8;

/** Contrast of surroundings that have none: 1/100 of the range of colours, a few times the rounding to 8 bits. */
const smallestContrast = 0.01;

/** Weight of the contrast of the whole image, of 1: it counts where nothing is known around. */
const weightOfWhole = 1e-3;

/**
 * Returns level and contrast of an image from its classical estimate (exact where it is observed) and from which of its pixels
 * are observed. A pixel that is observed in some channels counts as observed.
 */
export function measureContrast(estimate: Image, observed: Int32Array): LocalContrast {
  const pixels = estimate.height * estimate.width;
  const isObserved = markPixels(observed, pixels);
  const level = new Float32Array(3 * pixels);
  const squares = new Float32Array(pixels);
  const plane = new Float32Array(pixels);
  for (let channel = 0; channel < 3; channel++) {
    for (let pixel = 0; pixel < pixels; pixel++) plane[pixel] = estimate.values[3 * pixel + channel];
    const mean = meanAround(plane, estimate);
    for (let pixel = 0; pixel < pixels; pixel++) {
      level[3 * pixel + channel] = mean[pixel];
      squares[pixel] += (isObserved[pixel] * (plane[pixel] - mean[pixel]) ** 2) / 3;
    }
  }
  const ofWhole = sum(squares) / Math.max(1, observed.length);
  const around = meanAround(squares, estimate);
  const share = meanAround(isObserved, estimate);
  const contrast = around.map((square, pixel) => {
    const variance = (square + weightOfWhole * ofWhole) / (share[pixel] + weightOfWhole);
    return Math.sqrt(Math.max(0, variance) + smallestContrast ** 2);
  });
  return { level, contrast };
}

/**
 * Takes gradients with respect to level and contrast back to the estimate: the transpose of the derivative of
 * `measureContrast`. All have height × width × 3 numbers, that of the contrast height × width.
 */
export function pullBackContrast(
  estimate: Image,
  observed: Int32Array,
  gradient: LocalContrast,
): Float32Array {
  const pixels = estimate.height * estimate.width;
  const isObserved = markPixels(observed, pixels);
  const { level, contrast } = measureContrast(estimate, observed);
  const share = meanAround(isObserved, estimate);
  const ofVariance = contrast.map(
    (value, pixel) => gradient.contrast[pixel] / (2 * value * (share[pixel] + weightOfWhole)),
  );
  const ofWhole = (weightOfWhole * sum(ofVariance)) / Math.max(1, observed.length);
  const ofSquares = transposedMean(ofVariance, estimate).map((value) => value + ofWhole);
  const result = new Float32Array(3 * pixels);
  for (let channel = 0; channel < 3; channel++) {
    const ofLevel = new Float32Array(pixels);
    for (let pixel = 0; pixel < pixels; pixel++) {
      const value = 3 * pixel + channel;
      const difference = estimate.values[value] - level[value];
      result[value] = (2 * isObserved[pixel] * difference * ofSquares[pixel]) / 3;
      ofLevel[pixel] = gradient.level[value] - result[value];
    }
    transposedMean(ofLevel, estimate).forEach((value, pixel) => (result[3 * pixel + channel] += value));
  }
  return result;
}

function markPixels(observed: Int32Array, pixels: number): Float32Array {
  const isObserved = new Float32Array(pixels);
  for (const pixel of observed) isObserved[pixel] = 1;
  return isObserved;
}

function sum(values: Float32Array): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Passes of a box that make a Gaussian: Wells 1986, "Efficient synthesis of Gaussian filters by cascaded uniform filters". */
const passes = 3;

/** Half the side of the box, of 2 r + 1 pixels, whose three passes have the variance of the Gaussian: r (r + 1) = reach². */
const radius = Math.round(Math.sqrt(reach ** 2 + 1 / 4) - 1 / 2);

type Size = Pick<Image, 'width' | 'height'>;

/** Returns the mean around each pixel, over what is inside of the image. */
function meanAround(plane: Float32Array, size: Size): Float32Array {
  let values = plane;
  for (let pass = 0; pass < passes; pass++)
    for (const lines of linesOf(size)) values = sumLines(values, lines, (total, inside) => total / inside);
  return values;
}

/** Returns the transpose of `meanAround`: every pixel gives its value back to those that it is the mean of. */
function transposedMean(plane: Float32Array, size: Size): Float32Array {
  let values = plane;
  for (let pass = 0; pass < passes; pass++)
    for (const lines of linesOf(size).reverse()) {
      const ones = new Float32Array(values.length).fill(1);
      const inside = sumLines(ones, lines, (total) => total);
      const parts = values.map((value, pixel) => value / inside[pixel]);
      values = sumLines(parts, lines, (total) => total);
    }
  return values;
}

/** Parallel lines of an image: their number, their pixels, and the steps along a line and to the next one. */
interface Lines {
  readonly count: number;
  readonly length: number;
  readonly along: number;
  readonly across: number;
}

function linesOf({ width, height }: Size): [rows: Lines, columns: Lines] {
  return [
    { count: height, length: width, along: 1, across: width },
    { count: width, length: height, along: width, across: 1 },
  ];
}

/** Sums the box around each pixel of every line, and maps each sum and the number of pixels inside of the line. */
function sumLines(
  values: Float32Array,
  { count, length, along, across }: Lines,
  map: (total: number, inside: number) => number,
): Float32Array {
  const output = new Float32Array(values.length);
  for (let line = 0; line < count; line++) {
    const first = line * across;
    let total = 0;
    for (let at = 0; at < Math.min(radius, length); at++) total += values[first + at * along];
    for (let at = 0; at < length; at++) {
      const entering = at + radius;
      const leaving = at - radius - 1;
      if (entering < length) total += values[first + entering * along];
      if (leaving >= 0) total -= values[first + leaving * along];
      const inside = Math.min(length - 1, entering) - Math.max(0, leaving + 1) + 1;
      output[first + at * along] = map(total, inside);
    }
  }
  return output;
}
