/**
 * Which observed pixels a prediction depends on: the gradient of x̂₁ at a pixel with respect to the observed values, by
 * reverse differentiation through `encode` and `predict` (a vector–Jacobian product), then through the linear map from the
 * observed values to what the network is given.
 */

import * as tf from '@tensorflow/tfjs-core';
import type { ClassicalEstimate, PathConfig } from '../../../shared/config/config.ts';
import type { SparseObservation } from '../../../shared/images/image.ts';
import { mostSensitivityPairs } from '../../../shared/study.ts';
import { createChannelEstimators } from '../classical/channels.ts';
import { energyOf } from '../classical/gridEnergy.ts';
import { createMaskEstimator } from '../classical/maskEstimator.ts';
import type { Context } from '../context/context.ts';
import { pullBackContrast } from '../context/localContrast.ts';
import { neighbourEntries, writeNeighbours } from '../context/neighbours.ts';
import { noDropout } from '../field/dropout.ts';
import type { Field } from '../field/field.ts';
import { runEagerly, type RunFunction } from '../runFunction.ts';
import { createPrediction, pathInputs } from '../solver/fieldView.ts';
import { type NamedTensors, takeValues } from '../tensors.ts';

/** A network and B points of its path, each with a context of its own. */
export interface SensitivityProblem {
  readonly field: Field;
  readonly parameters: NamedTensors;
  readonly path: PathConfig;
  readonly context: Context;
  /** [B, Nq, 3]; held fixed. */
  readonly state: tf.Tensor;
  /** [B] */
  readonly time: tf.Tensor;
}

/** The parts of a context that depend on the observed values. */
const observedParts = [
  'observedValues',
  'estimate',
  'level',
  'contrast',
  'patch',
  'observedGrid',
  'neighbours',
] as const;
type ObservedPart = (typeof observedParts)[number];

/** Gradients with respect to the parts of a context, of its shapes. */
export type ContextGradient = Readonly<Partial<Record<ObservedPart, tf.Tensor>>>;

/**
 * Returns the gradient of the brightness of x̂₁, the mean of its channels, at one query per row. `queries`: the number of
 * each row's query among its Nq. The caller owns the tensors.
 */
export function brightnessGradient(
  problem: SensitivityProblem,
  queries: readonly number[],
  run: RunFunction = runEagerly,
): ContextGradient {
  const { field, parameters, path, context, state, time } = problem;
  const given = observedParts.filter((name) => context[name] !== undefined);
  const [, points] = state.shape;
  const step = field.takesStepSize ? { step: tf.zerosLike(time) } : {};
  const selector = tf.reshape(tf.oneHot(tf.tensor1d([...queries], 'int32'), points), [-1, points, 1]);
  const chosen = tf.div(tf.cast(selector, 'float32'), 3);
  const predict = createPrediction(field, path);
  const inputs = { ...context, state, time, chosen, ...step };
  type Inputs = Context &
    Pick<SensitivityProblem, 'state' | 'time'> & { chosen: tf.Tensor; step?: tf.Tensor };
  return run<Inputs, ContextGradient>('sensitivity', {
    parameters,
    inputs,
    isByRows: true,
    smallestPart: field.smallestPart,
    work(weights, { state: at, time: when, chosen: which, step: size, ...seen }) {
      const brightness = (...parts: tf.Tensor[]) => {
        const changed = Object.fromEntries(given.map((name, index) => [name, parts[index]]));
        const full: Context = { ...seen, ...changed };
        const encoded = field.encode(weights, full, noDropout);
        const point = { state: at, time: when, ...(size && { step: size }) };
        const { data } = predict(weights, { ...encoded, ...point, ...pathInputs(path, full) });
        // A part that the network does not read has a gradient too: zero.
        const unread = parts.map((part) => tf.mul(tf.sum(part), 0));
        return tf.addN([tf.sum(tf.mul(data, which)), ...unread]) as tf.Scalar;
      };
      const parts = given.flatMap((name) => seen[name] ?? []);
      const gradients = tf.grads(brightness)(parts);
      return Object.fromEntries(given.map((name, index) => [name, gradients[index]]));
    },
  });
}

/** Takes gradients with respect to a context back to the observed values of its image. */
export interface ContextAdjoint {
  /** Returns rows × n × 3 numbers, zeros in channels that are not observed; n as in the observation. */
  pullBack(gradient: ContextGradient): Promise<Float32Array>;
}

/**
 * Prepares the adjoint of building a context with every pixel as a query, in row-major order.
 * @param options.method Of the estimate. `patch`: side of its patches; 0: none. `isListed`: whether the network reads a list.
 * @throws Error above `mostSensitivityPairs` pixels × observed pixels where there is an estimate.
 */
