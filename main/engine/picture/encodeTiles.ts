/** What a field says of tiles before the path starts: worked out once where there is memory to keep it. */

import * as tf from '@tensorflow/tfjs-core';
import type { RunConfig } from '../../../shared/config/config.ts';
import type { Field } from '../field/field.ts';
import { type NamedTensors, toTensors } from '../field/parameters.ts';
import { runEagerly, type RunFunction } from '../runFunction.ts';
import { encodeContext } from '../solver/sampleField.ts';
import { contextOf } from '../train/step.ts';
import { contextWishes } from '../train/trainingBatch.ts';
import type { Tile } from './planTiles.ts';
import { type EstimatedPicture, tileContext } from './tileContext.ts';
import type { TileGroup } from './tileGroups.ts';

/** A network with its weights, and how it is run. */
export interface FieldModel {
  readonly field: Field;
  readonly parameters: NamedTensors;
  readonly config: RunConfig;
  readonly run: RunFunction;
}

/** Bytes of encoded tiles that are kept from one evaluation to the next; others are encoded anew. */
const mostKept = 2 ** 29;

/** Tiles that go through the network at once; `padded` repeats the last one where they are too few. */
export interface TileBatch {
  readonly tiles: readonly Tile[];
  readonly padded: readonly Tile[];
  readonly observed: number;
}

export function batchesOf({ tiles, together, observed }: TileGroup): TileBatch[] {
  return Array.from({ length: Math.ceil(tiles.length / together) }, (_, index) => {
    const own = tiles.slice(index * together, (index + 1) * together);
    const padded = Array.from({ length: together }, (_, row) => own[Math.min(row, own.length - 1)]);
    return { tiles: own, padded, observed };
  });
}

export interface EncodedBatch {
  readonly encoded: NamedTensors;
  readonly estimate: tf.Tensor | undefined;
  /** Whether it is disposed of after use. */
  readonly isKept: boolean;
}

/** Encodes batches as they are asked for, and keeps them as far as memory allows. */
export function createEncoder({ field, parameters, config, run }: FieldModel, from: EstimatedPicture) {
  const kept = new Map<TileBatch, EncodedBatch>();
  let bytes = 0;
  const { list, neighbours } = contextWishes(config.field);
  // A grid alone is handed on as it is: nothing is worth compiling.
  const encodeWith = list || neighbours > 0 ? run : runEagerly;
  const encode = (batch: TileBatch): EncodedBatch => {
    const arrays = tileContext(config.field, from, { areas: batch.padded, observed: batch.observed });
    const { encoded, estimate } = tf.tidy(() => {
      const context = contextOf(toTensors(arrays));
      return {
        encoded: encodeContext({ field, parameters, context }, encodeWith),
        estimate: context.estimate,
      };
    }) as { encoded: NamedTensors; estimate?: tf.Tensor };
    const size = Object.values(encoded).reduce((sum, tensor) => sum + 4 * tensor.size, 0);
    const isKept = bytes + size <= mostKept;
    if (isKept) bytes += size;
    return { encoded, estimate, isKept };
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

export function disposeEncoded({ encoded, estimate }: EncodedBatch): void {
  tf.dispose(encoded);
  estimate?.dispose();
}
