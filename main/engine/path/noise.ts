/** The noise of a path: white, or alike in neighbouring pixels as images are. */

import * as tf from '@tensorflow/tfjs-core';
import type { PathConfig } from '../../../shared/config/config.ts';
import { takeValues } from '../tensors.ts';

/** Standard deviations of the blurs of pink noise, in pixels: an octave apart. */
const blurs = [1, 2, 4, 8];
/** Standard deviations from which on the weights of a blur are 0. */
const reach = 3;
/**
 * Pixels along a side that are computed at a time: products with whole rows of a large image would mostly multiply by zeros, and
 * their results would need the memory of many images.
 */
const patchSide = 512;

/**
 * Returns the noise of a path, [B, H · W, 3], from independent standard normal numbers of the same shape. Every value is standard
 * normal by itself. `pink`: about the same variance in each octave of spatial frequencies, as in images (Field 1987, "Relations
 * between the statistics of natural images and the response properties of cortical cells", fig. 7): the sum of the numbers and
 * their blurs, which all have the same variance. A flow leads to the posterior from whatever noise it has learned to start from
 * (Albergo & Vanden-Eijnden 2023, "Building normalizing flows with stochastic interpolants"), and the solvers that add noise add
 * the same kind. Turning or mirroring the numbers turns or mirrors the noise.
 */
export function shapeNoise(
  { noise }: Pick<PathConfig, 'noise'>,
  normals: tf.Tensor,
  { height, width }: { readonly height: number; readonly width: number },
): tf.Tensor {
  if (noise === 'white') return normals;
  const grid = tf.reshape(normals, [-1, height, width, 3]) as tf.Tensor4D;
  const ofColumns = spansOf(width).map((span) => blursOf(span, width));
  const strips = spansOf(height).map((span) =>
    tf.tidy(() => {
      const ofRows = blursOf(span, height);
      const { first, count } = ofRows.source;
      return shapeStrip(tf.slice(grid, [0, first, 0, 0], [-1, count, width, 3]), ofRows, ofColumns);
    }),
  );
  return tf.reshape(join(strips, 1), normals.shape);
}

/** Returns the same for the numbers of one image, height × width × 3, strip by strip: a large one needs no more memory than its result. */
export async function shapeImageNoise(
  { noise }: Pick<PathConfig, 'noise'>,
  normals: Float32Array,
  { height, width }: { readonly height: number; readonly width: number },
): Promise<Float32Array> {
  if (noise === 'white') return normals;
  const shaped = new Float32Array(normals.length);
  const rowLength = width * 3;
  const ofColumns = spansOf(width).map((span) => blursOf(span, width));
  for (const span of spansOf(height)) {
    const strip = tf.tidy(() => {
      const ofRows = blursOf(span, height);
      const { first, count } = ofRows.source;
      const source = normals.subarray(first * rowLength, (first + count) * rowLength);
      return shapeStrip(tf.tensor4d(source, [1, count, width, 3]), ofRows, ofColumns);
    });
    shaped.set(await takeValues(strip), span.first * rowLength);
  }
  tf.dispose(ofColumns.map(({ weights, covariances }) => [...weights, covariances]));
  return shaped;
}

function join(parts: tf.Tensor4D[], axis: number): tf.Tensor4D {
  return parts.length === 1 ? parts[0] : tf.concat(parts, axis);
}

/** Neighbours in a row of the image, or in a column. */
interface Span {
  readonly first: number;
  readonly count: number;
}

/** Divides a side of the image. */
function spansOf(length: number): Span[] {
  return Array.from({ length: Math.ceil(length / patchSide) }, (_, index) => {
    const first = index * patchSide;
    return { first, count: Math.min(patchSide, length - first) };
  });
}