export function createContextAdjoint(
  observation: SparseObservation,
  options: {
    readonly estimate: Float32Array | null;
    readonly method: ClassicalEstimate;
    readonly patch: number;
    readonly neighbours: number;
    readonly isListed: boolean;
  },
): ContextAdjoint {
  const { height, width, indices, channels } = observation;
  const { estimate, patch, neighbours, isListed } = options;
  const pixels = height * width;
  const count = indices.length;
  const rowOf = new Int32Array(pixels).fill(-1);
  indices.forEach((pixel, row) => (rowOf[pixel] = row));
  const pullEstimate = estimate && createEstimateAdjoint(options.method, observation, estimate);
  const neighbourPixels = neighbours > 0 ? listNeighbours(observation, neighbours) : null;
  return {
    async pullBack(gradient) {
      const valuesOf = await readParts(gradient);
      const rows = Object.values(gradient)[0]?.shape[0] ?? 0;
      const result = new Float32Array(rows * count * 3);
      const each = (part: ObservedPart, add: (piece: Float32Array, target: Float32Array) => void) => {
        const values = valuesOf[part];
        if (!values) return;
        const size = values.length / rows;
        for (let row = 0; row < rows; row++)
          add(
            values.subarray(row * size, (row + 1) * size),
            result.subarray(row * count * 3, (row + 1) * count * 3),
          );
      };
      if (isListed)
        each('observedValues', (piece, target) => piece.forEach((value, index) => (target[index] += value)));
      each('observedGrid', (piece, target) => {
        const entries = piece.length / pixels;
        indices.forEach((pixel, row) => {
          for (let channel = 0; channel < 3; channel++)
            target[3 * row + channel] += piece[entries * (pixel + 1) - 3 + channel];
        });
      });
      each('neighbours', (piece, target) =>
        neighbourPixels?.forEach((pixel, entry) => {
          for (let channel = 0; channel < 3; channel++)
            target[3 * rowOf[pixel] + channel] += piece[entry * neighbourEntries + 2 + channel];
        }),
      );
      if (estimate && pullEstimate) {
        const ofEstimate = new Float32Array(rows * pixels * 3);
        const sums = (row: number) => ofEstimate.subarray(row * pixels * 3, (row + 1) * pixels * 3);
        let row = 0;
        each('estimate', (piece) => sums(row++).set(piece));
        row = 0;
        const { level, contrast } = valuesOf;
        if (level && contrast)
          for (let at = 0; at < rows; at++) {
            const own = { level: pieceOf(level, at, rows), contrast: pieceOf(contrast, at, rows) };
            const pulled = pullBackContrast({ height, width, values: estimate }, indices, own);
            const target = sums(at);
            pulled.forEach((value, index) => (target[index] += value));
          }
        row = 0;
        each('patch', (piece) => addPatches(piece, sums(row++), { height, width, patch }));
        await pullEstimate(ofEstimate, result);
      }
      if (channels)
        for (let value = 0; value < result.length; value++)
          if (value % 3 !== channels[Math.floor(value / 3) % count]) result[value] = 0;
      return result;
    },
  };
}

/** Returns one of `count` equal pieces. */
function pieceOf(values: Float32Array, piece: number, count: number): Float32Array {
  const size = values.length / count;
  return values.subarray(piece * size, (piece + 1) * size);
}

/** Reads all parts at once, so that a card is waited for only once. */
async function readParts(gradient: ContextGradient): Promise<Partial<Record<ObservedPart, Float32Array>>> {
  const reads = observedParts.flatMap((part) => {
    const tensor = gradient[part];
    return tensor ? [tensor.data().then((values) => [part, values as Float32Array] as const)] : [];
  });
  return Object.fromEntries(await Promise.all(reads));
}

/** Returns for every pixel as a query the `count` observed pixels nearest to it, or all if there are fewer: pixels × count indices. */
export function listNeighbours({ height, width, indices }: SparseObservation, count: number): Int32Array {
  const pixels = height * width;
  const most = Math.min(count, indices.length);
  const entries = new Float32Array(pixels * most * neighbourEntries);
  // An image whose red channel holds the numbers of its pixels: float32 represents them exactly.
  const image = new Float32Array(pixels * 3);
  for (let pixel = 0; pixel < pixels; pixel++) image[3 * pixel] = pixel;
  const queries = Int32Array.from({ length: pixels }, (_, pixel) => pixel);
  writeNeighbours(entries, { observed: indices, queries }, { height, width, image, count: most });
  return Int32Array.from({ length: pixels * most }, (_, entry) => entries[entry * neighbourEntries + 2]);
}

/** Adds the gradient with respect to patches to that with respect to the estimate: the transpose of `writePatches`. */
function addPatches(
  piece: Float32Array,
  target: Float32Array,
  { height, width, patch }: { height: number; width: number; patch: number },
): void {
  const reach = (patch - 1) / 2;
  for (let pixel = 0; pixel < height * width; pixel++) {
    const [row, column] = [Math.floor(pixel / width), pixel % width];
    const [left, right] = [Math.max(0, column - reach), Math.min(width - 1, column + reach)];
    for (let y = Math.max(0, row - reach); y <= Math.min(height - 1, row + reach); y++)
      for (let x = left; x <= right; x++) {
        const near = y * width + x;
        const at = 4 * ((pixel * patch + y - row + reach) * patch + x - column + reach);
        addEntry(piece.subarray(at, at + 3), target, { near, pixel });
      }
  }
}

