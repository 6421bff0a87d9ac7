/** A network's view of a whole image, evaluated tile by tile and blended where tiles overlap. */

import { cropValues } from '../../../shared/images/crop.ts';
import * as tf from '@tensorflow/tfjs-core';
import type { RunConfig } from '../../../shared/config/config.ts';
import { contextParts } from '../context/context.ts';
import type { Encoding, Field } from '../field/field.ts';
import type { Surroundings } from '../path/affine.ts';
import { paths } from '../path/schedules.ts';
import { runEagerly, type RunFunction } from '../runFunction.ts';
import { coefficientsAt, type FieldValue, viewField } from '../solver/fieldView.ts';
import { encodeContext } from '../solver/sampleField.ts';
import type { Answers, EvaluationPoint, Question } from '../solver/solveAsync.ts';
import { listTensors, type NamedTensors, takeValues, toTensors } from '../tensors.ts';
import { type ColourBounds, keepWithin } from './colourBounds.ts';
import type { KnownImage } from './knownImage.ts';
import { blendTile, createBlend, finishBlend, type Tile, type TileGroup } from './planTiles.ts';
import { type EstimatedImage, tileContext } from './tileContext.ts';

/** A network with its weights, and how it runs. */
export interface FieldModel {
  readonly field: Field;
  readonly parameters: NamedTensors;
  readonly config: RunConfig;
  readonly run: RunFunction;
}

/** Awaited before each pass through the network, `done` of `total` tiles; throwing ends the work. */
export type TileProgress = (done: number, total: number) => Promise<void>;

export interface TileReader {
  /**
   * Evaluates the network once at a state [1, height · width, 3] of the path from `start`, height × width × 3 values; the
   * answer's tensors are [1, height · width, 3], and the caller owns them.
   */
  answer<Asked extends Question>(
    question: Asked,
    at: EvaluationPoint & { start: Float32Array },
  ): Promise<Answers[Asked]>;
  /** Returns the number of evaluations so far. */
  evaluations(): number;
  dispose(): void;
}

/** The members of a reading that answer a question. */
const answerNames: Readonly<Record<Question, readonly (keyof FieldValue)[]>> = {
  velocity: ['velocity'],
  ends: ['data', 'start'],
};

export interface TileReaderOptions {
  readonly groups: readonly TileGroup[];
  /** Predicted data are kept within these bounds. */
  readonly bounds?: ColourBounds;
  readonly onProgress?: TileProgress;
}

/** Creates a reader of an image; it keeps encoded tiles until it is disposed. */
export function createTileReader(
  model: FieldModel,
  from: EstimatedImage,
  { groups, bounds, onProgress }: TileReaderOptions,
): TileReader {
  const { image } = from;
  const batches = groups.flatMap(batchesOf);
  const total = batches.reduce((sum, { tiles }) => sum + tiles.length, 0);
  const encoder = createEncoder(model, from);
  const blendAll = async (names: readonly (keyof FieldValue)[], at: FieldPoint) => {
    const blend = createBlend(image, names.length);
    let done = 0;
    for (const batch of batches) {
      await onProgress?.(done, total);
      const found = await readBatch(model, encoder.encode(batch), { ...at, batch, names, image });
      batch.tiles.forEach((tile, row) => {
        const own = found.map((values) => rowOf(values, tile, row));
        blendTile(blend, tile, own);
      });
      done += batch.tiles.length;
    }
    return blend;
  };
  let evaluations = 0;
  return {
    async answer<Asked extends Question>(question: Asked, at: EvaluationPoint & { start: Float32Array }) {
      evaluations += 1;
      const state = (await at.state.data()) as Float32Array;
      const coefficients = coefficientsAt(paths[model.config.path.kind], at.time);
      // Where the state is the data, there is no start to change the velocity with.
      const isBounded = bounds !== undefined && coefficients.sigma > leastSigma;
      const names = answerNames[question];
      const read = isBounded ? 'ends' : question;
      const blend = await blendAll(answerNames[read], { ...at, state });
      finishBlend(blend, valuesWhereKnown(image, { ...at, state, question: read, coefficients }));
      if (isBounded) boundAnswer(blend.values, { bounds, question, state, coefficients });
      const toTensor = (values: Float32Array) => tf.tensor(values, [1, values.length / 3, 3], 'float32');
      const tensors = names.map((name, index) => [name, toTensor(blend.values[index])] as const);
      return Object.fromEntries(tensors) as Partial<FieldValue> as Answers[Asked];
    },
    evaluations: () => evaluations,
    dispose: encoder.dispose,
  };
}

/** Smallest σ at which the start is divided by it. */
const leastSigma = 1e-3;