/** The blurs of a span. */
interface Blurs {
  readonly span: Span;
  /** What the span is computed from: it and its surroundings. */
  readonly source: Span;
  /** Of each blur [span, source]. */
  readonly weights: readonly tf.Tensor2D[];
  /** Of every two of the numbers and their blurs, [span, pairs]. That of an image is the product of those of its row and its column. */
  readonly covariances: tf.Tensor2D;
}

function blursOf(span: Span, length: number): Blurs {
  const margin = Math.ceil(reach * Math.max(...blurs));
  const first = Math.max(0, span.first - margin);
  const source = { first, count: Math.min(length, span.first + span.count + margin) - first };
  const rows = Array.from({ length: span.count }, (_, index) =>
    blurs.map((deviation) => unitBlur(span.first + index, { deviation, source, length })),
  );
  return {
    span,
    source,
    weights: blurs.map((_, level) => {
      const weights = new Float32Array(span.count * source.count);
      rows.forEach((ofRow, index) => weights.set(ofRow[level], index * source.count));
      return tf.tensor2d(weights, [span.count, source.count]);
    }),
    covariances: tf.tensor2d(rows.map((ofRow, index) => covariancesOf(ofRow, span.first + index - first))),
  };
}

/** Returns the weights of a source with which a Gaussian around a place blurs independent numbers of variance 1 to one of variance 1. */
function unitBlur(
  place: number,
  { deviation, source, length }: { deviation: number; source: Span; length: number },
): Float32Array {
  const weights = new Float32Array(source.count);
  const last = Math.ceil(reach * deviation);
  const within = { first: Math.max(0, place - last), end: Math.min(length, place + last + 1) };
  let squares = 0;
  for (let at = within.first; at < within.end; at++) {
    const weight = Math.exp(-(((at - place) / deviation) ** 2) / 2);
    weights[at - source.first] = weight;
    squares += weight ** 2;
  }
  return weights.map((weight) => weight / Math.sqrt(squares));
}

/** Returns the covariances of every two of the number at a place of the source and its blurs. */
function covariancesOf(ofBlurs: readonly Float32Array[], place: number): number[] {
  const own = new Float32Array(ofBlurs[0].length);
  own[place] = 1;
  const all = [own, ...ofBlurs];
  const last = Math.ceil(reach * Math.max(...blurs));
  return all.flatMap((one) =>
    all.map((other) => {
      let sum = 0;
      for (let at = Math.max(0, place - last); at <= Math.min(one.length - 1, place + last); at++)
        sum += one[at] * other[at];
      return sum;
    }),
  );
}

/** Returns the noise [B, rows, W, 3] of the rows of an image, from the numbers [B, rows of the source, W, 3]. */
function shapeStrip(strip: tf.Tensor4D, ofRows: Blurs, ofColumns: readonly Blurs[]): tf.Tensor4D {
  return join(
    ofColumns.map((each) => shapePatch(strip, ofRows, each)),
    2,
  );
}

function shapePatch(strip: tf.Tensor4D, ofRows: Blurs, ofColumns: Blurs): tf.Tensor4D {
  const [top, left] = [ofRows.source, ofColumns.source];
  const source = tf.slice(strip, [0, 0, left.first, 0], [-1, top.count, left.count, 3]);
  const planes = tf.transpose(source, [0, 3, 1, 2]);
  const place = [0, 0, ofRows.span.first - top.first, ofColumns.span.first - left.first];
  const own = tf.slice(planes, place, [-1, 3, ofRows.span.count, ofColumns.span.count]);
  const sum = blurs.reduce((before: tf.Tensor, _, level) => {
    const alongColumns = tf.matMul(ofRows.weights[level], planes);
    return tf.add(before, tf.matMul(alongColumns, ofColumns.weights[level], false, true));
  }, own);
  const variance = tf.matMul(ofRows.covariances, ofColumns.covariances, false, true);
  return tf.transpose(tf.mul(sum, tf.rsqrt(variance)), [0, 2, 3, 1]) as tf.Tensor4D;
}