/** A query's own entry holds the estimate itself, all others hold differences from it. */
function addEntry(
  entry: Float32Array,
  target: Float32Array,
  { near, pixel }: { readonly near: number; readonly pixel: number },
): void {
  entry.forEach((value, channel) => {
    target[3 * near + channel] += value;
    if (near !== pixel) target[3 * pixel + channel] -= value;
  });
}

/** Returns the function that adds, for every row, the transposed classical estimate of a gradient [rows, pixels, 3] to [rows, n, 3]. */
function createEstimateAdjoint(
  method: ClassicalEstimate,
  observation: SparseObservation,
  estimate: Float32Array,
): (gradient: Float32Array, result: Float32Array) => Promise<void> {
  const { height, width, indices, channels } = observation;
  const [pixels, count] = [height * width, indices.length];
  if (pixels * count > mostSensitivityPairs)
    throw new Error(
      `An image of ${height}×${width} with ${count} observed pixels is too large for sensitivities through the classical estimate: expected at most ${mostSensitivityPairs} pairs of pixels; choose a run with smaller images.`,
    );
  const matrices = channels
    ? channelMatrices(method, { ...observation, channels })
    : [estimateMatrix(method, observation)];
  return async (gradient, result) => {
    const rows = gradient.length / (pixels * 3);
    // Where the estimate was clamped to [0, 1], it does not change with the observed values.
    const passed = gradient.map((value, index) => {
      const at = estimate[index % (pixels * 3)];
      return at > 0 && at < 1 ? value : 0;
    });
    const pulled = tf.tidy(() => {
      const byChannel = tf.transpose(tf.tensor(passed, [rows, pixels, 3]), [2, 0, 1]); // [3, rows, pixels]
      const products = matrices.map((matrix, index) => {
        const own = matrices.length === 1 ? byChannel : tf.slice(byChannel, [index, 0, 0], [1, rows, pixels]);
        return tf.matMul(tf.reshape(own, [-1, pixels]), tf.tensor(matrix, [pixels, count]));
      });
      return tf.transpose(tf.reshape(tf.concat(products), [3, rows, count]), [1, 2, 0]); // [rows, n, 3]
    });
    (await takeValues(pulled)).forEach((value, index) => (result[index] += value));
    // Observed pixels are pasted into the estimate, also those whose value is 0 or 1.
    for (let row = 0; row < rows; row++)
      indices.forEach((pixel, at) => {
        for (let channel = 0; channel < 3; channel++) {
          if (channels && channels[at] !== channel) continue;
          const from = (row * pixels + pixel) * 3 + channel;
          result[(row * count + at) * 3 + channel] += gradient[from];
        }
      });
  };
}

/** Returns the classical estimate as a matrix [pixels, n] whose rows at observed pixels are zero: three columns at a time, one a channel. */
function estimateMatrix(
  method: ClassicalEstimate,
  { height, width, indices }: SparseObservation,
): Float32Array {
  const [pixels, count] = [height * width, indices.length];
  const { unobserved, estimate } = createMaskEstimator(method, indices, { height, width });
  const matrix = new Float32Array(pixels * count);
  for (let first = 0; first < count; first += 3) {
    const units = new Float32Array(count * 3);
    const columns = Math.min(3, count - first);
    for (let column = 0; column < columns; column++) units[3 * (first + column) + column] = 1;
    const found = estimate(units);
    unobserved.forEach((pixel, row) => {
      for (let column = 0; column < columns; column++)
        matrix[pixel * count + first + column] = found[3 * row + column];
    });
  }
  return matrix;
}

/** Returns a matrix as `estimateMatrix` for each channel. */
function channelMatrices(
  method: ClassicalEstimate,
  observation: SparseObservation & { readonly channels: Uint8Array },
): Float32Array[] {
  const [pixels, count] = [observation.height * observation.width, observation.indices.length];
  return createChannelEstimators(energyOf(method), observation, observation).map(
    ({ rows, unobserved, estimate }) => {
      const matrix = new Float32Array(pixels * count);
      rows.forEach((row, column) => {
        const units = new Float32Array(rows.length);
        units[column] = 1;
        const found = estimate(units);
        unobserved.forEach((pixel, at) => (matrix[pixel * count + row] = found[at]));
      });
      return matrix;
    },
  );
}

/**
 * Returns |∂x̂₁(q)/∂o| of each row and observed pixel, rows × n: the largest change of the brightness of the query per change
 * of the observed pixel by 1 (root mean square over its observed channels). An interpolation that treats the channels alike
 * has the absolute values of its weights.
 * @param gradient rows × n × 3 numbers of `pullBack`.
 */
export function sensitivityOf(gradient: Float32Array, isSingleChannel: boolean): Float32Array {
  const scale = isSingleChannel ? 1 : Math.sqrt(3);
  return Float32Array.from({ length: gradient.length / 3 }, (_, index) => {
    const at = 3 * index;
    return scale * Math.hypot(gradient[at], gradient[at + 1], gradient[at + 2]);
  });
}