/** Moves predicted data into the bounds; the start, or the velocity in place of the data, follows from it and the state. */
function boundAnswer(
  [data, start]: readonly Float32Array[],
  of: {
    readonly bounds: ColourBounds;
    readonly question: Question;
    readonly state: Float32Array;
    readonly coefficients: ReturnType<typeof coefficientsAt>;
  },
): void {
  const { alpha, sigma, alphaRate, sigmaRate } = of.coefficients;
  keepWithin(data, of.bounds);
  for (let index = 0; index < data.length; index++) {
    start[index] = (of.state[index] - alpha * data[index]) / sigma;
    if (of.question === 'velocity') data[index] = alphaRate * data[index] + sigmaRate * start[index];
  }
}

/** Most bytes of encoded tiles that are kept for the next evaluation; further tiles are encoded again each time. */
const mostKept = 2 ** 29;

/** Tiles of one pass through the network; `padded` repeats the last one if there are too few. */
interface TileBatch {
  readonly tiles: readonly Tile[];
  readonly padded: readonly Tile[];
  readonly observed: number;
}

function batchesOf({ tiles, together, observed }: TileGroup): TileBatch[] {
  return Array.from({ length: Math.ceil(tiles.length / together) }, (_, index) => {
    const own = tiles.slice(index * together, (index + 1) * together);
    const padded = Array.from({ length: together }, (_, row) => own[Math.min(row, own.length - 1)]);
    return { tiles: own, padded, observed };
  });
}

interface EncodedBatch {
  readonly encoded: Encoding;
  readonly surroundings: Surroundings;
  /** Whether the encoder keeps it; otherwise dispose it after use. */
  readonly isKept: boolean;
}

/** Encodes batches on request, and keeps them as far as memory allows. */
function createEncoder({ field, parameters, config, run }: FieldModel, from: EstimatedImage) {
  const kept = new Map<TileBatch, EncodedBatch>();
  let bytes = 0;
  const { list, neighbours } = contextParts(config.field, config.path);
  // A grid alone is passed through unchanged, so that nothing is worth compiling.
  const encodeWith = list || neighbours > 0 ? run : runEagerly;
  const encode = (batch: TileBatch): EncodedBatch => {
    const arrays = tileContext(config, from, { areas: batch.padded, observed: batch.observed });
    const { encoded, surroundings } = tf.tidy(() => {
      const context = toTensors(arrays);
      const { estimate, contrast } = context;
      return {
        encoded: encodeContext({ field, parameters, context }, encodeWith),
        surroundings: { ...(estimate && { estimate }), ...(contrast && { contrast }) },
      };
    });
    const size = listTensors(encoded).reduce((sum, tensor) => sum + 4 * tensor.size, 0);
    const isKept = bytes + size <= mostKept;
    if (isKept) bytes += size;
    return { encoded, surroundings, isKept };
  };
  return {
    encode(batch: TileBatch): EncodedBatch {
      const found = kept.get(batch) ?? encode(batch);
      if (found.isKept) kept.set(batch, found);
      return found;
    },
    dispose(): void {
      kept.forEach(disposeEncoded);
      kept.clear();
    },
  };
}

function disposeEncoded({ encoded, surroundings }: EncodedBatch): void {
  tf.dispose([...listTensors(encoded), ...listTensors(surroundings)]);
}

/** The point of an evaluation, with the state as numbers. */
type FieldPoint = Omit<EvaluationPoint, 'state'> & { readonly state: Float32Array };

/** Evaluates the network for a batch of tiles and returns one array for each name. */
async function readBatch(
  { field, parameters, config, run }: FieldModel,
  known: EncodedBatch,
  of: { batch: TileBatch; names: readonly (keyof FieldValue)[]; image: KnownImage } & FieldPoint,
): Promise<Float32Array[]> {
  const { batch, names, image, state, time, step } = of;
  const [{ width, height }] = batch.padded;
  const results = tf.tidy(() => {
    const states = batch.padded.map((tile) =>
      tf.tensor(cropValues(state, { width: image.width, channels: 3 }, tile), [width * height, 3], 'float32'),
    );
    const problem = { field, parameters, path: config.path, context: known.surroundings };
    const view = viewField(problem, known.encoded, run);
    const reading = view.read(tf.stack(states), time, step);
    return names.map((name) => reading[name]);
  });
  try {
    return await Promise.all(results.map(takeValues));
  } finally {
    if (!known.isKept) disposeEncoded(known);
  }
}

function rowOf(values: Float32Array, { width, height }: Tile, row: number): Float32Array {
  const size = width * height * 3;
  return values.subarray(row * size, (row + 1) * size);
}

/** Returns the values that a known colour x₁ implies without the network, for pixels that no tile covers. */
function valuesWhereKnown(
  { values }: KnownImage,
  at: {
    readonly question: Question;
    readonly state: Float32Array;
    readonly start: Float32Array;
    readonly coefficients: ReturnType<typeof coefficientsAt>;
  },
): ((position: number) => number)[] {
  const { alpha, sigma, alphaRate, sigmaRate } = at.coefficients;
  if (at.question === 'velocity') {
    return [(position) => alphaRate * values[position] + sigmaRate * at.start[position]];
  }
  return [
    (position) => values[position],
    (position) => (at.state[position] - alpha * values[position]) / sigma,
  ];
}
