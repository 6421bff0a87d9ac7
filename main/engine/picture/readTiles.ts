/** A field's view of a whole picture, read tile by tile and blended where tiles overlap. */

import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensors } from '../field/parameters.ts';
import { paths } from '../path/registry.ts';
import { coefficientsAt, viewField } from '../solver/fieldView.ts';
import type { Answer, Asked, Question } from '../solver/solveInTurns.ts';
import { blendTile, createBlend, finishBlend } from './blendTiles.ts';
import {
  batchesOf,
  createEncoder,
  disposeEncoded,
  type EncodedBatch,
  type FieldModel,
  type TileBatch,
} from './encodeTiles.ts';
import { cutRows, type KnownPicture } from './knownPicture.ts';
import type { Tile } from './planTiles.ts';
import type { EstimatedPicture } from './tileContext.ts';
import type { TileGroup } from './tileGroups.ts';

export interface TileReaderOptions {
  readonly groups: readonly TileGroup[];
  /** Called before some tiles are computed, `done` of `total`; what it throws ends the reading. */
  readonly turn?: (done: number, total: number) => Promise<void>;
}

export interface TileReader {
  /** One evaluation of the field at a state [1, height · width, 3] of the path from `start`, height × width × 3 values. */
  answer(question: Question, at: Asked & { start: Float32Array }): Promise<Answer>;
  /** Evaluations so far. */
  evaluations(): number;
  dispose(): void;
}

export function createTileReader(
  model: FieldModel,
  from: EstimatedPicture,
  { groups, turn }: TileReaderOptions,
): TileReader {
  const { picture } = from;
  const batches = groups.flatMap(batchesOf);
  const total = batches.reduce((sum, { tiles }) => sum + tiles.length, 0);
  const encoder = createEncoder(model, from);
  const blendAll = async (names: readonly string[], at: FieldPoint) => {
    const blend = createBlend(picture, names);
    let done = 0;
    for (const batch of batches) {
      await turn?.(done, total);
      const found = readBatch(model, encoder.encode(batch), { ...at, batch, names, picture });
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
    async answer(question, at) {
      evaluations += 1;
      const state = (await at.state.data()) as Float32Array;
      const names = answerNames[question];
      const blend = await blendAll(names, { ...at, state });
      finishBlend(blend, valuesWhereKnown(model, picture, { ...at, state, question }));
      const toTensor = (values: Float32Array) => tf.tensor(values, [1, values.length / 3, 3], 'float32');
      return Object.fromEntries(names.map((name, index) => [name, toTensor(blend.values[index])]));
    },
    evaluations: () => evaluations,
    dispose: encoder.dispose,
  };
}

/** Of what an answer consists, as a reading calls it. */
const answerNames: Readonly<Record<Question, readonly string[]>> = {
  velocity: ['velocity'],
  ends: ['data', 'start'],
};

/** Where the field is asked, the state as numbers. */
type FieldPoint = Omit<Asked, 'state'> & { readonly state: Float32Array };

/** The named numbers of every tile of a batch, one array a name. */
function readBatch(
  { field, parameters, config, run }: FieldModel,
  known: EncodedBatch,
  of: {
    batch: TileBatch;
    names: readonly string[];
    picture: KnownPicture;
  } & FieldPoint,
): Float32Array[] {
  const { batch, names, picture, state, time, step } = of;
  const [{ width, height }] = batch.padded;
  const results = tf.tidy(() => {
    const cuts = batch.padded.map((tile) =>
      tf.tensor(cutRows(state, { width: picture.width, channels: 3 }, tile), [width * height, 3], 'float32'),
    );
    const context = { estimate: known.estimate };
    const view = viewField({ field, parameters, path: config.path, context }, known.encoded, run);
    const reading = view.read(tf.stack(cuts), time, step) as unknown as NamedTensors;
    return names.map((name) => reading[name]);
  });
  // Read outside of tidy, which would look for tensors among the numbers, one by one.
  const values = results.map((tensor) => tensor.dataSync() as Float32Array);
  tf.dispose(results);
  if (!known.isKept) disposeEncoded(known);
  return values;
}

function rowOf(values: Float32Array, { width, height }: Tile, row: number): Float32Array {
  const size = width * height * 3;
  return values.subarray(row * size, (row + 1) * size);
}

/** What a known colour x₁ says without any field, of each value asked for: where no tile was computed. */
function valuesWhereKnown(
  { config }: FieldModel,
  { values }: KnownPicture,
  at: { question: Question; state: Float32Array; start: Float32Array; time: number },
): ((place: number) => number)[] {
  const { alpha, sigma, alphaRate, sigmaRate } = coefficientsAt(paths[config.path.kind], at.time);
  if (at.question === 'velocity') return [(place) => alphaRate * values[place] + sigmaRate * at.start[place]];
  return [(place) => values[place], (place) => (at.state[place] - alpha * values[place]) / sigma];
}
